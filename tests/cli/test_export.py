"""The command `export` beyond pages: networks in the formats of other programs."""

import json

import pytest

from app.export.formats import FORMATS
from tests.shipped import MODELS

TINY = MODELS / "mnist-tiny"


@pytest.mark.slow
def test_export_writes_a_folder_and_prints_what_it_measured(program, tmp_path):
    folder = tmp_path / "exported"
    status, out, err = program(
        "export", MODELS / "mnist-convnet", "--format", "litert-int8", "--dataset", "digits",
        "--tolerance", 100, "--keep-slower", "-o", folder,
    )  # fmt: skip
    assert status == 0, err
    record = json.loads((folder / "export.json").read_text("utf-8"))
    names = [row["name"] for row in record["measured"]]
    assert names[1:] == ["LiteRT, float32 (one thread)", "LiteRT, int8 (one thread)"]
    assert all(name in out for name in names)
    assert max(map(len, out.splitlines())) <= 80
    assert "images get another class than from the original" in err
    assert record["measured"][2]["bytes"] < record["measured"][1]["bytes"]
    assert "replaced" not in err

    words = ("export", MODELS / "mnist-convnet", "--format", "litert", "--dataset", "digits")
    status, _, err = program(*words, "-o", folder)
    assert status == 0, err
    assert f"replaced the export in '{folder}': it held mnist-convnet as LiteRT, int8" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((TINY, TINY, "--format", "litert", "-o", "m"), "with 2 models"),
        ((TINY, "--format", "litert", "-o", "m.tflite"), "is the name of a file"),
        ((TINY, "--format", "onnx", "-o", "m.onnx"), "Expected that of a folder"),
        ((TINY, "--format", "litert", "-o", "m", "--tolerance", "-1"), "--tolerance is -1"),
        ((TINY, "--format", "litert", "-o", "m", "--tolerance", "nan"), "--tolerance is nan"),
        ((TINY, "-o", "m.tflite"), "files .tflite are not written"),
        ((TINY, "-o", "m.html", "--samples", "-1"), "--samples is -1"),
        ((TINY, "-o", "m.html", "--format", "openvino"), "html, litert"),
    ],
)
def test_export_refuses_what_it_cannot_write(run, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    status, _, err = run("export", *words)
    assert status == 2
    assert message in err
    assert list(tmp_path.iterdir()) == []


def test_export_refuses_a_missing_package_and_a_folder_before_keras_starts(
    run, tmp_path, monkeypatch
):
    monkeypatch.setattr("app.keras_startup.start_keras", lambda: pytest.fail("Keras was started"))
    note = tmp_path / "mine" / "note.txt"
    note.parent.mkdir()
    note.write_text("mine")
    status, _, err = run("export", TINY, "--format", "litert", "-o", note.parent)
    assert status == 2
    assert "exists and is not an exported model" in err
    missing = FORMATS["onnx"]._replace(modules=("no_such_module",))
    monkeypatch.setitem(FORMATS, "onnx", missing)
    status, _, err = run("export", TINY, "--format", "onnx", "-o", tmp_path / "new")
    assert status == 2
    assert "ONNX needs no_such_module, which is not installed" in err
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "note.txt"]


def test_export_of_images_that_are_not_there_writes_nothing(run, tmp_path, no_data, no_network):
    folder = tmp_path / "exported"
    status, _, err = run("export", TINY, "--format", "litert", "-o", folder)
    assert status == 1
    assert "Or without a download: --dataset" in err
    assert not folder.exists()


def test_export_formats_of_the_command_are_those_of_the_program():
    from app.cli.export import _FORMATS

    assert set(_FORMATS) == {"html", *FORMATS}
