"""Fetching the datasets, small ones, from a real local server."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zipfile

import pytest

from app.data.download import sources
from app.data.download.download import DownloadFailed, NoNetwork
from app.data.download.sources import fetch_catsdogs, fetch_mnist
from app.errors import AppError

MNIST = {name: name.encode() * 100 for name in sources.MNIST_SHA256}
PHOTOGRAPHS = {
    f"PetImages/{kind}/{number}.jpg": f"{kind} {number}".encode() * 100
    for kind in ("Cat", "Dog")
    for number in range(3)
}


def zipped():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        others = ("PetImages/Cat/Thumbs.db", "PetImages/Bird/1.jpg", "readme[1].txt")
        for name, content in {**PHOTOGRAPHS, **dict.fromkeys(others, b"")}.items():
            archive.writestr(name, content)
    return stream.getvalue()


ARCHIVE = zipped()


@pytest.fixture
def mirror(mirror, monkeypatch):
    """Serve small datasets instead of the official ones."""
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in MNIST.items()}
    monkeypatch.setattr(sources, "MNIST_SHA256", sums)
    monkeypatch.setattr(sources, "CATSDOGS_SHA256", hashlib.sha256(ARCHIVE).hexdigest())
    monkeypatch.setattr(sources, "CATSDOGS_BYTES", len(ARCHIVE))
    monkeypatch.setattr(sources, "CATSDOGS_UNPACKED_BYTES", 10_000)
    monkeypatch.setattr(sources, "CATSDOGS_PER_CLASS", 3)
    monkeypatch.setattr(sources, "CATSDOGS_ENOUGH", 2)
    mirror.files = {name: gzip.compress(content) for name, content in MNIST.items()}
    mirror.files[sources.CATSDOGS_ZIP] = ARCHIVE
    return mirror


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_constants_are_well_formed():
    sums = [*sources.MNIST_SHA256.values(), sources.CATSDOGS_SHA256]
    assert all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in sums)
    assert len(set(sums)) == 5
    mirrors = sources.MNIST_MIRRORS + sources.CATSDOGS_MIRRORS
    assert all(re.fullmatch("https://.*/", address) for address in mirrors)


def test_fetch_mnist(mirror, tmp_path):
    fetch_mnist(tmp_path, mirrors=[mirror.url])
    found = contents(tmp_path / "mnist")
    assert {name: gzip.decompress(content) for name, content in found.items()} == MNIST


def test_fetch_mnist_again_fetches_only_what_is_not_whole(mirror, tmp_path):
    fetch_mnist(tmp_path, mirrors=[mirror.url])
    first, second = list(MNIST)[:2]
    (tmp_path / "mnist" / first).unlink()
    (tmp_path / "mnist" / second).write_bytes(b"damaged")
    mirror.requests.clear()
    fetch_mnist(tmp_path, mirrors=[mirror.url])
    assert len(mirror.requests) == 2
    assert len(contents(tmp_path / "mnist")) == 4


def test_fetch_mnist_tells_where_to_place_the_files(mirror, tmp_path):
    mirror.files.clear()
    with pytest.raises(DownloadFailed) as failure:
        fetch_mnist(tmp_path, mirrors=[mirror.url])
    assert all(name in failure.value.fix for name in MNIST)
    assert failure.value.fix.endswith(f"save them in '{tmp_path / 'mnist'}'.")


@pytest.mark.parametrize("fetch", [fetch_mnist, fetch_catsdogs])
def test_fetching_without_a_network(mirror, tmp_path, fetch):
    mirror.close()
    with pytest.raises(NoNetwork):
        fetch(tmp_path, mirrors=[mirror.url])
    assert contents(tmp_path) == {}


def test_fetch_catsdogs(mirror, tmp_path):
    fetch_catsdogs(tmp_path, mirrors=[mirror.url])
    assert [path.name for path in tmp_path.iterdir()] == ["catsdogs"]
    assert contents(tmp_path / "catsdogs") == PHOTOGRAPHS


def test_fetch_catsdogs_again_asks_nobody(mirror, tmp_path):
    fetch_catsdogs(tmp_path, mirrors=[mirror.url])
    # Somebody removed an unreadable photograph, and the desktop left its marks.
    (tmp_path / "catsdogs/PetImages/Cat/1.jpg").unlink()
    (tmp_path / "catsdogs/.DS_Store").touch()
    mirror.requests.clear()
    fetch_catsdogs(tmp_path, mirrors=[mirror.url])
    assert mirror.requests == []


def test_fetch_catsdogs_uses_an_archive_placed_by_hand(mirror, tmp_path):
    (tmp_path / sources.CATSDOGS_ZIP).write_bytes(ARCHIVE)
    (tmp_path / "catsdogs/PetImages/Cat").mkdir(parents=True)
    fetch_catsdogs(tmp_path, mirrors=["https://nowhere.invalid/"])
    assert contents(tmp_path) == {f"catsdogs/{name}": PHOTOGRAPHS[name] for name in PHOTOGRAPHS}


@pytest.mark.parametrize("name", ["PetImages/Cat/1.jpg", "my own.txt"])
def test_fetch_catsdogs_never_replaces_other_files(mirror, tmp_path, name):
    path = tmp_path / "catsdogs" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(AppError, match=r"holds 1 files, among them [01] PetImages/Cat"):
        fetch_catsdogs(tmp_path, mirrors=[mirror.url])
    assert path.read_text() == "mine"
    assert mirror.requests == []


def test_fetch_catsdogs_resumes_a_cut_download(mirror, tmp_path):
    mirror.next(cut_after=500)
    fetch_catsdogs(tmp_path, mirrors=[mirror.url])
    assert mirror.ranges == [None, "bytes=500-"]
    assert contents(tmp_path / "catsdogs") == PHOTOGRAPHS
