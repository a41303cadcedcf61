"""The folders of a run as bytes, for machines that share no disk."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

from app.files import atomic_folder


def pack(folders: Iterable[Path]) -> bytes:
    """Return the folders as a tar archive; those that do not exist are left out.

    Weights are dense numbers: compression would take time and save nothing.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for folder in folders:
            if folder.is_dir():
                archive.add(folder, folder.name)
    return buffer.getvalue()


def unpack(content: bytes, output: Path) -> None:
    """Write the folders of an archive into `output`, each of them whole or not at all.

    Args:
        content: Archive that `pack` returned.
        output: Folder that gets the folders; those of the same name are replaced.

    Raises:
        AppError: If it cannot be written.
    """
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        members = archive.getmembers()
        for name in sorted({member.name.split("/")[0] for member in members}):
            with atomic_folder(output / name) as folder:
                for member in members:
                    inside = member.name.removeprefix(f"{name}/")
                    if inside != member.name:
                        archive.extract(member.replace(name=inside), folder, filter="data")
