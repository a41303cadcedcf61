"""`download` from real local servers, from none, and onto a full disk."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import random
import shutil
import socket
import sys
import threading
import time
from collections import namedtuple

import pytest

from app.data.download.download import DownloadFailed, NoNetwork, download
from app.data.download.partial import PartialFile
from app.data.download.transfer import RemoteFile
from app.errors import AppError
from app.reporting import CONSOLE

CONTENT = random.Random(0).randbytes(300_000)
NAME = "ten.bin"


def remote(*urls, content=CONTENT, size=None, gzipped=False, by_hand=None):
    sha256 = hashlib.sha256(content).hexdigest()
    return RemoteFile(NAME, tuple(url + NAME for url in urls), sha256, size, gzipped, by_hand)


def fetch(file, target, stall_seconds=5, **options):
    download(file, target, timeouts=(1, stall_seconds), **options)


def leave_part(mirror, target):
    """Leave what an interrupted download leaves."""
    target.parent.mkdir()
    with PartialFile(target) as part:
        part.begin(mirror.url + NAME, {"ETag": '"v1"'})
        part.write(CONTENT[:100_000])


@pytest.fixture
def target(tmp_path):
    return tmp_path / "data" / NAME


@pytest.fixture
def good(mirror):
    mirror.files[NAME] = CONTENT
    return mirror


@pytest.fixture
def nobody():
    """An address where nothing listens, kept from everybody else."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/"


def assert_whole(target, content=CONTENT):
    assert target.read_bytes() == content
    assert [path.name for path in target.parent.iterdir()] == [NAME]


class TestWhole:
    @pytest.mark.parametrize("size", [None, len(CONTENT)])
    def test_fetches_into_a_new_folder(self, good, target, size, capsys):
        fetch(remote(good.url, size=size), target)
        assert_whole(target)
        assert capsys.readouterr() == ("", "")

    def test_asks_nobody_when_the_file_is_there(self, good, target):
        target.parent.mkdir()
        target.write_bytes(CONTENT)
        fetch(remote(good.url), target)
        assert good.requests == []

    @pytest.mark.parametrize("damaged", [b"", CONTENT[:-1], b"x" * len(CONTENT)])
    def test_replaces_a_damaged_file(self, good, target, damaged):
        target.parent.mkdir()
        target.write_bytes(damaged)
        fetch(remote(good.url), target)
        assert_whole(target)

    @pytest.mark.parametrize("level", [1, 9])
    def test_checks_what_a_gzip_file_holds(self, mirror, target, level):
        mirror.files[NAME] = gzip.compress(CONTENT, level, mtime=level)
        # Some servers name the compression of the file as one of the transfer.
        mirror.forever(headers={"Content-Encoding": "gzip"})
        fetch(remote(mirror.url, gzipped=True), target)
        assert gzip.decompress(target.read_bytes()) == CONTENT

    @pytest.mark.parametrize(
        "served", [CONTENT, gzip.compress(CONTENT)[:-9], gzip.compress(CONTENT[:-1])]
    )
    def test_refuses_another_gzip_file(self, mirror, target, served):
        mirror.files[NAME] = served
        with pytest.raises(DownloadFailed, match="sent other content"):
            fetch(remote(mirror.url, gzipped=True), target)
        assert list(target.parent.iterdir()) == []

    def test_draws_a_bar_on_a_terminal(self, good, target, monkeypatch):
        screen = io.StringIO()
        screen.isatty = lambda: True
        monkeypatch.setattr(sys, "stderr", screen)
        fetch(remote(good.url), target, reporter=CONSOLE)
        assert NAME in screen.getvalue()
        assert "300.0/300.0 kB" in screen.getvalue()


