"""Damaged zip archives: refused, or unpacked to what was asked for and nothing else."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from app.data.download.archive import Contents, extract
from app.errors import AppError
from tests.fuzz.conftest import Campaign
from tests.fuzz.mutation import mutants

MAX_BYTES = 10_000


def archive(compression: int, names: tuple[str, ...] = ("a/1.txt", "a/2.txt", "b/3.txt")) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as opened:
        for number, name in enumerate(names):
            opened.writestr(zipfile.ZipInfo(name), bytes([65 + number]) * 200)
    return stream.getvalue()


def listed(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_extract_of_damaged_archives_refuses_or_unpacks(campaign: Campaign, tmp_path: Path):
    seeds = [archive(zipfile.ZIP_STORED), archive(zipfile.ZIP_DEFLATED), archive(0, ("a/", "a/1"))]
    source, target = tmp_path / "in.zip", tmp_path / "out"
    for content in mutants(seeds, campaign.count):
        source.write_bytes(content)
        before = listed(target) if target.exists() else None
        try:
            count = extract(source, target, Contents(lambda name: "/" in name, MAX_BYTES, 9))
        except AppError as error:
            assert "in.zip" in error.received
            assert (listed(target) if target.exists() else None) == before
            campaign.note("refused")
        else:
            files = [path for path in target.rglob("*") if path.is_file()]
            assert len(files) == count
            assert sum(path.stat().st_size for path in files) <= MAX_BYTES
            campaign.note("unpacked")
        assert {path.name for path in tmp_path.iterdir()} <= {"in.zip", "out"}


@pytest.mark.parametrize("name", ["", "/", "\0a", "\0", ".", "a//b", "..", "a/../b"])
def test_extract_of_an_entry_without_a_proper_name_refuses(tmp_path: Path, name: str):
    stand_in = "x" * len(name.encode()) or "x"
    content = archive(zipfile.ZIP_STORED, ("a/1.txt", stand_in))
    if name:
        content = content.replace(stand_in.encode(), name.encode())
    else:  # the length of the second name in the directory becomes 0, and the name goes
        start = content.rindex(b"PK\x01\x02")
        content = (
            content[: start + 28]
            + b"\0\0"
            + content[start + 30 : start + 46]
            + content[start + 47 :]
        )
        end = content.rindex(b"PK\x05\x06")
        size = int.from_bytes(content[end + 12 : end + 16], "little") - 1
        content = content[: end + 12] + size.to_bytes(4, "little") + content[end + 16 :]
    (tmp_path / "in.zip").write_bytes(content)
    with pytest.raises(AppError, match="entry"):
        everything = Contents(lambda name: True, MAX_BYTES, 9)
        extract(tmp_path / "in.zip", tmp_path / "out", everything)
    assert not (tmp_path / "out").exists()
