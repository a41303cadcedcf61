"""`extract` against every way that a zip file can lie."""

from __future__ import annotations

import errno
import io
import random
import shutil
import stat
import sys
import tempfile
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.data.download import archive as archive_module
from app.data.download.archive import Contents, extract
from app.errors import AppError
from app.reporting import CONSOLE

NOISE = random.Random(0).randbytes(200_000)
FILES = {"a/1.jpg": NOISE, "a/2.jpg": b"", "b/1.jpg": b"text" * 500}

# Where a header holds a field, from its signature on.
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
FLAGS = {LOCAL: 6, CENTRAL: 8}
METHOD = {LOCAL: 8, CENTRAL: 10}
SIZE = {LOCAL: 22, CENTRAL: 24}


def zipped(files, method=zipfile.ZIP_DEFLATED):
    """Return a zip file of `{name or ZipInfo: content}`, or of a list of such pairs."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as opened:
        for name, content in files.items() if isinstance(files, dict) else files:
            opened.writestr(name, content)
    return stream.getvalue()


def patched(data, field, change):
    """Return a zip file with a 2-byte `field` of every header changed."""
    content = bytearray(data)
    for signature, offset in field.items():
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            place = slice(at + offset, at + offset + 2)
            value = change(int.from_bytes(content[place], "little"))
            content[place] = value.to_bytes(2, "little")
    return bytes(content)


def special(name, mode):
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3  # Unix, where the upper half of the attributes is a mode
    entry.external_attr = mode << 16
    return entry


def unpack(data, folder, accept=lambda name: True, max_bytes=10**6, max_files=10, **options):
    archive = folder / "some.zip"
    archive.write_bytes(data)
    return extract(archive, folder / "out", Contents(accept, max_bytes, max_files), **options)


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def assert_refused(data, folder, message, **limits):
    (folder / "out").mkdir(exist_ok=True)
    (folder / "out" / "old").write_text("still here")
    with pytest.raises(AppError, match=message) as refusal:
        unpack(data, folder, **limits)
    assert sorted(path.name for path in folder.iterdir()) == ["out", "some.zip"]
    assert contents(folder / "out") == {"old": b"still here"}
    return refusal.value


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_extract_unpacks_whole_files(tmp_path, method, capsys):
    assert unpack(zipped({"a/": b"", **FILES}, method), tmp_path) == 3
    assert contents(tmp_path / "out") == FILES
    assert capsys.readouterr() == ("", "")


def test_extract_takes_only_what_is_accepted(tmp_path):
    assert unpack(zipped(FILES), tmp_path, accept=lambda name: name.startswith("a/")) == 2
    assert set(contents(tmp_path / "out")) == {"a/1.jpg", "a/2.jpg"}


def test_extract_replaces_the_folder_whole(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").write_text("gone")
    unpack(zipped(FILES), tmp_path)
    assert contents(tmp_path / "out") == FILES


def test_extract_draws_a_bar_on_a_terminal(tmp_path, monkeypatch):
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", screen)
    unpack(zipped(FILES), tmp_path, reporter=CONSOLE)
    assert "Unpacking some.zip" in screen.getvalue()


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/etc/x", "//host/x", "a//x", "./x", "a/.", "..", "/", "a/../"]
)
def test_extract_refuses_names_that_lead_elsewhere(tmp_path, name):
    # One such entry condemns even what is not wanted of the archive.
    data = zipped({**FILES, name: b"evil"})
    assert_refused(data, tmp_path, "name that leads out of the folder", accept=FILES.__contains__)


@pytest.mark.parametrize("name", ["C:/x", "C:x", "a\\x", "..\\x", "\\x", "x:stream", "a\nb"])
def test_extract_refuses_names_that_systems_read_differently(tmp_path, name):
    assert_refused(zipped({name: b"evil"}), tmp_path, "backslash, a colon or a control character")


def test_extract_refuses_a_name_with_a_zero_byte(tmp_path):
    data = zipped({"safe.jpg?.exe": b"evil"}).replace(b"?", b"\0")
    assert_refused(data, tmp_path, "control character")


def test_extract_refuses_links(tmp_path):
    link = special("link", stat.S_IFLNK | 0o777)
    assert_refused(zipped({link: b"/etc/passwd", "link2/x": b"evil"}), tmp_path, "symbolic link")


def test_extract_gives_files_ordinary_permissions(tmp_path):
    unpack(zipped({special("tool", stat.S_IFREG | stat.S_ISUID | 0o777): b"evil"}), tmp_path)
    assert (tmp_path / "out" / "tool").stat().st_mode & 0o7111 == 0


@pytest.mark.parametrize("flag", [0x01, 0x40])
def test_extract_refuses_encrypted_entries(tmp_path, flag):
    assert_refused(
        patched(zipped(FILES), FLAGS, lambda flags: flags | flag), tmp_path, "is encrypted"
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, 99])
def test_extract_refuses_rare_compression(tmp_path, method):
    data = patched(zipped(FILES), METHOD, lambda _: method)
    assert_refused(data, tmp_path, f"by method {method}")


@pytest.mark.parametrize("second", ["a/1.jpg", "A/1.JPG"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_extract_refuses_duplicates(tmp_path, second):
    assert_refused(zipped([("a/1.jpg", b"good"), (second, b"evil")]), tmp_path, "is there twice")


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b/c", "A"), ("a", "a/")])
def test_extract_refuses_a_file_that_is_a_folder(tmp_path, names):
    assert_refused(zipped([(name, b"") for name in names]), tmp_path, "both a file and a folder")


def test_extract_limits_the_number_of_files(tmp_path):
    assert_refused(
        zipped(FILES), tmp_path, "has 3 of the wanted files instead of 1 to 2", max_files=2
    )


def test_extract_refuses_an_archive_of_other_things(tmp_path):
    assert_refused(zipped(FILES), tmp_path, "has 0 of the wanted", accept=lambda name: False)


def test_extract_limits_the_declared_bytes(tmp_path):
    message = "unpack to 202,000 bytes, more than 201,999"
    assert_refused(zipped(FILES), tmp_path, message, max_bytes=201_999)
    assert unpack(zipped(FILES), tmp_path, max_bytes=202_000) == 3


def test_extract_refuses_a_bomb(tmp_path):
    assert_refused(zipped({"bomb": bytes(10**7)}), tmp_path, "more than 100-fold", max_bytes=10**8)
    assert unpack(zipped({"blank": bytes(1 << 16)}), tmp_path) == 1


@pytest.mark.parametrize("lie", [-1, 1])
def test_extract_refuses_a_size_that_is_a_lie(tmp_path, lie):
    data = patched(zipped({"x": b"text" * 500}), SIZE, lambda size: size + lie)
    assert_refused(data, tmp_path, "another length|CRC")


def test_extract_limits_the_bytes_that_come(tmp_path, monkeypatch):
    # A reader that gives more than an entry declares, which today's zipfile never does.
    data, given = zipped({"x": NOISE}), []

    class Endless(io.BytesIO):
        def read(self, size):
            given.append(size)
            return bytes(size)

    monkeypatch.setattr(zipfile.ZipFile, "open", lambda self, entry: Endless())
    assert_refused(data, tmp_path, "another length")
    assert sum(given) < len(NOISE) + archive_module.CHUNK_BYTES


@pytest.mark.parametrize(
    "data", [b"", b"not a zip file", zipped(FILES)[:-1], zipped(FILES)[:100_000]]
)
def test_extract_refuses_what_is_no_whole_zip_file(tmp_path, data):
    assert "fetched again" in assert_refused(data, tmp_path, "Cannot unpack .*not a zip file").fix


def test_extract_refuses_corrupt_content(tmp_path):
    data = bytearray(zipped(FILES))
    data[100_000] ^= 1
    assert_refused(bytes(data), tmp_path, "CRC|decompressing")


def test_extract_refuses_an_archive_that_is_not_there(tmp_path):
    with pytest.raises(AppError, match="No such file"):
        extract(tmp_path / "x", tmp_path / "out", Contents(bool, 1, 1))


def test_extract_asks_for_space_first(tmp_path, monkeypatch):
    usage = namedtuple("Usage", "total used free")(0, 0, 201_999)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert assert_refused(zipped(FILES), tmp_path, "MB free").status == 1


def test_extract_leaves_nothing_on_a_full_disk(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")
        yield

    monkeypatch.setattr(archive_module, "_content", full)
    assert assert_refused(zipped(FILES), tmp_path, "No space left").status == 1


SMALL = zipped({"a/1.jpg": NOISE[:300], "b/2.jpg": b"text" * 50})


@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255), st.booleans())
@settings(max_examples=200)
def test_extract_of_a_damaged_archive_is_refused_or_right(place, change, cut):
    damaged = bytearray(SMALL)
    damaged[place] ^= change
    with tempfile.TemporaryDirectory() as folder:
        try:
            unpack(bytes(damaged[:place] if cut else damaged), Path(folder))
        except AppError:
            assert [path.name for path in Path(folder).iterdir()] == ["some.zip"]
        else:
            whole = {"a/1.jpg": NOISE[:300], "b/2.jpg": b"text" * 50}
            assert contents(Path(folder) / "out").items() <= whole.items()