class TestMirrors:
    @pytest.mark.parametrize(
        "misdeed",
        [{"status": 404}, {"content": b"corrupt"}, {"stall_after": 7}, {"cut_after": 0}, None],
    )
    def test_the_second_helps(self, new_mirror, good, nobody, target, misdeed):
        first = new_mirror()
        first.files[NAME] = CONTENT
        first.forever(**(misdeed or {}))
        fetch(remote(first.url if misdeed else nobody, good.url), target, stall_seconds=0.5)
        assert_whole(target)

    def test_the_one_that_began_goes_on(self, new_mirror, good, target):
        first = new_mirror()
        leave_part(good, target)
        fetch(remote(first.url, good.url), target)
        assert first.requests == []
        assert good.ranges == ["bytes=100000-"]
        assert_whole(target)

    def test_another_starts_over(self, new_mirror, good, target):
        began = new_mirror()
        leave_part(began, target)
        fetch(remote(began.url, good.url), target)
        assert began.ranges == ["bytes=100000-"]
        assert good.ranges == [None]
        assert_whole(target)

    def test_every_failure_is_listed(self, new_mirror, mirror, nobody, target):
        corrupt = new_mirror()
        corrupt.forever(content=b"corrupt")
        with pytest.raises(DownloadFailed) as failure:
            fetch(remote(nobody, mirror.url, corrupt.url), target)
        lines = failure.value.received.splitlines()[1:]
        reasons = ["Connection refused", "answered 404 Not Found", "sent other content"]
        for line, url, reason in zip(
            lines, [nobody, mirror.url, corrupt.url], reasons, strict=True
        ):
            assert line.startswith(f"  {url}{NAME}: {reason}")

    def test_no_certificate(self, good, target):
        with pytest.raises(DownloadFailed, match="no valid certificate"):
            fetch(remote(good.url.replace("http", "https")), target)

    def test_an_address_of_no_kind(self, good, target):
        with pytest.raises(DownloadFailed, match="No connection adapters"):
            fetch(remote(good.url.replace("http", "gopher")), target)


class TestNoNetwork:
    def test_nothing_listens(self, new_mirror, nobody, target):
        with pytest.raises(NoNetwork) as failure:
            fetch(remote(f"{nobody}a/", f"{nobody}b/", by_hand="Ask a neighbor."), target)
        assert failure.value.status == 1
        assert failure.value.expected.count("Connection refused") == 2
        assert failure.value.fix.endswith("Ask a neighbor.")
        assert list(target.parent.iterdir()) == []

    def test_no_name_is_known(self, new_mirror, target, monkeypatch):
        def unknown(*_, **__):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(NoNetwork, match="Name or service not known"):
            fetch(remote("https://nowhere.invalid/"), target)

    def test_silence_ends_soon(self, new_mirror, target, monkeypatch):
        release = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(5) and [])
        start = time.monotonic()
        with pytest.raises(NoNetwork, match="no answer within 1 s"):
            fetch(remote("https://a.invalid/", "https://b.invalid/"), target)
        assert time.monotonic() - start < 3
        release.set()

    def test_a_proxy_that_refuses(self, mirror, target, monkeypatch):
        monkeypatch.setenv("https_proxy", mirror.url.removeprefix("http://").rstrip("/"))
        with pytest.raises(NoNetwork, match="proxy"):
            fetch(remote("https://nowhere.invalid/"), target)


class TestDisk:
    Usage = namedtuple("Usage", "total used free")

    @pytest.mark.parametrize(
        ("free", "needed"), [(10**6, 10**9), (len(CONTENT) - 1, None), (1, None)]
    )
    @pytest.mark.parametrize("size", [None, len(CONTENT)])
    def test_too_small(self, good, target, monkeypatch, free, needed, size):
        monkeypatch.setattr(shutil, "disk_usage", lambda _: self.Usage(0, 0, free))
        with pytest.raises(AppError, match="MB free") as refusal:
            fetch(remote(good.url, size=size), target, needed_bytes=needed)
        assert refusal.value.status == 1
        assert list(target.parent.iterdir()) == []

    def test_a_resumed_file_needs_less(self, good, target, monkeypatch):
        leave_part(good, target)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: self.Usage(0, 0, 200_000))
        fetch(remote(good.url, size=len(CONTENT)), target)
        assert_whole(target)

    def test_full_while_writing(self, good, target, monkeypatch):
        def full(part, chunk):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(PartialFile, "write", full)
        with pytest.raises(AppError, match="No space left") as failure:
            fetch(remote(good.url), target)
        assert failure.value.status == 1
        assert not isinstance(failure.value, DownloadFailed)

    def test_a_folder_that_cannot_be(self, good, tmp_path):
        (tmp_path / "data").write_text("in the way")
        with pytest.raises(AppError, match="Cannot write"):
            fetch(remote(good.url), tmp_path / "data" / NAME)
