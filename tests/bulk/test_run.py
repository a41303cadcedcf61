"""`predict -o`: the rows of `predict --csv`, whatever happened while they were written."""

import csv
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.data.folder import load_folder
from app.data.shards.packing import pack

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "bulk" / "interrupted.py"
pytestmark = pytest.mark.slow


@pytest.fixture
def run(capsys, monkeypatch):
    from app.cli import main

    monkeypatch.setattr("app.bulk.run.PIECE", 32)

    def call(*arguments):
        capsys.readouterr()
        status = main([*map(str, arguments)])
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def images(shapes_model, tmp_path):
    """A folder of 74 images, one of which is damaged and one in no format that is read."""
    folder = tmp_path / "images"
    for copy in ("a", "b"):
        shutil.copytree(shapes_model[1], folder / copy)
    (folder / "a" / "disc" / "5.png").write_text("damaged")
    (folder / "photo.heic").write_bytes(b"heic")
    return folder


def read_parquet(path):
    parquet = pytest.importorskip("pyarrow.parquet")
    return parquet.ParquetFile(path).read()


@pytest.mark.parametrize("processes", [1, 2])
def test_predict_into_csv_is_what_predict_prints(run, shapes_model, images, tmp_path, processes):
    target = tmp_path / "out" / "results.csv"
    status, out, err = run(
        "predict", shapes_model[0], images, "-o", target, "--processes", processes
    )
    assert status == 1
    assert out == f"wrote {target}: 73 images\n"
    assert "2 of 73 images could not be used" in err
    assert target.read_text("utf-8") == run("predict", shapes_model[0], images, "--csv")[1]
    assert list(target.parent.iterdir()) == [target]


def test_predict_into_parquet_has_types_and_nulls(run, shapes_model, images, tmp_path):
    target = tmp_path / "results.parquet"
    columns = "image,class=label,index,p=probability,disc,error"
    assert run("predict", shapes_model[0], images, "-o", target, "--columns", columns)[0] == 1
    table = read_parquet(target)
    text = run("predict", shapes_model[0], images, "--columns", columns)[1]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [str(field.type) for field in table.schema] == [
        "string", "string", "int64", "double", "double", "string",
    ]  # fmt: skip
    expected = [
        {
            **row,
            "index": int(row["index"]) if row["index"] else None,
            "p": float(row["p"]) if row["p"] else None,
            "disc": float(row["disc"]) if row["disc"] else None,
        }
        for row in rows
    ]
    assert table.to_pylist() == expected
    assert sum(row["p"] is None for row in expected) == 2


def test_predict_into_reads_shards(run, shapes_model, images, tmp_path):
    pack(load_folder(shapes_model[1]), tmp_path / "shards")
    target = tmp_path / "results.csv"
    status, _, err = run("predict", shapes_model[0], tmp_path / "shards", "-o", target)
    assert (status, err) == (0, "")
    text = target.read_text("utf-8")
    assert text == run("predict", shapes_model[0], tmp_path / "shards", "--csv")[1]
    by_name = {row["image"]: row for row in csv.DictReader(io.StringIO(text))}
    files = run("predict", shapes_model[0], shapes_model[1], "--csv")[1]
    for row in csv.DictReader(io.StringIO(files)):
        packed = by_name[str(Path(row["image"]).relative_to(shapes_model[1]))]
        assert abs(float(packed["disc"]) - float(row["disc"])) < 1e-6  # in other batches


