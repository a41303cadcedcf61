"""`lecture all`: every slide is there, its commands are valid, and the document holds them."""

import html
import os
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli import build_parser, main
from app.cli.lecture import document
from app.cli.lecture.document import Document
from app.errors import AppError
from app.lab.shipped import shipped_result
from app.lecture.slides import SLIDES
from app.lecture.slides.slide import Example, Slide
from app.lecture.slides.terms import TERMS
from tests.conftest import missing

README = (Path(__file__).parents[2] / "app" / "lecture" / "README.md").read_text("utf-8")
TABLE = README.partition("## Processor times")[0]
EXAMPLES = [example for slide in SLIDES for example in slide.examples]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.command)
def test_slides_commands_can_be_parsed(example):
    words = shlex.split(example.command)
    assert build_parser().parse_args(words).run
    if "-o" in words:
        target = words[words.index("-o") + 1]
        folder = words[0] == "lab"
        assert all(p.startswith(f"{target}/") if folder else p == target for p in example.figures)


def test_readme_lists_every_slide_and_command():
    rows = [line.split("|")[1:4] for line in TABLE.splitlines() if line.startswith("| ")][1:]
    commands = {command for row in rows for command in re.findall("`([^`]+)`", row[1])}
    assert commands == {example.command for example in EXAMPLES}
    titles = {row[0].strip() for row in rows}
    assert {slide.title for slide in SLIDES} <= titles
    assert all(row[2].strip() for row in rows)


def test_slides_name_each_figure_and_command_once():
    figures = [figure for example in EXAMPLES for figure in example.figures]
    assert len(set(figures)) == len(figures)
    assert len({example.command for example in EXAMPLES}) == len(EXAMPLES)


def test_slides_leave_out_none_of_the_lecture():
    """Against the lecture itself, wherever it lies beside the data."""
    lecture = Path(os.environ.get("CONVLAB_DATA", ".")).resolve().parent / "lecture.md"
    if not lecture.exists():
        missing("the lecture beside the data")
    headings = re.findall(r"^#+ +(.+)$", lecture.read_text("utf-8"), re.MULTILINE)
    plain = {_plain(heading) for heading in headings}
    known = {_plain(slide.title) for slide in SLIDES}
    # The title page, and headings within slides that are shown as one.
    within = {"deep learning computer vision", "definition convolution of vectors", "example",
              "to avoid"}  # fmt: skip
    assert plain - known - within == set()


def _plain(heading):
    return re.sub(r"[^a-z0-9 /]+", "", heading.lower().replace("openal", "openai")).strip()


SLIDES_OF_ALL_KINDS = (
    Slide("Quiz", "Both answers.", (Example("lecture output-size 5 3 2 1"),)),
    Slide("Demo", "", (Example("lecture demo -o lecture/demo.gif", ("lecture/demo.gif",)),)),
    Slide("Pooling layer", "", (
        Example("lecture pooling PHOTO -o lecture/pooling.png", ("lecture/pooling.png",)),
    )),
    Slide("Broken", "", (Example("lecture receptive-field no-such-model"),)),
    Slide("Invariance", "", (
        Example("lab invariance mnist-tiny -o lecture/lab", ("lecture/lab/invariance.png",)),
    )),
)  # fmt: skip
PNG = bytes.fromhex("89504e470d0a1a0a")


class Program:
    """Runs a command as a program would: prints a line, writes the figures of its example."""

    def __init__(self, folder: Path, slides: tuple[Slide, ...]):
        self.folder, self.commands = folder, []
        self.figures = {
            example.command.split(" -o ")[0].replace("PHOTO", str(folder / "photo.png")):
            example.figures
            for slide in slides
            for example in slide.examples
        }  # fmt: skip

    def __call__(self, words) -> None:
        command = shlex.join(words)
        self.commands.append(command)
        if "no-such-model" in words:
            raise AppError("The model 'no-such-model' does not exist.")
        print(f"output of {command}")
        for figure in self.figures[command.split(" -o ")[0]]:
            target = self.folder / Path(figure).relative_to("lecture")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(PNG)


def write(folder: Path, slides, **options) -> tuple[str, list[str]]:
    """Write a document with `Program`; return its text and the commands that were run."""
    program = Program(folder, slides)
    defaults = {"data_dir": Path("data"), "quick": True, "substitutes": {"mnist": "digits"}}
    Document(folder, **{**defaults, **options}, execute=program).write(slides)
    return (folder / "index.html").read_text("utf-8"), program.commands


def test_document_holds_commands_outputs_and_figures(tmp_path):
    folder = tmp_path / "document"
    text, _ = write(folder, SLIDES_OF_ALL_KINDS)
    assert "output of lecture output-size 5 3 2 1" in text
    assert text.count("data:image/gif;base64,") == 1
    assert text.count("data:image/png;base64,") == 2
    assert "Left out: The model &#39;no-such-model&#39; does not exist." in text
    for slide in SLIDES_OF_ALL_KINDS:
        assert f">{slide.title}</h2>" in text
    assert text.rindex(">Terms</h2>") > text.index(">Invariance</h2>")
    assert all(f'<th scope="row">{html.escape(term)}</th>' in text for term, _ in TERMS)
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", text)


