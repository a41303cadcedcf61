"""What a newcomer would paste from the README is real."""

import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from app.augmentation.parsing import parse_augmentation
from app.cli import build_parser
from app.cli.train import build_parser as build_train_parser
from app.config import RunSettings, settings
from app.setting import flag
from app.training.recipes import resolve

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(?:sh|bash)\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [
    part.strip()
    for block in BLOCKS
    for line in block.replace("\\\n", " ").splitlines()
    for part in re.split(r"&&|\|", line.split("  #")[0])
    if part.strip()
]


def arguments(command: str) -> list[str]:
    words = shlex.split(command)
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words.pop(0)
    return words


@pytest.mark.parametrize("command", [c for c in COMMANDS if " train.py" in f" {c}"])
def test_train_commands_are_valid(command):
    words = arguments(command)
    parsed = build_train_parser().parse_args(words[words.index("train.py") + 1 :])
    config = resolve(RunSettings(**{s.name: getattr(parsed, s.name) for s in settings()}))
    assert config.epochs >= 1
    if not config.augment.endswith(".json"):
        parse_augmentation(config.augment)


IN_LINE = re.findall(r"`(python -m app [^`]*)`", README)


@pytest.mark.parametrize("command", IN_LINE)
def test_commands_inside_lines_run(command, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    words = arguments(command)
    parsed = build_parser().parse_args(words[words.index("app") + 1 :])
    assert parsed.run(parsed) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("command", [c for c in COMMANDS if "-m app" in c])
def test_app_commands_are_valid(command):
    words = arguments(command)
    assert build_parser().parse_args(words[words.index("app") + 1 :]).run


# A minute or more each, a server that waits, a download, or images that only some machines have.
LONG = re.compile(
    r"app (lab|report|sweep|lecture all|serve|evaluate|compare|data (fetch|check catsdogs))"
    r"|export \S+ --format|patterns|embedding|sanity|mnist -o"
    r"|predict catsdogs-best photos|--labels|pets"  # one after the other: `tests/cli/test_story.py`
)
QUICK = [c for c in COMMANDS if "-m app" in c and not LONG.search(c)]


@pytest.mark.filterwarnings("ignore::app.errors.AppWarning")  # shown to the reader
@pytest.mark.parametrize("command", QUICK)
def test_quick_commands_run_as_pasted(command, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(ROOT)
    # A hundred drawings instead of five thousand, which take half a minute.
    few = {"train": (0, 20), "validation": (20, 30), "test": (30, 50)}
    monkeypatch.setattr("app.data.drawn.cache.RANGES", few)
    words = arguments(command)
    words = words[words.index("app") + 1 :]
    target = None
    if "-o" in words:
        target = tmp_path / words[words.index("-o") + 1]
        words[words.index("-o") + 1] = str(target)
    if "-" in words:  # what the command before the pipe reads
        image = (ROOT / "datasets" / "examples" / "digits" / "3.jpg").read_bytes()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(image)))
    parsed = build_parser().parse_args(words)
    assert parsed.run(parsed) == 0
    if target is None:
        assert capsys.readouterr().out
    else:
        assert target.stat().st_size > 10_000


def test_files_named_in_commands_exist():
    named = {word for c in COMMANDS for word in arguments(c) if "datasets/examples" in word}
    assert named
    for word in named:
        assert list(ROOT.glob(word)), word


PYTHON = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("example", PYTHON)
def test_python_examples_run(example, monkeypatch, tmp_path):
    for name in ("datasets", "saved_models"):
        (tmp_path / name).mkdir()
    (tmp_path / "datasets" / "examples").symlink_to(ROOT / "datasets" / "examples")
    for model in ("catsdogs-best", "mnist-convnet"):
        (tmp_path / "saved_models" / model).symlink_to(ROOT / "saved_models" / model)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(example, names)
    if "heat" in names:
        assert names["heat"].shape == (28, 28)
        assert names["prediction"].label == "cat"
    if "old" in names:
        assert names["old"].count_params() > 0
        assert names["residual"] < 1e-6


def test_the_two_commands_that_do_everything():
    assert "pip install -e . && python train.py" in README
    assert "pip install -e '.[test]' && pytest" in README


def test_links_and_pictures_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_every_flag_of_train_is_explained_by_help():
    text = build_train_parser().format_help()
    assert all(flag(setting.name) in text for setting in settings())
