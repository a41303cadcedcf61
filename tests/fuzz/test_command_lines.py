"""Random command lines: an answer or a message, no traceback, silent error or stray file."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import build_parser, main
from app.cli.parser import Parser
from app.cli.train import build_parser as build_train_parser
from app.cli.train import main as train_main
from tests.conftest import write_shapes
from tests.fuzz.conftest import Campaign

ROOT = Path(__file__).parents[2]
# Their work takes long, or is what other tests are about.
LEFT_OUT = ("lab", "lecture all", "data fetch", "plot augment", "sweep")
ODD = [
    "", " ", "-", "--", "-1", "0", "1", "3", "2.5", "1e308", "nan", "inf", "-inf", "99999999999999",
    "١٢", "0x10", "1_000", "None", "true", "x" * 300, "a\nb", "\x1b[31m", "\u202e", "\udcff", "é",
    "../..", "/", "/dev/null", "/proc/self/mem", "*", "[", "~", "=", "=1", "a=b", "1,2", "3x3",
    "3x3x3", "1 2; 3 4", "1 2; 3", "digits", "mnist-tiny", "mnist-convnet", "no-model",
    "image.png", "shapes", "shapes/disc", "broken.png", "empty", "best", "rotation_range=15",
    "rotation_range=", "zoom_range=[1,2", "conv_1", "Cat", "out.png", "out.gif", "out.xyz",
]  # fmt: skip


class Reached(Exception):
    """The command line was good enough to start Keras."""


def parsers(
    parser: Parser, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Parser]]:
    """Yield the words and the parser of every command."""
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        yield words, parser
    for group in groups:
        for name, command in group.choices.items():
            yield from parsers(command, (*words, name))


def values(action: argparse.Action, rng: random.Random) -> list[str]:
    """Return words for one argument: mostly of the right kind and number."""
    if action.nargs == 0:
        return []
    count = rng.choice([1, 1, 2, 3]) if action.nargs in ("+", "*") else 1
    if isinstance(action.nargs, int):
        count = action.nargs
    if rng.random() < 0.05:
        count = rng.choice([0, count + 1])
    words = []
    for _ in range(count):
        if action.choices and rng.random() < 0.7:
            words.append(str(rng.choice(list(action.choices))))
        elif action.type in (int, float) and rng.random() < 0.6:
            words.append(rng.choice(["1", "2", "3", "0", "-1", "7", "0.5"]))
        else:
            words.append(rng.choice(ODD))
    return words


def command_line(words: tuple[str, ...], parser: Parser, rng: random.Random) -> list[str]:
    """Return a random command line for a parser."""
    line = list(words)
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction) or "--data-dir" in action.option_strings:
            continue
        if not action.option_strings:
            if rng.random() < 0.95:
                line += values(action, rng)
        elif rng.random() < (0.9 if action.required else 0.12):
            flag = rng.choice(action.option_strings)
            if rng.random() < 0.05:
                flag = flag[: rng.randrange(len(flag))] + rng.choice(["", "x", "-", "_"])
            found = values(action, rng)
            line += [f"{flag}={found[0]}"] if found and rng.random() < 0.2 else [flag, *found]
    return line


@pytest.fixture
def workplace(tmp_path, monkeypatch, no_data, no_network):
    """A working folder with images, and Keras out of reach."""

    def reach():
        raise Reached

    monkeypatch.setattr("app.keras_startup.start_keras", reach)
    for name, module in list(sys.modules.items()):  # imported by other tests, with its name
        if name.startswith("app.") and hasattr(module, "start_keras"):
            monkeypatch.setattr(module, "start_keras", reach)
    place = tmp_path / "work"
    place.mkdir()
    write_shapes(place / "shapes", count=3, side=16)
    shutil.copy(ROOT / "tests" / "images" / "three.jpg", place / "image.png")
    (place / "broken.png").write_text("no image")
    (place / "empty").mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("COLUMNS", "80")
    return place


def test_random_command_lines_end_with_a_status_and_a_message(
    workplace, capsys, campaign: Campaign
):
    rng = random.Random(0)
    commands = [
        (words, parser)
        for words, parser in parsers(build_parser())
        if not " ".join(words).startswith(LEFT_OUT)
    ]
    before = sorted(workplace.rglob("*"))
    for _ in range(campaign.count):
        train = rng.random() < 0.3
        words, parser = ((), build_train_parser()) if train else rng.choice(commands)
        line = command_line(words, parser, rng)
        try:
            status = (train_main if train else main)(line)
        except SystemExit as error:
            status = error.code
        except Reached:
            status = None
        out, err = capsys.readouterr()
        assert status in (0, 1, 2, None), line
        assert "Traceback" not in err, line
        assert "\x1b" not in out + err, line
        assert "\u202e" not in out + err, line
        if status in (1, 2):
            assert err.strip(), line
        after = sorted(workplace.rglob("*"))
        if after != before:
            assert status == 0, line
            assert "wrote " in err, line
            for path in set(after) - set(before):
                path.unlink()
        campaign.note({0: "done", None: "reached Keras"}.get(status, f"refused with {status}"))
