"""Measure an exported network beside the original: accuracy, size and time per image.

Times are processor times, of all threads together: a network on one thread takes as long on an idle
core, and other programs that run meanwhile change little.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from app.data.pixels import DecodedSplit
from app.export.portable import Outputs
from app.metrics import Evaluation
from app.multi_label import evaluate_predictions, predicted
from app.reporting import Reporter

_BATCH = 64  # images that are decoded together
_ROUNDS, _LEAST_ROUNDS, _SECONDS = 200, 15, 6.0


class Network(NamedTuple):
    """A network to measure.

    Attributes:
        name: Human-readable name, with what runs it.
        outputs: Maps uint8 `(B, H, W, C)` to probabilities `(B, K)`.
        size: Bytes of its files.
        probabilities: `(N, K)` of the images to measure on, if they are known; else `None`.
    """

    name: str
    outputs: Outputs
    size: int
    probabilities: np.ndarray | None = None


@dataclass(frozen=True)
class Measured:
    """A network's accuracy, size and time.

    Attributes:
        name: Human-readable name, with what runs it.
        size: Bytes of its files.
        evaluation: Metrics.
        probabilities: `(N, K)`.
        seconds: `(rounds,)` processor time of one image, paired with that of other networks.
    """

    name: str
    size: int
    evaluation: Evaluation
    probabilities: np.ndarray
    seconds: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """`(N,)` predicted classes; `(N, K)` booleans of a multi-label model."""
        return predicted(self.probabilities, self.evaluation)

    @property
    def accuracy_text(self) -> str:
        """The accuracy with its 95% interval, such as `99.28% (99.00–99.48)`."""
        low, high = self.evaluation.interval
        return f"{self.evaluation.accuracy:.2%} ({100 * low:.2f}–{100 * high:.2f})"

    @property
    def milliseconds(self) -> float:
        """Median processor time of one image."""
        return float(np.median(self.seconds)) * 1_000

    def speedup_over(self, other: Measured) -> float:
        """Return how many times as fast as another network it is: the median over the rounds."""
        return float(np.median(other.seconds / self.seconds))

    def to_json(self) -> dict[str, object]:
        """Return a dictionary that `json` can write."""
        low, high = self.evaluation.interval
        return {
            "name": self.name, "accuracy": self.evaluation.accuracy, "low": low, "high": high,
            "n": self.evaluation.n, "bytes": self.size, "milliseconds": self.milliseconds,
        }  # fmt: skip


def measure(
    networks: Sequence[Network],
    decoded: DecodedSplit,
    class_names: Sequence[str],
    thresholds: Sequence[float],
    reporter: Reporter,
) -> list[Measured]:
    """Measure networks on the same images, one image at a time.

    Args:
        networks: Networks to measure.
        decoded: Images with their labels.
        class_names: Classes in the order of the labels.
        thresholds: Of a multi-label model, the probability of each class from which on it is
            predicted; else none.
        reporter: Reporter of progress.
    """
    probabilities = [
        _probabilities(one, decoded, reporter) if one.probabilities is None else one.probabilities
        for one in networks
    ]
    count = min(_ROUNDS, len(decoded.examples))
    seconds = _times([one.outputs for one in networks], decoded.images[np.arange(count)])
    return [
        Measured(
            one.name,
            one.size,
            evaluate_predictions(rows, decoded.examples.labels, class_names, thresholds),
            rows,
            times,
        )
        for one, rows, times in zip(networks, probabilities, seconds.T, strict=True)
    ]


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _probabilities(network: Network, decoded: DecodedSplit, reporter: Reporter) -> np.ndarray:
    rows: list[np.ndarray] = []
    total = len(decoded.examples)
    with reporter.progress(f"evaluating {network.name}") as update:
        for start in range(0, total, _BATCH):
            images = decoded.images[np.arange(start, min(start + _BATCH, total))]
            rows += [network.outputs(image[np.newaxis]) for image in images]
            update(len(rows), total)
    return np.clip(np.concatenate(rows), 0.0, 1.0)


def _times(outputs: Sequence[Outputs], images: np.ndarray) -> np.ndarray:
    """Return the processor seconds `(rounds, networks)` of one image, each of all networks."""
    rounds: list[list[float]] = []
    start = time.perf_counter()
    while len(rounds) < _ROUNDS and (
        len(rounds) < _LEAST_ROUNDS or time.perf_counter() - start < _SECONDS
    ):
        image = images[len(rounds) % len(images)][np.newaxis]
        times = []
        for run in outputs:
            before = time.process_time()
            run(image)
            times.append(time.process_time() - before)
        rounds.append(times)
    return np.array(rounds)
