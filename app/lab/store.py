"""A resumable store of measurements: one JSON file, written after each job."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import AppError
from app.files import atomic_file
from app.reporting import SILENT, Reporter

if TYPE_CHECKING:
    from app.lab.result import Conclusion, Row

Job = Callable[[], Any]
SECONDS = "processor_seconds"  # of all jobs together, over all cores
_LIBRARIES = {"keras": "Keras", "tensorflow": "TensorFlow"}


class ResultStore:
    """The measurements of one experiment with one set of settings.

    A repeated command resumes where it was stopped. Measurements of other settings are neither
    mixed in nor overwritten.

    Args:
        path: JSON file; its folder is created with the first measurement.
        settings: Everything that the measurements depend on, as JSON can hold it.

    Raises:
        AppError: If the file holds something else.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any]):
        self.path = path
        self.settings = json.loads(json.dumps(settings))
        self.measurements: dict[str, Any] = {}
        self.measured: dict[str, Any] = {}
        if path.exists():
            self._read()

    def _read(self) -> None:
        try:
            content = json.loads(self.path.read_text("utf-8"))
            settings, measurements = content["settings"], dict(content["measurements"])
            measured = dict(content.get("measured", {}))
        except (OSError, ValueError, LookupError, TypeError):
            raise self._refusal("holds no measurements of this experiment") from None
        if settings != self.settings:
            changed = sorted(
                name
                for name in {*settings, *self.settings}
                if settings.get(name) != self.settings.get(name)
            )
            raise self._refusal(f"holds measurements with other settings: {', '.join(changed)}")
        self.measurements, self.measured = measurements, measured

    def _refusal(self, reason: str) -> AppError:
        return AppError(
            f"'{self.path}' {reason}.",
            "Expected no file, or measurements of the same command.",
            "Choose another folder with -o, or move the file away.",
        )

    def measure(
        self, jobs: Mapping[str, Job], description: str, reporter: Reporter = SILENT
    ) -> dict[str, Any]:
        """Return the results of the jobs by name; finished jobs are not repeated.

        Args:
            jobs: Functions by name, each of which returns what JSON can hold.
            description: Text of the progress bar.
            reporter: Reporter for progress; silent if the jobs report their own.
        """
        with reporter.progress(description) as update:
            for number, (name, job) in enumerate(jobs.items()):
                update(number, len(jobs))
                if name not in self.measurements:
                    self._measure_one(name, job)
        return {name: self.measurements[name] for name in jobs}

    def _measure_one(self, name: str, job: Job) -> None:
        # Other work on the machine changes how long a job takes, and its processor time far less.
        before = time.process_time()
        # As it will be read again, so that a resumed run does not differ.
        self.measurements[name] = json.loads(json.dumps(job()))
        seconds = self.measured.get(SECONDS, 0.0) + time.process_time() - before
        self.measured = {
            "date": f"{date.today()}",
            "machine": _machine(),
            SECONDS: round(seconds, 1),
        }
        self._write({})

    def conclude(self, conclusion: Conclusion, rows: list[Row]) -> None:
        """Write the conclusion and the table next to the measurements."""
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
