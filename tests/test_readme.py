"""What a newcomer would paste from the README is real."""

import io
import re
import shlex
import warnings
from pathlib import Path
from typing import Any

import pytest

from app.augmentation.parsing import parse_augmentation
from app.cli import build_parser
from app.cli.train import build_parser as build_train_parser
from app.config import RunConfig, settings
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
    config = resolve(RunConfig(**{s.name: getattr(parsed, s.name) for s in settings()}))
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


@pytest.mark.parametrize(
    "command",
    [c for c in COMMANDS if re.search(r"-m app (predict|models|data info (digits|drawn))", c)],
)
def test_commands_that_need_no_data_run(command, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(ROOT)
    # A hundred drawings instead of five thousand, which take half a minute.
    few = {"train": (0, 20), "validation": (20, 30), "test": (30, 50)}
    monkeypatch.setattr("app.data.datasets._DRAWN_RANGES", few)
    words = arguments(command)
    words = words[words.index("app") + 1 :]
    if "-o" in words:
        words[words.index("-o") + 1] = str(tmp_path / Path(words[words.index("-o") + 1]).name)
    if "-" in words:
        image = (ROOT / "tests" / "images" / "three.jpg").read_bytes()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(image)))
    parsed = build_parser().parse_args(words)
    if "photos" in command:
        pytest.skip("names the reader's own images")
    assert parsed.run(parsed) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [c for c in COMMANDS if re.search(r"-m app plot (architecture|filters|.*three\.jpg)", c)],
)
def test_pictures_that_need_no_data_are_drawn(command, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    words = arguments(command)[arguments(command).index("app") + 1 :]
    target = words[words.index("-o") + 1] = str(tmp_path / words[words.index("-o") + 1])
    parsed = build_parser().parse_args(words)
    assert parsed.run(parsed) == 0
    assert Path(target).stat().st_size > 10_000


def test_the_example_of_insight_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    (example,) = re.findall(r"```python\n(from app.insight.*?)```", README, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    assert names["heat"].shape == (28, 28)
    assert names["figure"].axes


def test_the_example_of_unshared_weights_runs(tmp_path, monkeypatch):
    import tf_keras

    (example,) = re.findall(r"```python\n(import keras.*?)```", README, flags=re.DOTALL)
    layers = tf_keras.layers
    layer = layers.LocallyConnected2D(2, 3, implementation=2)
    old = tf_keras.Sequential([layers.Input((8, 8, 1)), layer, layers.Flatten(), layers.Dense(2)])
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tf_keras advises against its own format
        old.save("old.h5")
    names: dict[str, Any] = {}
    exec(example, names)
    assert names["old"].output_shape == (None, 2)
    assert names["residual"] < 1e-6
    assert names["model"].output_shape == (None, 10)


def test_the_two_commands_that_do_everything():
    assert "pip install -e . && python train.py" in README
    assert "pip install -e '.[test]' && pytest" in README


def test_links_and_pictures_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_every_flag_of_train_is_explained_by_help():
    text = build_train_parser().format_help()
    assert all(f"--{setting.name.replace('_', '-')}" in text for setting in settings())
