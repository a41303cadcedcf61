"""The drawn cats and dogs, kept in the user's cache: drawing all of them takes half a minute."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import PIL

from app.cache import cache_folder
from app.data.dataset import Dataset
from app.data.drawn.dataset import KINDS, SEED, draw_animals, labeled_drawings
from app.errors import AppError
from app.files import atomic_file
from app.reporting import Reporter

_SIDE = 128
# Drawn cats, and as many dogs: the numbers of the lecture protocol.
RANGES = {"train": (0, 1000), "validation": (1000, 1500), "test": (1500, 2500)}


def load_drawn(reporter: Reporter) -> Dataset:
    """Return the drawn cats and dogs as a dataset.

    Args:
        reporter: Reporter for messages and progress.
    """
    drawings = load_drawings(max(stop for _, stop in RANGES.values()), reporter)
    splits = {
        name: labeled_drawings(drawings[:, start:stop], start)
        for name, (start, stop) in RANGES.items()
    }
    return Dataset(
        name="drawn",
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        class_names=KINDS,
        channels=3,
        source="cats and dogs drawn by the program",
    )


def load_drawings(count: int, reporter: Reporter) -> np.ndarray:
    """Return the first `count` drawings of either kind, from the cache if they are there.

    The file's name changes with the program that draws, so drawings of another version are never
    used. It replaces them.

    Args:
        count: Number of cats, and of dogs.
        reporter: Reporter for messages and progress.

    Returns:
        `(2, count, 128, 128, 3)` uint8: cats, then dogs.
    """
    path = cache_folder() / f"drawn-{_version(count)}.npy"
    shape = (len(KINDS), count, _SIDE, _SIDE, 3)
    kept = _read(path, shape)
    if kept is not None:
        return kept
    reporter.info(
        f"Drawing {count:,} cats and {count:,} dogs, which takes half a minute. They are kept in "
        f"'{path}' ({np.prod(shape) / 1e6:.0f} MB)."
    )
    with reporter.progress("drawing") as update:
        images = draw_animals(0, count, _SIDE, update)
    try:
        with atomic_file(path) as temporary:
            np.save(temporary, images)
    except AppError as error:
        reporter.warning(f"note: the drawings are not kept: {error.received}")
        return images
    for stale in set(path.parent.glob("drawn-*.npy")) - {path}:
        stale.unlink(missing_ok=True)
    return images


def _read(path: Path, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return the drawings in a file, or `None` if it is missing or damaged."""
    try:
        images = np.load(path, allow_pickle=False)
    except (OSError, EOFError, ValueError):
        return None
    return images if images.shape == shape and images.dtype == np.uint8 else None


def _version(count: int) -> str:
    """Return 16 hexadecimal digits that change with everything that decides the pixels."""
    here = Path(__file__).parent
    libraries = f"numpy {np.__version__}, pillow {PIL.__version__}"
    digest = hashlib.sha256(f"{SEED} {_SIDE} {count} {libraries}".encode())
    for source in sorted(here.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