def started(arguments, **variables):
    return subprocess.Popen(
        [sys.executable, PROGRAM, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_a_piece(folder, process):
    limit = time.monotonic() + 120
    while not list(folder.glob("0*-errors-*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_predict_into_goes_on_after_an_interruption(run, shapes_model, images, tmp_path, number):
    target = tmp_path / "results.csv"
    unfinished = tmp_path / "results.csv.unfinished"
    words = ["predict", shapes_model[0], images, "-o", target, "--import", "tests.bulk.interrupted"]
    process = started(words, SECONDS_PER_IMAGE="0.05")
    wait_for_a_piece(unfinished, process)
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == {signal.SIGKILL: -9, signal.SIGINT: 130}[number]
    if number == signal.SIGINT:
        assert "stopped after" in err
        assert "To go on: python -m app predict" in err
    assert not target.exists()
    first = {path: path.stat().st_mtime_ns for path in unfinished.glob("0*-errors-*")}
    assert 1 <= len(first) < 3

    status, _, err = run(*words, "--unknown-below", "0.9")
    assert status == 2
    assert "was begun with other options" in err
    status, _, err = run("predict", shapes_model[0], images / "a", *words[3:])
    assert status == 2
    assert "was begun with other images" in err
    other = tmp_path / "other"
    shutil.copytree(shapes_model[0], other)
    (other / "card.json").write_text((other / "card.json").read_text("utf-8") + "\n")
    status, _, err = run("predict", other, images, *words[3:])
    assert status == 2
    assert "was begun with other model" in err
    assert first == {path: path.stat().st_mtime_ns for path in first}

    status, _, err = run(*words, "--processes", "2")
    assert status == 1
    assert " of 73 images." in err
    assert target.read_text("utf-8") == run("predict", shapes_model[0], images, "--csv")[1]
    assert not unfinished.exists()


def test_a_process_that_dies_is_reported_and_its_piece_repeated_once(
    run, shapes_model, images, tmp_path, monkeypatch
):
    target = tmp_path / "results.csv"
    monkeypatch.setenv("KILLER", str(images / "a" / "down" / "7.png"))
    words = ["predict", shapes_model[0], images, "-o", target, "--import", "tests.bulk.interrupted"]
    status, _, err = run(*words)
    assert status == 1
    assert "A process was ended during images 33 to 64 by signal 9" in err
    assert "Two processes were ended during images 33 to 64" in err
    assert not target.exists()

    monkeypatch.setenv("KILLER_ONCE", str(tmp_path / "once"))
    status, _, err = run(*words)
    assert status == 1
    assert "They are repeated." in err
    assert "Two processes" not in err
    assert target.read_text("utf-8") == run("predict", shapes_model[0], images, "--csv")[1]


def test_predict_into_refuses_what_cannot_be_done(run, shapes_model, images, tmp_path):
    model, target = shapes_model[0], tmp_path / "results.csv"
    empty = tmp_path / "empty"
    empty.mkdir()
    cases = [
        ((images, "-o", tmp_path / "results.xlsx"), "ending in .csv or .parquet"),
        ((images, "-o", tmp_path / "results"), "a file without an ending"),
        ((images, "-o", target, "--processes", "0"), "--processes is 0"),
        ((images, "--processes", "2"), "without -o"),
        ((images, "-o", target, "--csv"), "-o with --csv"),
        ((images, "-o", target, "--sort-into", "x"), "-o with --sort-into"),
        ((images, "-o", target, "--columns", "id,lable"), "Did you mean 'label'?"),
        ((images, "-o", target, "--all"), "not used to find digits"),
        (("-", "-o", target), "standard input"),
        ((empty, "-o", target), "holds no image"),
        ((empty / "*.png", "-o", target), "No file matches"),
    ]
    before = sorted(tmp_path.iterdir())
    for words, message in cases:
        status, out, err = run("predict", model, *words)
        assert (status, out) == (2, "")
        assert message in err
        assert "Traceback" not in err
    assert sorted(tmp_path.iterdir()) == before
    target.write_text("mine")
    status, _, err = run("predict", model, images, "-o", target)
    assert (status, target.read_text()) == (2, "mine")
    assert "exists" in err


def test_parquet_without_its_package_is_refused(run, shapes_model, images, tmp_path, monkeypatch):
    monkeypatch.setattr("app.bulk.formats.find_spec", lambda name: None)
    status, _, err = run("predict", shapes_model[0], images, "-o", tmp_path / "results.parquet")
    assert status == 2
    assert "needs the package pyarrow" in err
    assert "pip install -e '.[parquet]'" in err


def test_two_commands_do_not_write_one_file(run, shapes_model, images, tmp_path):
    from app.bulk.unfinished import Unfinished

    target = tmp_path / "results.csv"
    with Unfinished(target).locked():
        status, _, err = run("predict", shapes_model[0], images, "-o", target)
    assert status == 2
    assert "Another process is writing" in err
