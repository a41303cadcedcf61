"""Training with oneDNN's kernels, which `app.keras_startup` asks for, and with Eigen's, in turn.

    CONVLAB_DATA=... python benchmarks/onednn.py [--rounds 3]

TensorFlow itself takes oneDNN only on processors with AVX-512 instructions for networks. Prints
the images per second of the last of three epochs, and their ratio: median, lowest and highest.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
RUNS = {
    "mnist-tiny's network": "--dataset mnist --recipe tiny --limit 6000",
    "the lecture's, digits": "--dataset mnist --recipe lecture --limit 6000",
    "photographs, fast": "--dataset catsdogs --recipe fast --limit 600",
    "photographs, default": "--dataset catsdogs --limit 600",
}


def main() -> None:
    """Train every network with both libraries, in turn, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print(f"{'':22}{'oneDNN':>10}{'Eigen':>10}{'ratio':>24}")
    for name, flags in RUNS.items():
        pairs = [
            (images_per_second(flags, "1"), images_per_second(flags, "0")) for _ in range(rounds)
        ]
        ratios = [own / peer for own, peer in pairs]
        medians = [statistics.median(values) for values in zip(*pairs, strict=True)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
        print(f"{name:22}{medians[0]:10.0f}{medians[1]:10.0f}{spread:>24}", flush=True)


def images_per_second(flags: str, onednn: str) -> float:
    """Train for three epochs; return the speed of the last one, which compiles nothing."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "train.py", *flags.split(), "--epochs=3", "--stand-in=never"]
        subprocess.run(
            [*command, "--precision=float32", f"--output={folder}", "--name=run"],
            cwd=ROOT,
            env={**os.environ, "TF_ENABLE_ONEDNN_OPTS": onednn},
            check=True,
            capture_output=True,
        )
        with (Path(folder) / "run" / "history.csv").open(encoding="utf-8") as file:
            return float(list(csv.DictReader(file))[-1]["images_per_second"])


if __name__ == "__main__":
    main()
