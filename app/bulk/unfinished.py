"""The folder of a run that has not ended: what it does, and the pieces that are done.

RESULTS.csv.unfinished/
    run.json                    model, options and images, which must be the same to go on
    images.jsonl                the list of all images
    000000-errors-3.csv         the rows of a piece; 3 of its images could not be used
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.files import atomic_file, lock_file, reporting_disk_errors

_RECORD, _LIST, _LOCK = "run.json", "images.jsonl", "lock"
_PIECE = re.compile(r"(\d+)-errors-(\d+)")


@dataclass(frozen=True)
class Unfinished:
    """The folder of a run.

    Attributes:
        target: File that the run will write.
    """

    target: Path

    @property
    def folder(self) -> Path:
        """The folder, next to the file."""
        return self.target.with_name(f"{self.target.name}.unfinished")

    @property
    def image_list(self) -> Path:
        """File of the list of images."""
        return self.folder / _LIST

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder, which is created if it does not exist; other processes are refused.

        Raises:
            AppError: If another process holds it, or it cannot be written.
        """
        with reporting_disk_errors(self.target):
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / _LOCK).open("w")
        with file:
            if not lock_file(file, self.folder / _LOCK):
                raise AppError(
                    f"Another process is writing '{self.target}'.",
                    "Expected one process for a file.",
                    "Wait until it has ended, or choose another file with -o.",
                )
            try:
                if not self.done():  # nothing is lost if another run begins here
                    (self.folder / _RECORD).unlink(missing_ok=True)
                yield
            finally:
                if self.folder.exists() and not self.done():
                    self.remove()

    def check(self, facts: Mapping[str, Any]) -> None:
        """Compare what is known of this run with what was begun; the first run writes it.

        Args:
            facts: What must not change, by the noun for it: values of JSON.

        Raises:
            AppError: With what differs, or if the record cannot be read.
        """
        path = self.folder / _RECORD
        begun: dict[str, Any] = {}
        if path.exists():
            try:
                begun = dict(json.loads(path.read_text("utf-8")))
            except (OSError, ValueError, TypeError) as error:
                raise AppError(
                    f"'{path}' cannot be read: {error}.",
                    "Expected the record of a run that was stopped.",
                    f"Remove the folder '{self.folder}' to begin again.",
                ) from None
        for name, value in facts.items():
            if name in begun and begun[name] != value:
                raise AppError(
                    f"'{self.target}' was begun with other {name}: {_text(begun[name])}; these "
                    f"are {_text(value)}.",
                    "Expected the same to go on.",
                    "Repeat the command that began it, choose another file with -o, or remove the "
                    f"folder '{self.folder}' to begin again.",
                )
        if not begun.keys() >= facts.keys():
            with atomic_file(path) as temporary:
                temporary.write_text(json.dumps({**begun, **facts}, indent=1) + "\n", "utf-8")

    def done(self) -> dict[int, tuple[Path, int]]:
        """Return file and number of errors of each piece that is done, by its number."""
        return {
            int(found[1]): (path, int(found[2]))
            for path in self.folder.iterdir()
            if (found := _PIECE.fullmatch(path.stem))
        }

    def piece(self, number: int, errors: int) -> Path:
        """Return the file of a piece."""
        return self.folder / f"{number:06}-errors-{errors}{self.target.suffix.lower()}"

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return str(value)
