"""From a dataset to pixels that can be batched, and what was left out."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from app.config import RunConfig
from app.data.dataset import SPLIT_NAMES, UNBALANCED_RATIO, Dataset, Split
from app.data.pixels import DecodedSplit, decode, fits_in_memory
from app.data.sizes import sampled_sizes
from app.reporting import Reporter, format_duration

# Of the typical longer side.
_ENLARGED = 1.5


def decode_splits(
    config: RunConfig, splits: Dataset, reporter: Reporter
) -> dict[str, DecodedSplit]:
    """Decode all three splits, in memory or to be streamed, and say which was chosen.

    Raises:
        AppError: If a class of a split has no readable image.
    """
    size = (config.image_size, config.image_size)
    total = sum(len(splits.split(name)) for name in SPLIT_NAMES)
    in_memory = config.cache == "memory" or (
        config.cache == "auto" and fits_in_memory(total, size, splits.channels)
    )
    started = time.perf_counter()
    decoded = {}
    for name in SPLIT_NAMES:
        with reporter.progress(f"decoding {name} images") as update:
            decoded[name] = decode(
                splits.split(name),
                splits.class_names,
                size,
                splits.channels,
                in_memory=in_memory,
                workers=config.workers,
                progress=update,
            )
    if splits.train.in_files:
        how = "kept in memory" if in_memory else "checked; they will be streamed from disk"
        reporter.info(
            f"Decoded {total:,} images in {format_duration(time.perf_counter() - started)}: {how}."
        )
    skipped = all_skipped(decoded)
    if skipped:
        reporter.warning(
            f"Skipped {len(skipped):,} of {total:,} files, which cannot be decoded: "
            + "; ".join(f"{name} ({reason})" for name, reason in skipped[:3])
            + ("; …" if len(skipped) > 3 else ".")
            + " The model's skipped.csv will list them."
        )
    return decoded


def warn_of_enlarging(side: int, examples: Split, reporter: Reporter) -> None:
    """Warn if `--image-size` asks for far more pixels than most images have."""
    sizes = sampled_sizes(examples)
    typical = int(np.median([max(size) for size in sizes])) if sizes else side
    if side > _ENLARGED * typical:
        reporter.warning(
            f"warning: --image-size {side} enlarges the images: half of them have at most "
            f"{typical} pixels on the longer side. Training takes about "
            f"{(side / typical) ** 2:.0f} times as long as with --image-size {typical}, which "
            "shows the network the same."
        )


def report_balance(decoded: DecodedSplit, class_names: Sequence[str], reporter: Reporter) -> None:
    """Report how unbalanced the classes are, where accuracy alone would mislead."""
    counts = np.bincount(decoded.examples.labels, minlength=len(class_names))
    most, least = int(counts.argmax()), int(counts.argmin())
    if counts[most] > UNBALANCED_RATIO * counts[least]:
        reporter.info(
            f"Classes are unbalanced: {counts[most]:,} of '{class_names[most]}', {counts[least]:,} "
            f"of '{class_names[least]}'. Always predicting '{class_names[most]}' would be right in "
            f"{counts[most] / counts.sum():.2%}."
        )


def all_skipped(decoded: dict[str, DecodedSplit]) -> list[tuple[str, str]]:
    """Return `(name, reason)` of every file that could not be decoded."""
    return [entry for name in SPLIT_NAMES for entry in decoded[name].skipped]
