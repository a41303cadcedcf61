"""Measurements on disk: each is written when it is made, and none is made twice."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.files import atomic_file
from app.lab.conclusion import Conclusion
from app.lab.findings import Row
from app.progress import progress_bar

Job = Callable[[], Any]
_LIBRARIES = {"keras": "Keras", "tensorflow": "TensorFlow"}


class Ledger:
    """The measurements of one experiment with one set of settings.

    A repeated command goes on where it was stopped. Measurements that were made with other
    settings are never mixed in, nor thrown away.

    Args:
        path: A JSON file; its folder is made when there is something to write.
        settings: All that the measurements depend on, as JSON can hold it.

    Raises:
        AppError: If the file holds something else.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any]):
        self.path = path
        self.settings = json.loads(json.dumps(settings))
        self.measurements: dict[str, Any] = {}
        self.measured: dict[str, str] = {}
        if path.exists():
            self._read()

    def _read(self) -> None:
        other = AppError(
            f"'{self.path}' holds no measurements of this experiment.",
            "Expected none, or those of the same command.",
            "Choose another folder with -o, or move the file away.",
        )
        try:
            content = json.loads(self.path.read_text("utf-8"))
            settings, measurements = content["settings"], dict(content["measurements"])
            measured = dict(content.get("measured", {}))
        except (OSError, ValueError, LookupError, TypeError):
            raise other from None
        if settings != self.settings:
            changed = sorted(
                name
                for name in {*settings, *self.settings}
                if settings.get(name) != self.settings.get(name)
            )
            raise AppError(
                f"'{self.path}' holds measurements with other settings: {', '.join(changed)}.",
                "Expected none, or those of the same command.",
                "Choose another folder with -o, or move the file away.",
            )
        self.measurements, self.measured = measurements, measured

    def measure(
        self, jobs: Mapping[str, Job], description: str, *, shown: bool = True
    ) -> dict[str, Any]:
        """Return what the jobs give, by name; those that were done are not done again.

        Args:
            jobs: By name: a function that returns what JSON can hold.
            description: Of the progress bar.
            shown: Whether there is one; jobs that draw bars of their own need the place.
        """
        with progress_bar(description, shown=shown) as update:
            for number, (name, job) in enumerate(jobs.items()):
                update(number, len(jobs))
                if name not in self.measurements:
                    # As it will be read again, so that a resumed run is no different.
                    self.measurements[name] = json.loads(json.dumps(job()))
                    self.measured = {"date": f"{date.today()}", "machine": _machine()}
                    self._write({})
        return {name: self.measurements[name] for name in jobs}

    def conclude(self, conclusion: Conclusion, rows: list[Row]) -> None:
        """Write what was found beside the measurements, or why nothing was."""
        self._write(
            {
                "quick": conclusion.quick,
                "finding": conclusion.finding or None,
                "no_finding": conclusion.reason or None,
                "rows": rows,
            }
        )

    def _write(self, more: Mapping[str, Any]) -> None:
        content = {
            "measured": self.measured,
            "settings": self.settings,
            **more,
            "measurements": self.measurements,
        }
        with atomic_file(self.path) as temporary:
            text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
            temporary.write_text(text + "\n", "utf-8")


def _machine() -> str:
    libraries = ", ".join(f"{name} {version(package)}" for package, name in _LIBRARIES.items())
    return f"{os.cpu_count()} CPU cores ({platform.system()} {platform.machine()}), {libraries}"
