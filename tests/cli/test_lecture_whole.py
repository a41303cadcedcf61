"""`lecture all`: every slide is there, its commands are valid, and the document holds them."""

import html
import os
import re
import shlex
from pathlib import Path

import pytest

from app.cli import build_parser, main
from app.cli.lecture import whole
from app.cli.lecture.slides import SLIDES, Demonstration, Slide
from app.lab.shipped import shipped_result
from tests.conftest import missing

TABLE = (Path(__file__).parents[2] / "app" / "lecture" / "README.md").read_text("utf-8")
SHOWN = [one for slide in SLIDES for one in slide.shown_by]


@pytest.mark.parametrize("one", SHOWN, ids=lambda one: one.command)
def test_commands_are_valid(one):
    words = shlex.split(one.command)
    assert build_parser().parse_args(words).run
    if "-o" in words:
        target = words[words.index("-o") + 1]
        folder = words[0] == "lab"
        assert all(p.startswith(f"{target}/") if folder else p == target for p in one.pictures)


def test_the_table_of_slides_is_complete():
    rows = [line.split("|")[1:4] for line in TABLE.splitlines() if line.startswith("| ")][1:]
    commands = {command for row in rows for command in re.findall("`([^`]+)`", row[1])}
    assert commands == {one.command for one in SHOWN}
    titles = {row[0].strip() for row in rows}
    assert {slide.title for slide in SLIDES} <= titles
    assert all(row[2].strip() for row in rows)


def test_no_picture_is_drawn_twice():
    pictures = [picture for one in SHOWN for picture in one.pictures]
    assert len(set(pictures)) == len(pictures)
    assert len({one.command for one in SHOWN}) == len(SHOWN)


def test_no_slide_is_left_out():
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


def test_the_document_holds_commands_outputs_and_pictures(
    tmp_path, monkeypatch, no_data, no_network
):
    slides = (
        Slide("Quiz", "Both answers.", (Demonstration("lecture output-size 5 3 2 1"),)),
        Slide("Demo", "", (
            Demonstration("lecture demo -o lecture/demo.gif", ("lecture/demo.gif",)),
        )),
        Slide("Pooling layer", "", (
            Demonstration("lecture pooling PHOTO -o lecture/pooling.png", ("lecture/pooling.png",)),
        )),
        Slide("Broken", "", (Demonstration("lecture receptive-field no-such-model"),)),
        Slide("Invariance", "", (
            Demonstration(
                "lab invariance mnist-tiny -o lecture/lab", ("lecture/lab/invariance.png",)
            ),
        )),
    )  # fmt: skip
    monkeypatch.setattr(whole, "SLIDES", slides)
    monkeypatch.setattr("app.data.drawn.cache.RANGES", {
        "train": (0, 2), "validation": (2, 4), "test": (4, 6),
    })  # fmt: skip
    folder = tmp_path / "document"
    assert main(["lecture", "all", "-o", str(folder), "--quick"]) == 0
    text = (folder / "index.html").read_text("utf-8")
    assert "python -m app lecture output-size 5 3 2 1" in text
    assert "(5 − 3 + 2·1) / 2 + 1 = 3" in text
    assert text.count("data:image/gif;base64,") == 1
    assert text.count("data:image/png;base64,") == 2
    assert "Left out: The model &#39;no-such-model&#39; does not exist." in text
    flat = " ".join(text.split())
    assert "Written with --quick" in flat.split("<nav")[0]
    assert (
        f"python -m app lab invariance mnist-tiny -o {folder}/lab --quick --dataset digits" in text
    )
    assert "No full result comes with the program. Demonstration run, not a result:" in flat
    assert "No finding: this was a demonstration run (--quick)" in flat
    assert "accuracy are" not in flat
    for slide in slides:
        assert f">{slide.title}</h2>" in text
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", text)
    ran, carry_out = [], whole._carry_out

    def spy(one, *others):
        ran.append(one.command)
        return carry_out(one, *others)

    monkeypatch.setattr(whole, "_carry_out", spy)
    assert main(["lecture", "all", "-o", str(folder), "--quick"]) == 0
    assert ran == ["lecture receptive-field no-such-model"]  # what failed is tried again
    assert (folder / "index.html").read_text("utf-8") == text
    (folder / "demo.gif").unlink()
    assert main(["lecture", "all", "-o", str(folder), "--quick"]) == 0
    assert (folder / "demo.gif").exists()


def test_a_demonstration_stands_below_the_shipped_full_result(
    tmp_path, monkeypatch, no_data, no_network
):
    command = "lab locality -o lecture/lab"
    slide = Slide("Locality", "", (Demonstration(command, ("lecture/lab/locality.png",)),))
    monkeypatch.setattr(whole, "SLIDES", (slide,))
    folder = tmp_path / "document"
    assert main(["lecture", "all", "-o", str(folder), "--quick"]) == 0
    text = " ".join((folder / "index.html").read_text("utf-8").split())
    full, demonstration = text.split("Demonstration run, not a result:")
    assert "Full result (2026-" in full
    assert f"python -m app {command}<" in full
    assert html.escape(shipped_result(command).finding) in full
    assert full.count("data:image/webp;base64,") == 1
    assert f"python -m app lab locality -o {folder}/lab --quick<" in demonstration
    assert "No finding: this was a demonstration run" in demonstration
    assert demonstration.count("data:image/png;base64,") == 1


def test_a_file_is_no_folder(tmp_path, capsys):
    target = tmp_path / "x"
    target.write_text("x")
    assert main(["lecture", "all", "-o", str(target)]) == 2
    assert "is a file" in capsys.readouterr().err
