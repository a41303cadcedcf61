"""One run over 1, 2 and 4 processes of this machine, with JAX: is it the same, and how fast?

    CONVLAB_DATA=... python benchmarks/processes.py [--processes 1 2 4]

Trains each network for three epochs. Prints the images per second of the last epoch, their ratio to
those of one process, and the largest difference of a loss of the history and of a weight.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
RUNS = {
    "the lecture's, digits": "--dataset mnist --recipe lecture --limit 4000",
    "photographs, mixed": "--dataset catsdogs --limit 256 --image-size 64 --start-size 64 "
    "--final-size 64 --augment mixup=0.2,cutmix=1,horizontal_flip=True",
}


def main() -> None:
    """Train every network with every number of processes, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", nargs="+", type=int, default=[1, 2, 4])
    counts = parser.parse_args().processes
    print(f"{'':22}{'processes':>10}{'images/s':>10}{'ratio':>7}{'loss':>10}{'weight':>10}")
    for name, flags in RUNS.items():
        with tempfile.TemporaryDirectory() as folder:
            first = trained(flags, counts[0], Path(folder))
            for count in counts:
                speed, losses, weights = trained(flags, count, Path(folder))
                differences = [np.abs(a - b).max() for a, b in zip(weights, first[2], strict=True)]
                print(
                    f"{name:22}{count:10}{speed:10.0f}{speed / first[0]:7.2f}"
                    f"{np.abs(losses - first[1]).max():10.1e}{max(differences):10.1e}",
                    flush=True,
                )


def trained(flags: str, count: int, folder: Path) -> tuple[float, np.ndarray, list[np.ndarray]]:
    """Train, unless that is done; return images per second, losses `(epochs, 2)` and weights."""
    import keras

    import app.layers  # noqa: F401  registers them

    name = f"{count}-processes"
    if not (folder / name).exists():
        command = [sys.executable, "train.py", *flags.split(), "--epochs=3", "--stand-in=never"]
        command += [f"--processes={count}", f"--name={name}", f"--output={folder}"]
        environment = {**os.environ, "KERAS_BACKEND": "jax"}
        subprocess.run(
            [*command, "--precision=float32"],
            cwd=ROOT, env=environment, check=True, capture_output=True,
        )  # fmt: skip
    with (folder / name / "history.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    losses = np.array([[float(row["loss"]), float(row["val_loss"])] for row in rows])
    model = keras.models.load_model(folder / name / "model.keras")
    return float(rows[-1]["images_per_second"]), losses, model.get_weights()


if __name__ == "__main__":
    main()
