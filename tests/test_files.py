import errno
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError
from app.files import atomic_file, atomic_folder, lock_file, printable, recover_folder


def test_atomic_file_replaces_whole(tmp_path):
    target = tmp_path / "deep" / "a.txt"
    with atomic_file(target) as path:
        assert path.suffix == ".txt"
        path.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert [p.name for p in target.parent.iterdir()] == ["a.txt"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask


def test_atomic_file_keeps_the_old_on_failure(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), atomic_file(target) as path:
        path.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    ("number", "status", "text"),
    [(errno.ENOSPC, 1, "No space left"), (errno.EACCES, 2, "Permission denied")],
)
def test_disk_errors_are_explained(tmp_path, number, status, text):
    with pytest.raises(AppError, match=text) as caught, atomic_file(tmp_path / "a"):
        raise OSError(number, os.strerror(number))
    assert caught.value.status == status


def test_atomic_folder_takes_the_place_of_another(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    (target / "old").touch()
    with atomic_folder(target) as new:
        (new / "new").write_text("x")
        assert (target / "old").exists()
    assert [p.name for p in target.iterdir()] == ["new"]
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_atomic_folder_keeps_the_old_on_failure(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    (target / "old").touch()
    with pytest.raises(AppError), atomic_folder(target) as new:
        (new / "half").touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert [p.name for p in target.iterdir()] == ["old"]
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_a_folder_lost_between_two_renames_comes_back(tmp_path):
    target = tmp_path / "model"
    (tmp_path / ".model.convlab-old").mkdir()
    (tmp_path / ".model.convlab-old" / "old").touch()
    recover_folder(target)
    assert (target / "old").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_a_reader_that_puts_the_old_folder_back_does_not_stop_the_writer(tmp_path, monkeypatch):
    from pathlib import Path

    target = tmp_path / "model"
    target.mkdir()
    (target / "old").touch()
    rename, disturbed = Path.rename, []

    def rename_with_a_reader(self, other):
        if other == target and not disturbed:
            disturbed.append(True)
            recover_folder(target)
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", rename_with_a_reader)
    with atomic_folder(target) as new:
        (new / "new").touch()
    assert [p.name for p in target.iterdir()] == ["new"]
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_reading_touches_nobody_else_s_files(tmp_path):
    from app.storage.folder import list_models

    for name in (".conf.old", ".vim.old", "conf"):
        (tmp_path / name).mkdir()
    list_models(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {".conf.old", ".vim.old", "conf"}


def test_a_lock_on_a_removed_file_is_none(tmp_path):
    pytest.importorskip("fcntl")
    path = tmp_path / "lock"
    with path.open("w") as first, path.open("w") as second:
        assert lock_file(first, path)
        assert not lock_file(second, path)
    with path.open("w") as file:
        path.unlink()
        assert not lock_file(file, path)  # nothing is there
        path.touch()
        assert not lock_file(file, path)  # another file is


def test_a_name_becomes_text():
    assert printable("größe $5.jpg") == "größe $5.jpg"
    assert printable(os.fsdecode(b"dr\xff.jpg")) == r"dr\udcff.jpg"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a\nb", r"a\nb"),
        ("a\rb\tc", r"a\rb\tc"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("a\u202egpj.exe", r"a\u202egpj.exe"),
        ("\u2028", r"\u2028"),
        ("\u200b\ufeff", r"\u200b\ufeff"),
    ],
)
def test_printable_control_characters_become_escapes(name, text):
    assert printable(name) == text


@pytest.mark.parametrize(
    "name", ["größe", "猫", "à b", "10.30\u202fPM", "👨\u200d👩\u200d👧", "می\u200cخواهم", "C:\\x"]
)
def test_printable_words_and_emoji_are_unchanged(name):
    assert printable(name) == name


@given(st.text())
def test_printable_any_text_is_one_line_without_controls(name):
    import unicodedata

    text = printable(name)
    assert len(text.splitlines()) <= 1
    assert not {unicodedata.category(letter) for letter in text} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(text) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
    )
    assert printable(text) == text
