"""Names of files, classes and models never control a terminal, and CSV stays CSV."""

import csv
import io
import json
import shutil
import sys
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from app.cli import main
from app.cli.tables import print_csv, print_json, print_table
from app.files import printable
from tests.conftest import write_shapes

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such names of files there")
NAMES = [
    "a\nerror: b.png", "\x1b[31mred.png", "cr\rover.png", "tab\there.png", "bell\x07.png",
    "\x9b2Jcsi.png", "rtl\u202egnp.png", 'quote",;.png', "=cmd|x.png", "line\u2028.png",
]  # fmt: skip


def controls(text):
    """The characters in it, except line ends, that a terminal obeys."""
    unsafe = {c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
    return (unsafe | (set(text) & {"\u202e"})) - {"\n"}


@pytest.fixture
def digits(tmp_path):
    folder = tmp_path / "digits"
    folder.mkdir()
    for name in NAMES:
        shutil.copy(ROOT / "tests" / "images" / "three.jpg", folder / name)
    (folder / "bad\n\x1b[2J.png").write_text("no image")
    return folder


@pytest.fixture
def run(capsys):
    def call(*arguments):
        capsys.readouterr()
        status = main([*map(str, arguments)])
        out, err = capsys.readouterr()
        assert not controls(out)
        assert not controls(err)
        return status, out, err

    return call


def test_predict_prints_odd_names_on_one_line_each(run, digits):
    status, out, err = run("predict", "mnist-convnet", digits)
    assert status == 1
    assert len(err.splitlines()) == 1
    assert r"bad\n\x1b[2J.png" in err
    assert sum("%" in line for line in out.splitlines()) >= len(NAMES)


def test_predict_csv_of_odd_names_reads_back(run, digits):
    _, out, _ = run("predict", "mnist-convnet", digits, "--csv")
    rows = list(csv.reader(io.StringIO(out)))
    assert len({len(row) for row in rows}) == 1
    found = {row[0] for row in rows[1:]}
    assert found >= {printable(str(digits / name)) for name in NAMES}


def test_predict_json_of_odd_names_reads_back(run, digits):
    _, out, _ = run("predict", "mnist-convnet", digits, "--json")
    assert {entry["image"] for entry in json.loads(out)} >= {str(digits / name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_messages_with_odd_names_are_of_one_line_each(run, name):
    for command in (
        ["predict", name, "x.png"],
        ["predict", "mnist-convnet", f"no-{name}"],
        ["data", "info", f"no-{name}"],
        ["models", "--output", f"no-{name}"],
        ["plot", "filters", "mnist-convnet", "-o", f"{name}.bmp"],
    ):
        status, out, err = run(*command)
        assert status in (1, 2)
        assert out == ""
        assert 1 <= len(err.splitlines()) <= 3


def test_models_with_odd_cards_are_listed(run, tmp_path):
    shutil.copytree(ROOT / "saved_models" / "mnist-tiny", tmp_path / "m\x1b[31m\n")
    card = tmp_path / "m\x1b[31m\n" / "card.json"
    content = json.loads(card.read_text("utf-8"))
    content["dataset"] = "\x1b]0;title\x07\n"
    content["class_names"] = [f"\x1b[{k}m\u202e" for k in range(10)]
    card.write_text(json.dumps(content), "utf-8")
    assert run("models", "--output", tmp_path, "--commands")[0] == 0
    _, out, _ = run("models", "--output", tmp_path, "--json")
    assert json.loads(out)[0]["class_names"] == content["class_names"]
    image = ROOT / "tests" / "images" / "three.jpg"
    for flag in ([], ["--json"], ["--csv"]):
        run("predict", tmp_path / "m\x1b[31m\n", image, *flag)


def test_data_with_odd_names_is_described_and_checked(run, tmp_path):
    root = write_shapes(tmp_path / "shapes", count=4)
    (root / "disc").rename(root / "d\x1b[31misc")
    (root / "down" / "0.png").rename(root / "down" / "0\n\u202e.png")
    (root / "down" / "1.png").write_text("no image")
    drawn = tmp_path / "sheet.png"
    assert run("data", "info", root, "-o", drawn)[0] == 0
    assert run("data", "check", root)[0] == 0
    with Image.open(drawn) as picture:
        assert picture.width == 1200


def test_print_table_shows_names_as_they_are(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    print_table(["name"], [[":dog: [red]x[/red] \x1b[31m"]], title="t\n\x1b")
    out = capsys.readouterr().out
    assert r":dog: [red]x[/red] \x1b[31m" in out
    assert not controls(out)


@pytest.mark.parametrize("columns", [60, 80])
def test_print_table_breaks_no_word_that_fits(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    names = ["catsdogs-lecture-augmented", "parts-modern-2", "a-model-with-a-very-long-name-12345"]
    rows = [[name, "catsdogs (stand-in)", "97.40%", "2026-11-26"] for name in names]
    print_table(["model", "dataset", "test", "date"], rows, optional=("date", "dataset"))
    out = capsys.readouterr().out
    assert all(name in out for name in names)
    assert out.count("97.40%") == 3
    assert max(map(len, out.splitlines())) <= columns


def test_print_json_and_csv_escape_what_terminals_obey(capsys):
    value = {"a\x9b": ["\u202e\x7f", "é", "\udcff", 1.5]}
    print_json(value)
    out = capsys.readouterr().out
    assert not controls(out)
    assert json.loads(out) == value
    print_csv(["a\r"], [["b\r\nc", 1], ['d"', 2.5]])
    out = capsys.readouterr().out
    assert list(csv.reader(io.StringIO(out))) == [[r"a\r"], [r"b\r\nc", "1"], ['d"', "2.5"]]


def test_models_at_60_columns_keeps_names_whole(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["models"]) == 0
    out = capsys.readouterr().out
    assert "catsdogs-lecture" in out
    assert max(map(len, out.splitlines())) <= 60
