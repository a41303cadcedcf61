"""Download the official datasets.

MNIST's four files are served in several compressed forms, so the checksum is of their content. The
photographs of cats and dogs have one source, the archive that Microsoft published.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from app.data.download.archive import Contents, extract
from app.data.download.download import download
from app.data.download.transfer import RemoteFile
from app.errors import AppError
from app.files import recover_folder
from app.reporting import SILENT, Reporter

MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

# SHA-256 of the decompressed content.
MNIST_SHA256 = {
    "train-images-idx3-ubyte.gz": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    "train-labels-idx1-ubyte.gz": (
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
}

CATSDOGS_MIRRORS = (
    "https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/",
)
CATSDOGS_ZIP = "kagglecatsanddogs_5340.zip"
CATSDOGS_BYTES = 824_887_076
CATSDOGS_SHA256 = "b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9"
CATSDOGS_CLASSES = ("Cat", "Dog")

# Photographs of each class in the archive, and the fewest that still make a usable folder:
# tutorials delete up to 1,590 of the 25,000 for odd headers.
CATSDOGS_PER_CLASS = 12_500
CATSDOGS_ENOUGH = 10_000

# JPEG files hardly compress, so unpacked they take little more than the archive, plus half a
# disk block each.
CATSDOGS_UNPACKED_BYTES = 1_000_000_000

_PHOTOGRAPH = re.compile(rf"PetImages/({'|'.join(CATSDOGS_CLASSES)})/[0-9]+\.jpg")


def fetch_mnist(
    data_dir: Path, *, mirrors: Sequence[str] = MNIST_MIRRORS, reporter: Reporter = SILENT
) -> None:
    """Bring MNIST's four files to `data_dir/mnist/`; whole ones are not fetched again.

    Args:
        data_dir: Folder of the datasets.
        mirrors: Addresses of folders that hold the files, each with a final slash.
        reporter: Reporter for messages and progress.

    Raises:
        NoNetwork: If no mirror can be reached.
        DownloadFailed: If a mirror can be reached and none gives a file.
        AppError: If the disk is too small or full, or the folder cannot be written.
    """
    folder = data_dir / "mnist"
    for name, sha256 in MNIST_SHA256.items():
        urls = tuple(mirror + name for mirror in mirrors)
        by_hand = (
            f"Or fetch {', '.join(MNIST_SHA256)} from {mirrors[0]} in a browser and save them in "
            f"'{folder}'."
        )
        file = RemoteFile(name, urls, sha256, gzipped=True, by_hand=by_hand)
        download(file, folder / name, reporter=reporter)


def fetch_catsdogs(
    data_dir: Path, *, mirrors: Sequence[str] = CATSDOGS_MIRRORS, reporter: Reporter = SILENT
) -> None:
    """Bring the photographs to `data_dir/catsdogs/PetImages/{Cat,Dog}/N.jpg`.

    Nothing is fetched if they are there. The archive passes through `data_dir`; one that was
    placed there by hand is used, and removed like any other when it has been unpacked.

    Args:
        data_dir: Folder of the datasets.
        mirrors: Addresses of folders that hold the archive, each with a final slash.
        reporter: Reporter for messages and progress.

    Raises:
        NoNetwork: If no mirror can be reached.
        DownloadFailed: If a mirror can be reached and none gives the archive.
        AppError: If `data_dir/catsdogs` holds something else than the photographs, if the disk
            is too small or full, or the folder cannot be written.
    """
    folder = data_dir / "catsdogs"
    recover_folder(folder)
    if _is_complete(folder):
        return
    archive = data_dir / CATSDOGS_ZIP
    urls = tuple(mirror + CATSDOGS_ZIP for mirror in mirrors)
    download(
        RemoteFile(CATSDOGS_ZIP, urls, CATSDOGS_SHA256, size=CATSDOGS_BYTES),
        archive,
        needed_bytes=CATSDOGS_BYTES + CATSDOGS_UNPACKED_BYTES,
        reporter=reporter,
    )
    photographs = Contents(
        accept=lambda name: _PHOTOGRAPH.fullmatch(name) is not None,
        max_bytes=2 * CATSDOGS_UNPACKED_BYTES,
        max_files=len(CATSDOGS_CLASSES) * CATSDOGS_PER_CLASS,
    )
    extract(archive, folder, photographs, reporter)
    archive.unlink()


def _is_complete(folder: Path) -> bool:
    """Return whether the photographs are in `folder`.

    Raises:
        AppError: If other files are: unpacking would replace a user's files.
    """
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    counts = Counter(match[1] for match in map(_PHOTOGRAPH.fullmatch, names) if match)
    if all(counts[kind] >= CATSDOGS_ENOUGH for kind in CATSDOGS_CLASSES):
        return True
    # Hidden files are the desktop's own, such as .DS_Store.
    if any(not Path(name).name.startswith(".") for name in names):
        found = " and ".join(
            f"{counts[kind]:,} PetImages/{kind}/N.jpg" for kind in CATSDOGS_CLASSES
        )
        raise AppError(
            f"'{folder}' holds {len(names):,} files, among them {found}.",
            f"Expected the {CATSDOGS_PER_CLASS:,} photographs of each kind, or no such folder.",
            "Move it away and run the command again.",
        )
    return False
