"""The rule of which files of a folder are images and which of its subfolders are classes.

Folder datasets, `predict FOLDER` and the directory iterator of `ImageDataGenerator` all list files
here. The rule: hidden files and what operating systems leave behind are ignored; a file is an image
if its extension, in upper or lower case, is that of a format that `app.data.decoding` reads, or if
its first bytes are those of one; pictures in other formats, broken links, and whatever is not a
regular file are listed with a reason, so that nothing is passed over in silence.
Links are followed, each folder once.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.names import closest
from app.reading import special_kind

IMAGE_ENDINGS = frozenset(
    {
        ".apng", ".bmp", ".dib", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pfm", ".pgm",
        ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp",
    }
)  # fmt: skip

# Pictures in formats that the loader does not read: of phones, drawings, and raw data of cameras.
OTHER_PICTURE_ENDINGS = frozenset(
    {
        ".avif", ".avifs", ".dcm", ".dds", ".emf", ".eps", ".exr", ".hdr", ".heic", ".heics",
        ".heif", ".heifs", ".hif", ".icns", ".ico", ".j2k", ".jp2", ".jpf", ".jpx", ".jxl", ".jxr",
        ".pcx", ".psb", ".psd", ".qoi", ".svg", ".svgz", ".tga", ".wdp", ".wmf", ".xbm", ".xcf",
        ".xpm",
        ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".iiq", ".kdc", ".mef", ".mos",
        ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf",
        ".srw", ".x3f",
    }
)  # fmt: skip

# Left behind by macOS, Windows, network storage and Python; compared without regard to case.
_IGNORED_FOLDERS = frozenset(
    {
        "__macosx", "__pycache__", "@eadir", "#recycle", "#snapshot", "$recycle.bin", "lost+found",
        "recycler", "system volume information",
    }
)  # fmt: skip
_IGNORED_FILES = frozenset(
    {"desktop.ini", "ehthumbs.db", "ehthumbs_vista.db", "icon\r", "thumbs.db"}
)

# The first bytes of formats that are often stored without an extension. TIFF is left out: the
# raw formats of cameras begin with the same bytes.
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")

Identity = tuple[int, int]


@dataclass(frozen=True)
class ImageFiles:
    """What was found below a folder.

    Attributes:
        paths: Image files, sorted.
        identities: `(device, inode)` of each; links to one file share it.
        unusable: `(path, reason)` of each picture that is not read, broken link, special file and
            folder without read permission.
        other: Number of further files by extension, such as `{".txt": 3}`.
    """

    paths: list[Path]
    identities: list[Identity]
    unusable: list[tuple[Path, str]]
    other: dict[str, int]


class FoundFile(NamedTuple):
    """What `walk_files` found below a folder.

    Attributes:
        path: File.
        identity: `(device, inode)` of an image file; `None` of others.
        unusable: Why a picture, link, special file or folder is not read, or the empty string.
    """

    path: str
    identity: Identity | None
    unusable: str = ""


def find_images(folder: str | os.PathLike[str], *, follow_links: bool = True) -> ImageFiles:
    """List the images below a folder, at any depth.

    Args:
        folder: Folder to search; its own name may be hidden.
        follow_links: Whether to search folders behind symbolic links. Links to files are always
            followed.

    Returns:
        The images, and the files that are none.

    Raises:
        OSError: If the folder itself cannot be read.
    """
    found: list[tuple[str, Identity]] = []
    unusable: list[tuple[str, str]] = []
    other: Counter[str] = Counter()
    for file in walk_files(folder, follow_links=follow_links):
        if file.unusable:
            unusable.append((file.path, file.unusable))
        elif file.identity is not None:
            found.append((file.path, file.identity))
        else:
            other[os.path.splitext(file.path)[1].lower()] += 1  # noqa: PTH122
    # Folder by folder, as `Path` sorts: "a/1" before "a-b/1".
    found.sort(key=lambda item: item[0].split(os.sep))  # noqa: PTH206
    return ImageFiles(
        [Path(path) for path, _ in found],
        [identity for _, identity in found],
        [(Path(path), reason) for path, reason in sorted(unusable)],
        dict(sorted(other.items())),
    )


def walk_files(folder: str | os.PathLike[str], *, follow_links: bool = True) -> Iterator[FoundFile]:
    """Yield the files below a folder in no particular order; memory does not grow with them.

    Args:
        folder: As for `find_images`.
        follow_links: As for `find_images`.

    Raises:
        OSError: If the folder itself cannot be read.
    """
    root = os.fspath(folder)
    visited: set[Identity] = set()
    # Links come after all real folders, so that files are listed where they really are.
    pending, linked = [root], list[str]()
    while pending or linked:
        path = pending.pop() if pending else linked.pop()
        inner, links = list[str](), list[str]()
        try:
            status = os.stat(path)  # noqa: PTH116  paths are built for images only
            identity = (status.st_dev, status.st_ino)
            if identity in visited:
                continue
            visited.add(identity)
            with os.scandir(path) as entries:
                for entry in entries:
                    if is_ignored(entry.name):
                        continue
                    if not _is_folder(entry):
                        yield _found_file(entry, status.st_dev)
                    elif not entry.is_symlink():
                        inner.append(entry.path)
                    elif follow_links:
                        links.append(entry.path)
        except OSError as error:
            if path == root:
                raise
            yield FoundFile(path, None, error.strerror or str(error))
        # In a fixed order, on which depends by which of several links a folder is reached.
        pending += sorted(inner, reverse=True)
        linked += sorted(links, reverse=True)


def _found_file(entry: os.DirEntry[str], device: int) -> FoundFile:
    ending = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122
    if (reason := _unusable(entry, ending)) is not None:
        return FoundFile(entry.path, None, reason)
    if ending in IMAGE_ENDINGS or _has_signature(entry.path):
        return FoundFile(entry.path, _identity(entry, device))
    return FoundFile(entry.path, None)


def class_folders(root: str | os.PathLike[str]) -> list[Path]:
    """Return the subfolders of `root` that are classes: all but the ignored ones, sorted.

    Raises:
        OSError: If `root` cannot be read.
    """
    with os.scandir(root) as entries:
        return sorted(
            Path(entry.path)
            for entry in entries
            if _is_folder(entry) and not is_ignored(entry.name)
        )


def loose_images(folder: Path) -> list[Path]:
    """Return the images in a folder itself, not in its subfolders, sorted.

    Raises:
        OSError: If the folder cannot be read.
    """
    with os.scandir(folder) as entries:
        return sorted(
            Path(entry.path)
            for entry in entries
            if not is_ignored(entry.name)
            and not _is_folder(entry)
            and _found_file(entry, 0).identity is not None
        )


def similar_folder(folder: Path) -> str:
    """Return `Did you mean 'pets'?` of a folder beside one that does not exist, or nothing."""
    try:
        beside = {one.name: one for one in class_folders(folder.parent)}
    except OSError:
        return ""
    name = closest(folder.name, beside)
    return f"Did you mean '{beside[name]}'?" if name is not None else ""


def is_ignored(name: str) -> bool:
    """Return whether a file or folder of this name is hidden or left by an operating system."""
    lower = name.lower()
    return name.startswith(".") or lower in _IGNORED_FOLDERS or lower in _IGNORED_FILES


def nested_folders(root: Path, folders: Sequence[Path]) -> tuple[Path, Path] | None:
    """Return two folders of which the first is or holds the second, by way of links.

    Args:
        root: Folder that holds `folders`.
        folders: Sub-folders, each supposed to hold a class of its own.
    """
    owners: dict[Path, Path] = {}
    for folder in (root, *folders):
        real = folder.resolve()
        if real in owners:
            return folder, owners[real]
        owners[real] = folder
    for real, inner in owners.items():
        for outer in map(owners.get, real.parents):
            if outer is not None and outer != root:
                return outer, inner
    return None


def names_alike(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of names that differ in case or in the encoding of accents alone.

    File systems of macOS and Windows do not distinguish them.
    """
    first: dict[str, str] = {}
    for name in names:
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
        if key in first:
            yield first[key], name
        first.setdefault(key, name)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or one that may not be followed
        return False


def _unusable(entry: os.DirEntry[str], ending: str) -> str | None:
    try:
        mode = entry.stat().st_mode if entry.is_symlink() or not entry.is_file() else stat.S_IFREG
    except OSError as error:
        return "a broken link" if entry.is_symlink() else error.strerror or str(error)
    kind = special_kind(mode)
    if kind is not None:
        return f"{kind}, not a regular file"
    if ending in OTHER_PICTURE_ENDINGS:
        return f"{ending[1:].upper()} pictures are not read; save it as JPEG or PNG"
    return None


def _has_signature(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            start = file.read(12)
    except OSError:
        return False
    return start.startswith(_SIGNATURES) or (start[:4], start[8:]) == (b"RIFF", b"WEBP")


def _identity(entry: os.DirEntry[str], device: int) -> Identity:
    if entry.is_symlink():
        status = entry.stat()
        return status.st_dev, status.st_ino
    return device, entry.inode()
