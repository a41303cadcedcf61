"""Sort image files into one folder per class, without changing or overwriting a file.

It can be repeated: a file that is there already with the same content is left as it is. Files of an
earlier run stay in the folder of another class, and are counted.
"""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from app.errors import AppError
from app.files import atomic_file, folder_name, printable, reporting_disk_errors
from app.names import caseless

LINKS = ("hard", "symbolic")


class Sorter:
    """Puts image files into one folder per class.

    Args:
        folder: Parent of the folders; it is created when the first file comes.
        class_names: Names of the classes.
        link: `hard` or `symbolic` links instead of copies; empty for copies.

    Attributes:
        counts: Number of images by class, those included that were there already.
        written: Number of files that were written.
        elsewhere: Files that were there, in another class's folder than their images are put into.

    Raises:
        AppError: If `folder` is a file, or two classes would share a folder.
    """

    def __init__(self, folder: Path, class_names: Sequence[str], link: str = ""):
        if os.path.lexists(folder) and not folder.is_dir():
            raise AppError(
                f"--sort-into '{folder}' is a file.",
                "Expected a folder; it is created if it does not exist.",
            )
        self._folders = {name: folder / folder_name(name) for name in class_names}
        shared = Counter(caseless(path.name) for path in self._folders.values())
        clashing = [n for n, path in self._folders.items() if shared[caseless(path.name)] > 1]
        if clashing:
            raise AppError(
                f"The classes {', '.join(map(printable, clashing))} would share a folder.",
                "Expected classes whose names differ in more than case and punctuation.",
                "Use --csv, and sort the files by its column 'label'.",
            )
        self._place = _PLACERS[link]
        self._earlier = sorted(path for path in folder.glob("*") if path.is_dir())
        self.counts: Counter[str] = Counter()
        self.written = 0
        self.elsewhere: list[Path] = []

    def add(self, image: Path, label: str) -> Path:
        """Put a file into the folder of a class.

        If another file has its name there, it gets a number: `7.jpg`, `7-2.jpg`.

        Args:
            image: File; it stays where it is.
            label: Name of its class.

        Returns:
            The file in the folder.

        Raises:
            AppError: If it cannot be written.
        """
        folder = self._folders[label]
        for other in self._earlier:
            target, is_there = _find(image, other)
            if is_there and other != folder:
                self.elsewhere.append(target)
                break
        target, is_there = _find(image, folder)
        if not is_there:
            with reporting_disk_errors(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                self._place(image, target)
            self.written += 1
        self.counts[label] += 1
        return target


def _find(image: Path, folder: Path) -> tuple[Path, bool]:
    """Return the file with an image's content and name, or a free name, and whether it is there."""
    target, number = folder / image.name, 1
    while os.path.lexists(target):
        if target.is_file() and filecmp.cmp(image, target, shallow=False):
            return target, True
        number += 1
        target = folder / f"{image.stem}-{number}{image.suffix}"
    return target, False


def _copy(image: Path, target: Path) -> None:
    with atomic_file(target) as temporary:
        shutil.copyfile(image, temporary)
        times = image.stat()
        os.utime(temporary, ns=(times.st_atime_ns, times.st_mtime_ns))


def _link_hard(image: Path, target: Path) -> None:
    try:
        os.link(image.resolve(), target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise
        raise AppError(
            f"'{target}' cannot be a hard link to '{image}': {error.strerror}.",
            "Expected both on one file system that has hard links.",
            "Use --link symbolic, or leave --link out to copy.",
        ) from None


def _link_symbolic(image: Path, target: Path) -> None:
    target.symlink_to(image.resolve())


_PLACERS: dict[str, Callable[[Path, Path], None]] = {
    "": _copy,
    "hard": _link_hard,
    "symbolic": _link_symbolic,
}
