"""All commands: help, errors and exit status."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import build_parser
from app.cli.train import build_parser as build_train_parser

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["predict", "no-model", "x.png"], "does not exist"),
        (["predict", "{model}", "{empty}"], "holds no image"),
        (["predict", "{model}", "{empty}/*.png"], "No file matches"),
        (["predict", "{model}", "x.png", "--top", "0"], "--top is 0"),
        (["predict", "{data}/disc/0.png", "x.png"], "file of another kind"),
        (["evaluate", "{model}", "--dataset", "{empty}"], "no class folders"),
        (["evaluate", "{model}", "--dataset", "digits"], "the model knows"),
        (["evaluate", "{model}", "-o", "{data}/disc/0.png"], "is a file"),
        (["models", "--output", "{empty}/none"], "There is no folder"),
        (["data", "info", "nowhere"], "neither a dataset nor a folder"),
        (["data", "check", "{data}/disc/0.png"], "is a file"),
        (["data", "fetch", "digits"], "has no download"),
        (["data", "info", "{data}", "-o", "sheet.txt"], "files .txt are not written"),
    ],
)
def test_user_errors_exit_2_without_a_traceback(run, shapes_model, tmp_path, arguments, text):
    folder, data = shapes_model
    (tmp_path / "empty").mkdir()
    places = {"model": folder, "data": data, "empty": tmp_path / "empty"}
    status, out, err = run(*(a.format(**places) for a in arguments))
    assert status == 2
    assert text in err
    assert out == ""
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["predict"],
        ["data"],
        ["evaluate", "m", "--split", "x"],
        ["predict", "m", "i", "--t", "3"],
        ["plot", "filters", "m", "-o=--"],
    ],
)
def test_wrong_usage_exits_2(run, arguments):
    status, _, err = run(*arguments)
    assert status == 2
    assert "usage:" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "m", "i", "--unknown-below", "56%"], "Expected a number such as 0.56."),
        (["evaluate", "m", "--coverage", "0,9"], "'0,9' is not a number."),
        (["predict", "m", "i", "--top", "many"], "'many' is not a whole number."),
        (["plot", "augment", "mnist", "-o", "x.png", "--seed", "x"], "Expected a whole number."),
    ],
)
def test_a_flag_that_is_no_number_says_what_is_expected(run, arguments, message):
    status, _, err = run(*arguments)
    assert status == 2
    assert message in " ".join(err.split())


def test_a_full_disk_behind_standard_output_exits_1():
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "app", "models"],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_the_fix_of_an_error_is_a_command_that_works(run, shapes, tmp_path):
    shapes = shapes.rename(tmp_path / "my shapes")
    for path in shapes.rglob("*.png"):
        path.write_text("no image")
    status, _, err = run("data", "info", shapes, "-o", tmp_path / "sheet.png")
    assert status == 2
    assert f"python -m app data check '{shapes}'" in err


def _helps(parser):
    """Yield the help texts of a parser and of all commands below it."""
    yield parser.format_help()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _helps(command)


def test_every_help_fits_80_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    helps = [*_helps(build_parser()), *_helps(build_train_parser())]
    assert len(helps) > 30
    assert [line for text in helps for line in text.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize(
    "command",
    [
        ["train.py"], ["-m", "app"], ["-m", "app", "predict"], ["-m", "app", "evaluate"],
        ["-m", "app", "models"], ["-m", "app", "data"], ["-m", "app", "data", "check"],
    ],
)  # fmt: skip
def test_help_imports_nothing_heavy_and_fits_80_columns(command):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command, "--help"],
        capture_output=True, text=True, cwd=ROOT, check=False, env={"COLUMNS": "80", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0
    assert "usage:" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "app.cli.command" in imported
    assert not imported & {
        "keras",
        "tensorflow",
        "jax",
        "numpy",
        "matplotlib",
        "PIL",
        "cv2",
        "rich",
    }
