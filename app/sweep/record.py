"""The folder of a sweep: what it is, how far it is, and what it found.

`sweep.json` holds the design and the results, `sweep.csv` a row for every run, `sweep.png` the
figure, and `runs/` the saved models. Results are read from the models themselves, so that a sweep
that was killed has lost nothing.
"""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.files import atomic_file, lock_file, reporting_disk_errors
from app.sweep.design import Run
from app.sweep.results import Results
from app.sweep.unit import Measurement

RECORD, TABLE, FIGURE = "sweep.json", "sweep.csv", "sweep.png"
PROBE = ".cluster"  # by which workers of a cluster recognize the folder
_LOCK = ".lock"
_COLUMNS = (
    "run", "setting", "seed", "fold", "state", "metric", "validation_accuracy", "validation_loss",
    "test_accuracy", "test_loss", "epoch", "epochs", "seconds", "error",
)  # fmt: skip


def stored_design(folder: Path) -> dict[str, Any] | None:
    """Return the identity of the sweep in a folder, or `None` if there is no sweep.

    Raises:
        AppError: If the folder holds something else.
    """
    path = folder / RECORD
    if not path.exists():
        names = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
        others = sorted(names - {_LOCK, PROBE})
        if others:
            raise AppError(
                f"'{folder}' holds other files, such as '{others[-1]}', and no {RECORD}.",
                "Expected a new or an empty folder, or that of a sweep.",
                "Choose another folder with -o.",
            )
        return None
    try:
        design = json.loads(path.read_text("utf-8"))["design"]
        if isinstance(design, dict):
            return design
    except (OSError, ValueError, LookupError, TypeError):
        pass
    raise AppError(
        f"'{path}' holds no sweep.",
        "Expected the file that a sweep wrote.",
        "Choose another folder with -o, or move the file away.",
    )


def stored_errors(folder: Path) -> dict[str, str]:
    """Return why runs of the sweep in a folder failed, by the name of the run.

    Raises:
        AppError: If the file of the sweep is damaged.
    """
    return {row["run"]: row["error"] for row in _stored_rows(folder) if row["error"]}


def stored_settings(folder: Path) -> list[dict[str, Any]]:
    """Return the values of the settings of the sweep in a folder, by their number.

    Raises:
        AppError: If the file of the sweep is damaged.
    """
    values = {row["setting"]: row["values"] for row in _stored_rows(folder)}
    return [values[number] for number in sorted(values)]


def _stored_rows(folder: Path) -> list[dict[str, Any]]:
    if stored_design(folder) is None:
        return []
    rows: list[dict[str, Any]] = json.loads((folder / RECORD).read_text("utf-8")).get("runs", [])
    return rows


def check_design(folder: Path, stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse to mix two sweeps in one folder.

    Raises:
        AppError: With what differs.
    """
    wanted = json.loads(json.dumps(wanted))
    different = [name for name in {**stored, **wanted} if stored.get(name) != wanted.get(name)]
    if stored.get("trials") and wanted.get("trials", 0) > stored["trials"]:
        different.remove("trials")  # a search goes on as long as one likes
    changed = [
        f"{name} {_short(stored.get(name))}, not {_short(wanted.get(name))}"
        for name in different
        if name != "images"
    ]
    if different and not changed:
        raise AppError(
            f"The images of the dataset are not those that the sweep in '{folder}' began with.",
            "Expected the same images for all runs.",
            "Restore them, or choose another folder with -o.",
        )
    if changed:
        raise AppError(
            f"'{folder}' holds another sweep: {'; '.join(changed)}.",
            "Expected the same settings, seeds, folds and grid.",
            f"Choose another folder with -o; or go on with this sweep: python -m app sweep -o "
            f"{shlex.quote(str(folder))}",
        )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder of a sweep for this process inside the block.

    Raises:
        AppError: If another process holds it, or it cannot be written.
    """
    with reporting_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / _LOCK).open("w")
    with lock:
        if not lock_file(lock, folder / _LOCK):
            raise AppError(
                f"Another process is running the sweep in '{folder}'.",
                "Expected one process for a folder.",
                "Its state: add --table.",
            )
        yield


def write_record(
    folder: Path, design: Mapping[str, Any], runs: Sequence[Mapping[str, Any]], results: Results
) -> None:
    """Write `sweep.json` and `sweep.csv`.

    Args:
        folder: Folder of the sweep.
        design: Identity of the sweep.
        runs: Rows of `run_rows`.
        results: Results by setting.

    Raises:
        AppError: If the folder cannot be written.
    """
    best = results.best
    content = {
        "design": design,
        "best": best.number if best else None,
        "settings": [one.to_json() for one in results.settings],
        "compared_with_best": [one.to_json() for one in results.rivals],
        "runs": runs,
    }
    with atomic_file(folder / RECORD) as path:
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        path.write_text(text + "\n", "utf-8")
    with (
        atomic_file(folder / TABLE) as path,
        path.open("w", newline="", encoding="utf-8") as file,
    ):
        varied = list(runs[0]["values"]) if runs else []
        writer = csv.writer(file)
        writer.writerow([*_COLUMNS[:2], *varied, *_COLUMNS[2:]])
        for row in runs:
            cells = [row[name] for name in _COLUMNS]
            writer.writerow([*cells[:2], *(row["values"][name] for name in varied), *cells[2:]])


def run_rows(
    runs: Sequence[Run], measurements: Mapping[str, Measurement], errors: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return what is known of every run, for `write_record`.

    Args:
        runs: All runs.
        measurements: What finished and stopped runs have measured, by the name of the run.
        errors: Why runs failed, by the name of the run.
    """
    rows = []
    for run in runs:
        found = measurements.get(run.name)
        state = "failed" if run.name in errors else "waiting"
        if found is not None:
            state = "finished" if found.finished else state.replace("waiting", "stopped")
        rows.append(
            {
                "run": run.name, "setting": run.number, "values": dict(run.values),
                "seed": run.settings.seed, "fold": run.settings.fold, "state": state,
                "metric": found.metric if found else None,
                "validation_accuracy": found.accuracy if found else None,
                "validation_loss": found.loss if found else None,
                "test_accuracy": found.test_accuracy if found else None,
                "test_loss": found.test_loss if found else None,
                "epoch": found.epoch if found else None,
                "epochs": found.epochs if found else None,
                "seconds": found.seconds if found else None,
                "error": errors.get(run.name) if state == "failed" else None,
            }
        )  # fmt: skip
    return rows


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
