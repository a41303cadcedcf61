"""Time of a sweep of 8 small runs: in parallel processes, one after the other, and by train.py.

    python benchmarks/sweep.py [--jobs N ...]

All ways train the same runs, in an alternating order, and the ratios are of the same round. Matrix
products in as many processes at once say what the cores have to give, beyond waiting.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_FLAGS = [
    "--dataset", "digits", "--model", "convnet", "--epochs", "8", "--augment", "none",
    "--precision", "float32",
]  # fmt: skip
_SEEDS = range(8)
_PRODUCTS = """
import numpy as np
a = np.ones((512, 512), np.float32)
for _ in range(2_000):
    a @ a
"""


def main() -> None:
    """Print the seconds of every way, and their ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cores = os.cpu_count() or 1
    parser.add_argument("--jobs", type=int, nargs="+", default=[cores], metavar="N")
    parser.add_argument("--rounds", type=int, default=2, metavar="N")
    parsed = parser.parse_args()
    for number in range(parsed.rounds):
        ways = [1, *parsed.jobs]
        seconds = {jobs: _sweep(jobs) for jobs in (ways if number % 2 == 0 else ways[::-1])}
        alone = _one_by_one()
        for jobs in parsed.jobs:
            products = jobs * _products(1) / _products(jobs)
            print(
                f"round {number + 1}, load {os.getloadavg()[0]:.1f}: {jobs} jobs "
                f"{seconds[jobs]:.1f} s; 1 job {seconds[1]:.1f} s, ratio "
                f"{seconds[1] / seconds[jobs]:.2f}; train.py {alone:.1f} s, ratio "
                f"{alone / seconds[jobs]:.2f}; matrix products, ratio {products:.2f}",
                flush=True,
            )


def _sweep(jobs: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "sweep"
        words = ["sweep", "-o", str(output), "--seeds", "0-7", "--jobs", str(jobs), *_FLAGS]
        return _seconds(["-m", "app", *words])


def _one_by_one() -> float:
    with tempfile.TemporaryDirectory() as folder:
        return sum(
            _seconds(["train.py", *_FLAGS, "--seed", str(seed), "--output", folder])
            for seed in _SEEDS
        )


def _products(processes: int) -> float:
    """Return the seconds of the same matrix products in each of several processes at once."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    started = time.perf_counter()
    running = [
        subprocess.Popen([sys.executable, "-c", _PRODUCTS], env=environment)
        for _ in range(processes)
    ]
    for process in running:
        process.wait()
    return time.perf_counter() - started


def _seconds(words: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
