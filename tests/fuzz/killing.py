"""A training run in a child process that sends itself a signal at its n-th write.

An audit hook in the child counts what it writes below its output folder: files opened for writing,
renamed and removed, folders made and removed, and flushes to disk. If the signal is SIGKILL and the
write a flush, what was to be flushed is first cut in half, as if the process had died while writing
it. Nothing in `app` knows of this.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))

_TIMES = ("seconds", "images_per_second")
# Mirrored images, so that at the end the best and the last epoch are compared by several views.
_FLAGS = (
    "--model", "dense", "--image-size", "16", "--batch-size", "12", "--epochs", "3",
    "--augment", "lecture", "--dropout", "0.3", "--tta", "--precision", "float32",
    "--deterministic", "--seed", "1", "--workers", "1",
)  # fmt: skip


class Hook:
    """Count the writes below a folder; at one of them, send this process a signal."""

    def __init__(self, folder: Path, point: int, sent: int):
        self.folder = folder.resolve()
        self.point = point
        self.sent = sent
        self.writes: list[str] = []
        self.kept: dict[Path, int] = {}  # sizes before something was appended
        self.pid = os.getpid()
        fsync = os.fsync

        def counted_fsync(descriptor: int) -> None:
            self.wrote("flush", Path(f"/proc/self/fd/{descriptor}").readlink(), cut=True)
            fsync(descriptor)

        os.fsync = counted_fsync
        sys.addaudithook(self.audit)

    def audit(self, event: str, arguments: tuple) -> None:
        if event == "open":
            path, mode, flags = arguments
            if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                if mode == "a":
                    self.kept[Path.cwd() / path] = Path(path).stat().st_size
                self.wrote(event, path)
        elif event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir"):
            self.wrote(event, arguments[0])

    def wrote(self, event: str, named: Any, *, cut: bool = False) -> None:
        if not isinstance(named, str | bytes | os.PathLike) or os.getpid() != self.pid:
            return
        path = Path.cwd() / os.fsdecode(named)
        if not path.is_relative_to(self.folder):
            return
        self.writes.append(f"{event} {path.relative_to(self.folder)}")
        if len(self.writes) == self.point:
            if cut and self.sent == signal.SIGKILL:
                os.truncate(path, (self.kept.get(path, 0) + path.stat().st_size) // 2)
            os.kill(self.pid, self.sent)


def child(point: str, sent: str, folder: str, *flags: str) -> int:
    """Train in this process, with the hook; print what was written as the last line."""
    from app import figure_files
    from app.cli.train import main as train
    from app.files import atomic_file
    from app.storage import saving

    # Most of the time would go into the LiteRT file and the figures: their writes are enough.
    def constant_litert(_model: object, _source: Path, target: Path, _samples: object) -> str:
        target.write_bytes(b"not converted")
        return "not made"

    def constant_figure(_figure: object, target: Path) -> None:
        with atomic_file(target) as temporary:
            temporary.write_bytes(b"not drawn")

    # An unknown name raises.
    mock.patch.object(saving, "export_litert", constant_litert).start()
    mock.patch.object(figure_files, "save", constant_figure).start()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background ignores
    hook = Hook(Path(folder), int(point), getattr(signal, sent))
    status = train([*flags, "--output", folder])
    print(json.dumps(hook.writes), flush=True)
    return status


def run(
    data: Path, folder: Path, *flags: str, point: int = 0, sent: str = "SIGKILL"
) -> dict[str, Any]:
    """Train in a child process; return its exit status, its messages and what it wrote."""
    command = [sys.executable, __file__, str(point), sent, str(folder)]
    command += [*_FLAGS, "--dataset", str(data), *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    writes = json.loads(lines[-1]) if lines and lines[-1].startswith("[") else []
    return {"status": done.returncode, "writes": writes, "text": done.stdout + done.stderr}


def result(folder: Path) -> dict[str, Any] | None:
    """Return what must be equal in all runs, or `None` if no model was saved."""
    (model, *others) = [path for path in folder.iterdir() if path.suffix != ".unfinished"] or [None]
    if model is None or not (model / "card.json").exists():
        return None
    card = json.loads((model / "card.json").read_text())
    with zipfile.ZipFile(model / "model.keras") as archive:
        weights = hashlib.sha256(_weights(archive)).hexdigest()
    with (model / "history.csv").open(newline="") as file:
        history = [
            {name: value for name, value in row.items() if name not in _TIMES}
            for row in csv.DictReader(file)
        ]
    return {
        "name": model.name,
        "files": sorted(path.name for path in model.iterdir()),
        "others": sorted(path.name for path in others),
        "weights": weights,
        "history": history,
        "metrics": card["metrics"],
        "finished": card["finished"],
        "best_epoch": card["training"]["best_epoch"],
    }


def _weights(archive: zipfile.ZipFile) -> bytes:
    import h5py

    found: list[bytes] = []
    with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        file.visititems(
            lambda name, item: (
                found.append(name.encode() + item[()].tobytes())
                if isinstance(item, h5py.Dataset)
                else None
            )
        )
    return b"".join(found)


if __name__ == "__main__":
    sys.exit(child(*sys.argv[1:]))
