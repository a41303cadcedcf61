"""Many images: a folder of files against packed shards, and what predictions of them take.

    python benchmarks/shards.py                       # 10,000 and 100,000 images
    python benchmarks/shards.py --counts 1000000      # hours on one core, and 1,000,000 files

Each measurement runs in a process of its own, on synthetic JPEGs of 32×32 pixels. Before reading,
their pages are dropped from the cache of the system, so that they come from the disk. `listing` is
the time until the dataset is known; `check` the decoding of all images before training; `epoch` the
reading of all of them once more in the order of an epoch, in batches of 64 by two threads. Memory
is the highest resident memory: how much of it came after the imports, or of `predict`, that of its
two processes together.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

_SIDE, _CLASSES, _BATCH, _WORKERS = 32, 10, 64, 2
_MODEL = Path(__file__).parents[1] / "saved_models" / "mnist-dense"


def main() -> None:
    """Print a row for each measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--folder", help="folder of the images (default: a temporary one)")
    parser.add_argument("--measure", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        name, folder = arguments.measure
        print(json.dumps(MEASUREMENTS[name](Path(folder))))
        return
    print("| images | what | listing | check | images/s | memory |")
    print("|---|---|---|---|---|---|")
    for count in arguments.counts:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as place:
            _write(Path(place), count)
            for name in MEASUREMENTS:
                command = [sys.executable, __file__, "--measure", name, place]
                found = json.loads(subprocess.check_output(command, text=True).splitlines()[-1])
                cells = [f"{found[k]:.1f} s" if k in found else "–" for k in ("listing", "check")]
                print(
                    f"| {count:,} | {name} | {' | '.join(cells)} | {count / found['seconds']:,.0f} "
                    f"| {found['memory'] / 1e6:,.0f} MB |",
                    flush=True,
                )


def _write(place: Path, count: int) -> None:
    """Write a folder of images in classes, and the same packed: all of them to train on."""
    import cv2

    from app.data.folder_splits import SPLIT_ALIASES
    from app.data.shards.packing import pack

    rng = np.random.default_rng(0)
    for split in SPLIT_ALIASES:
        images = count if split == "train" else _CLASSES
        for label in range(_CLASSES):
            folder = place / "files" / split / f"class {label}"
            folder.mkdir(parents=True)
            for number in range(images // _CLASSES):
                pixels = rng.integers(0, 256, (_SIDE // 4, _SIDE // 4, 3), np.uint8)
                large = cv2.resize(pixels, (_SIDE, _SIDE))
                (folder / f"{number:07}.jpg").write_bytes(cv2.imencode(".jpg", large)[1].tobytes())
    pack(_dataset(place / "files"), place / "shards")
    os.sync()


def _dataset(folder: Path) -> Any:
    from app.data.registry import load_dataset

    return load_dataset(str(folder), folder)


def _reading(folder: Path, shuffle: Any) -> dict[str, float]:
    """Measure what training does with the images, but for the network."""
    from app.keras_startup import start_keras

    start_keras()
    from app.data.batches import Batches
    from app.data.pixels import Decoder

    _drop_from_cache(folder)
    Path("/proc/self/clear_refs").write_text("5")  # the peak of the imports is forgotten
    before = _memory("VmRSS")
    started = time.perf_counter()
    dataset = _dataset(folder)
    listed = time.perf_counter()
    decoder = Decoder((_SIDE, _SIDE), 3, False, _WORKERS)
    decoded = decoder.decode(dataset.train, dataset.class_names)
    checked = time.perf_counter()
    _drop_from_cache(folder)
    batches = Batches(
        decoded.images, dataset.train.labels, _BATCH, shuffle=shuffle, workers=_WORKERS
    )
    begun = time.perf_counter()
    for index in range(batches.num_batches):
        batches[index]
    return {
        "listing": listed - started,
        "check": checked - listed,
        "seconds": time.perf_counter() - begun,
        "memory": _memory("VmHWM") - before,
    }


def _read_files(place: Path) -> dict[str, float]:
    return _reading(place / "files", True)


def _read_shards(place: Path) -> dict[str, float]:
    return _reading(place / "shards", True)


def _read_blocks(place: Path) -> dict[str, float]:
    from app.data.block_shuffle import BlockShuffle

    return _reading(place / "shards", BlockShuffle())


def _predict(images: Path) -> dict[str, float]:
    """Measure the command, and the memory of both of its processes."""
    import psutil

    from app.bulk.run import predict_into
    from app.bulk.worker import Task
    from app.reporting import SILENT

    _drop_from_cache(images)
    workers: dict[int, int] = {}

    def watch() -> None:
        while not ended.wait(0.1):
            for child in psutil.Process().children():
                with suppress(OSError, ValueError, IndexError):  # it ends
                    workers[child.pid] = _memory("VmHWM", child.pid)

    ended = threading.Event()
    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=images.parent) as place:
        target, task = Path(place) / "results.csv", Task(model=str(_MODEL), raw=True)
        predict_into(target, [str(images)], task, processes=1, reporter=SILENT)
    seconds = time.perf_counter() - started
    ended.set()
    watcher.join()
    return {"seconds": seconds, "memory": _memory("VmHWM") + max(workers.values())}


def _predict_files(place: Path) -> dict[str, float]:
    return _predict(place / "files")


def _predict_shards(place: Path) -> dict[str, float]:
    return _predict(place / "shards")


MEASUREMENTS: dict[str, Callable[[Path], dict[str, float]]] = {
    "folder": _read_files,
    "shards": _read_shards,
    "shards, blocks": _read_blocks,
    "predict folder": _predict_files,
    "predict shards": _predict_shards,
}


def _memory(kind: str, process: int | None = None) -> int:
    """Return the resident memory of a process in bytes: `VmRSS`, or the highest so far, `VmHWM`."""
    status = Path(f"/proc/{process or os.getpid()}/status").read_text()
    return 1_024 * int(status.partition(f"{kind}:")[2].split()[0])


def _drop_from_cache(folder: Path) -> None:
    """Have the system forget what it has read of all files below a folder."""
    for inner, _, names in os.walk(folder):  # `Path.rglob` may remember all paths
        for name in names:
            descriptor = os.open(os.path.join(inner, name), os.O_RDONLY)  # noqa: PTH118
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


if __name__ == "__main__":
    main()
