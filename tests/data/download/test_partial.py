"""The part of a file that waits for the rest."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections import namedtuple

import pytest

from app.data.download.partial import PartialFile, require_free_space
from app.errors import AppError

URL = "https://a.invalid/ten.bin"


@pytest.fixture
def target(tmp_path):
    return tmp_path / "ten.bin"


def begin(target, headers, content=b"12345"):
    with PartialFile(target) as part:
        part.begin(URL, headers)
        part.write(content)


def test_what_was_written_is_there_when_opened_again(target):
    begin(target, {"ETag": '"v1"'})
    with PartialFile(target) as part:
        assert (part.size, part.stitched) == (5, True)
        assert part.size_from(URL) == 5
        assert part.size_from("https://b.invalid/ten.bin") == 0
        assert part.preferred(["https://b.invalid/ten.bin", URL])[0] == URL
        part.write(b"67")
        part.move_into_place()
    assert target.read_bytes() == b"1234567"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    ("headers", "if_range"),
    [
        ({"ETag": '"v1"', "Last-Modified": "today"}, '"v1"'),
        ({"ETag": 'W/"v1"', "Last-Modified": "today"}, "today"),
        ({"Last-Modified": "today"}, "today"),
        ({"ETag": 'W/"v1"'}, None),
        ({}, None),
    ],
)
def test_range_headers_carry_a_strong_validator(target, headers, if_range):
    begin(target, headers)
    with PartialFile(target) as part:
        asked = part.range_headers(URL)
        assert asked.pop("If-Range", None) == if_range
        assert asked == {"Range": "bytes=5-"}
        assert part.range_headers("https://b.invalid/ten.bin") == {}


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({}, True),
        ({"ETag": '"v1"', "Last-Modified": "today"}, True),
        ({"Last-Modified": "today"}, True),
        ({"ETag": '"v2"', "Last-Modified": "today"}, False),
        ({"Last-Modified": "tomorrow"}, False),
    ],
)
def test_is_same_file_until_a_validator_differs(target, headers, same):
    begin(target, {"ETag": '"v1"', "Last-Modified": "today"})
    with PartialFile(target) as part:
        assert part.is_same_file(headers) == same


def test_an_empty_part_leaves_nothing(target):
    begin(target, {}, content=b"")
    assert list(target.parent.iterdir()) == []


def test_clear_forgets_everything(target):
    begin(target, {"ETag": '"v1"'})
    with PartialFile(target) as part:
        part.clear()
        assert (part.size, part.url, part.stitched) == (0, "", False)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("note", ["", "{", "[]", "1", '{"url": 1, "validators": 2}', b"\xff", None])
def test_a_part_without_a_good_note_comes_from_nowhere(target, note):
    begin(target, {"ETag": '"v1"'})
    path = target.with_name("ten.bin.part.json")
    if note is None:
        path.unlink()
    else:
        path.write_bytes(note if isinstance(note, bytes) else note.encode())
    with PartialFile(target) as part:
        assert part.size_from(URL) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no advisory locks")
class TestLock:
    def test_a_second_process_is_refused(self, target):
        with PartialFile(target) as part:
            with pytest.raises(AppError, match="another process") as refusal:
                PartialFile(target).__enter__()
            part.write(b"12345")
        assert refusal.value.status == 1
        with PartialFile(target) as part:
            assert part.size == 5

    def test_a_part_that_was_just_moved_is_refused(self, target, monkeypatch):
        monkeypatch.setattr(os.path, "samestat", lambda *_: False)
        with pytest.raises(AppError, match="another process"):
            PartialFile(target).__enter__()

    def test_a_drive_without_locks_is_trusted(self, target, monkeypatch):
        def unsupported(*_):
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(pytest.importorskip("fcntl"), "flock", unsupported)
        begin(target, {})
        assert target.with_name("ten.bin.part").read_bytes() == b"12345"


@pytest.mark.parametrize(("needed", "enough"), [(-5, True), (10**9, True), (10**9 + 1, False)])
def test_demand_free_space(tmp_path, monkeypatch, needed, enough):
    usage = namedtuple("Usage", "total used free")(0, 0, 10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    if enough:
        require_free_space(tmp_path, needed)
    else:
        with pytest.raises(AppError, match="1,000 MB free") as refusal:
            require_free_space(tmp_path, needed)
        assert refusal.value.status == 1