def test_document_shows_the_parts_of_a_lesson_around_the_commands(tmp_path):
    lesson = replace(
        SLIDES_OF_ALL_KINDS[0], formula="a < b\nc", predict="Guess `x`.", see="A size.",
        question="Which?", answer="`3`, as computed.",
    )  # fmt: skip
    text, _ = write(tmp_path / "document", (lesson,))
    flat = " ".join(text.split())
    parts = [
        "Both answers.", '<pre class="formula" tabindex="0">a &lt; b c</pre>',
        "<strong>Predict.</strong> Guess <code>x</code>.", "output of lecture output-size",
        "<strong>What to see.</strong> A size.", "<strong>Question.</strong> Which?",
        "<summary>Answer</summary><p><code>3</code>, as computed.</p>",
    ]  # fmt: skip
    places = [flat.index(part) for part in parts]
    assert places == sorted(places)
    assert "Predict." not in write(tmp_path / "bare", SLIDES_OF_ALL_KINDS[:1])[0]


def test_document_with_quick_marks_demonstrations_and_names_the_substitute(tmp_path):
    folder = tmp_path / "document"
    text, commands = write(folder, SLIDES_OF_ALL_KINDS)
    flat = " ".join(text.split())
    assert "Written with --quick" in flat.split("<nav")[0]
    shown = f"lab invariance mnist-tiny -o {folder}/lab --quick --dataset digits"
    assert f"python -m app {shown}" in text
    assert f"{shown} --data-dir data" in commands
    assert "No full result comes with the program. Demonstration run, not a result:" in flat


def test_document_without_quick_shows_results(tmp_path):
    folder = tmp_path / "document"
    text, commands = write(folder, SLIDES_OF_ALL_KINDS, quick=False, substitutes={})
    assert "Demonstration" not in text
    assert "Written with --quick" not in text
    assert f"lab invariance mnist-tiny -o {folder}/lab --data-dir data" in commands


def test_document_repeated_runs_only_what_failed_or_lacks_its_figure(tmp_path):
    folder = tmp_path / "document"
    text, commands = write(folder, SLIDES_OF_ALL_KINDS)
    assert len(commands) == 5
    assert write(folder, SLIDES_OF_ALL_KINDS) == (
        text, ["lecture receptive-field no-such-model"]
    )  # fmt: skip
    (folder / "demo.gif").unlink()
    assert f"lecture demo -o {folder}/demo.gif" in write(folder, SLIDES_OF_ALL_KINDS)[1]


def test_document_with_quick_shows_the_shipped_result_above_the_demonstration(tmp_path):
    command = "lab locality -o lecture/lab"
    slide = Slide("Locality", "", (Example(command, ("lecture/lab/locality.png",), "Shuffled."),))
    folder = tmp_path / "document"
    text = " ".join(write(folder, (slide,), substitutes={})[0].split())
    full, demonstration = text.split("<summary>Demonstration run, not a result:</summary>")
    assert '<p class="about">Shuffled.</p>' in full
    assert "Full result (2026-" in full
    assert f"python -m app {command}<" in full
    assert html.escape(shipped_result(command).finding) in full
    assert full.count("data:image/webp;base64,") == 1
    assert f"python -m app lab locality -o {folder}/lab --quick<" in demonstration
    assert demonstration.count("data:image/png;base64,") == 1


@pytest.mark.parametrize("quick", [True, False])
def test_document_shows_the_shipped_result_above_a_run_that_failed(tmp_path, quick):
    command = "lab locality -o lecture/lab"
    slides = (Slide("Locality", "", (Example(command, ("lecture/lab/locality.png",)),)),)

    def fails(words):
        raise AppError("No digits here.")

    document = Document(tmp_path, Path("data"), quick, {}, fails)
    document.write(slides)
    text = " ".join((tmp_path / "index.html").read_text("utf-8").split())
    full, failed = text.split("This run was left out:")
    assert html.escape(shipped_result(command).finding) in full
    assert "Left out: No digits here." in failed
    assert "Demonstration run" not in text.split("<main>")[1]


def test_lecture_all_runs_the_commands_and_provides_images(
    tmp_path, monkeypatch, no_data, no_network
):
    slides = SLIDES_OF_ALL_KINDS[0], SLIDES_OF_ALL_KINDS[2]
    monkeypatch.setattr(document, "SLIDES", slides)
    monkeypatch.setattr("app.data.drawn.cache.RANGES", {
        "train": (0, 2), "validation": (2, 4), "test": (4, 6),
    })  # fmt: skip
    folder = tmp_path / "document"
    assert main(["lecture", "all", "-o", str(folder), "--quick"]) == 0
    text = (folder / "index.html").read_text("utf-8")
    assert "python -m app lecture output-size 5 3 2 1" in text
    assert "⌊(5 − 3 + 2·1) / 2⌋ + 1 = 3" in text
    assert f"python -m app lecture pooling {folder}/photo.png" in text
    assert text.count("data:image/png;base64,") == 1


def test_lecture_all_refuses_a_file_as_folder(tmp_path, capsys):
    target = tmp_path / "x"
    target.write_text("x")
    assert main(["lecture", "all", "-o", str(target)]) == 2
    assert "is a file" in capsys.readouterr().err
