"""What is wrong with a dataset: `python -m app data check DATASET|FOLDER`.

Every image is decoded once and measured. Reported are files that cannot be read, the same picture
twice (worst of all in two splits, where it falsifies the test, or in two classes), images that are
too small, unusual encodings (fine to use, but often a sign of mixed sources) and class balance.
`app.data.audit.duplicates` says what counts as the same picture.

20,000 photographs or the 70,000 digits of MNIST take under a minute on two cores.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.data.audit.duplicates import Appearance, appearance, near_duplicates, same_pixels
from app.data.audit.findings import (
    AspectRatios,
    Audit,
    Balance,
    Duplicates,
    Place,
    Small,
    Unreadable,
)
from app.data.budget import OverBudget
from app.data.dataset import (
    SPLIT_NAMES,
    UNBALANCED_RATIO,
    Dataset,
    class_counts,
    label_text,
)
from app.data.decoding import (
    UndecodableImage,
    file_content,
    opened_header,
    opened_image,
)
from app.data.image_files import IMAGE_ENDINGS
from app.data.pixel_modes import orientation
from app.data.shards.packed import ImageFile

__all__ = ["Audit", "audit"]

# Comparing all pairs takes quadratic time: under a minute for so many images.
MAX_COMPARED = 150_000
# Aspect ratios vary where the ninetieth percentile is this many times the tenth.
VARIED_RATIO = 1.5


@dataclass(frozen=True)
class _Readable:
    place: Place
    appearance: Appearance
    odd: tuple[str, ...]


def audit(
    dataset: Dataset,
    *,
    workers: int,
    min_side: int = 32,
    progress: Callable[[int, int], None] | None = None,
) -> Audit:
    """Look at every image of a dataset; change nothing.

    Args:
        dataset: Dataset of files, or of arrays `uint8 (N, H, W, C)`.
        workers: Threads that decode.
        min_side: Files with a side below so many pixels are reported; arrays never are, since
            their size is the dataset's own.
        progress: Function called in this thread with (done, total).
    """
    sources = list(_sources(dataset))
    faults: list[Unreadable] = []
    images: list[_Readable] = []
    for result in _measure_all(sources, workers, progress):
        if isinstance(result, Unreadable):
            faults.append(result)
        else:
            images.append(result)
    readable = {image.place for image in images}
    odd: dict[str, list[Place]] = {}
    for image in images:
        for kind in image.odd:
            odd.setdefault(kind, []).append(image.place)
    appearances = [image.appearance for image in images]
    pictures = same_pixels(appearances)
    near_sought = len(pictures) <= MAX_COMPARED
    return Audit(
        dataset=dataset.display_name,
        num_images=len(images),
        unreadable=tuple(faults),
        exact=_exact_groups(pictures, images),
        near=_near_groups(pictures, images) if near_sought else (),
        near_sought=near_sought,
        small=tuple(
            Small(image.place, *image.appearance.size)
            for image in images
            if min(image.appearance.size) < min_side and dataset.split(image.place.split).in_files
        ),
        min_side=min_side,
        odd={kind: tuple(found) for kind, found in sorted(odd.items())},
        balance={
            split: _balance(
                dataset, split, [one in readable for one, _ in sources if one.split == split]
            )
            for split in SPLIT_NAMES
        },
        aspect_ratios=_aspect_ratios(
            [image.appearance.size for image in images if dataset.split(image.place.split).in_files]
        ),
        left_out=dataset.left_out,
    )


def _sources(dataset: Dataset) -> Iterator[tuple[Place, ImageFile | np.ndarray]]:
    for split in SPLIT_NAMES:
        examples = dataset.split(split)
        for image, label, name in zip(
            examples.images, examples.labels, examples.names, strict=True
        ):
            yield Place(name, split, label_text(label, dataset.class_names)), image


def _measure_all(
    sources: Sequence[tuple[Place, ImageFile | np.ndarray]],
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> list[_Readable | Unreadable]:
    results = []
    pool = ThreadPoolExecutor(workers)
    # Rows of an array need no decoding; handing them to threads takes longer than they do.
    mapped = map if all(isinstance(image, np.ndarray) for _, image in sources) else pool.map
    try:
        for done, result in enumerate(mapped(_measure, sources), start=1):
            results.append(result)
            if progress is not None:
                progress(done, len(sources))
    finally:
        # On Ctrl-C the images that are still waiting are not decoded first.
        pool.shutdown(cancel_futures=True)
    return results


def _measure(source: tuple[Place, ImageFile | np.ndarray]) -> _Readable | Unreadable:
    place, image = source
    if isinstance(image, np.ndarray):
        pixels = Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
        return _Readable(place, appearance(pixels, image.tobytes()), ())
    try:
        with file_content(image) as content:
            if not content:
                return Unreadable(place, "empty", "empty file")
            with opened_image(content) as decoded:
                look = appearance(decoded, content)
            with opened_header(content) as header:
                return _Readable(place, look, _odd_kinds(header) + _odd_name(image))
    except UndecodableImage as error:
        return Unreadable(place, _fault_kind(str(error)), str(error))
    except OverBudget as error:
        return Unreadable(place, "too large", str(error))


def _fault_kind(reason: str) -> str:
    kinds = {
        "no such file": "missing",
        "permission denied": "not allowed",
        "not an image": "not an image",
        "more than": "too large",
        "truncated": "truncated",
    }
    return next((kind for part, kind in kinds.items() if part in reason.lower()), "damaged")


def _odd_kinds(header: Any) -> tuple[str, ...]:
    """Return how the file differs from a plain 8-bit picture; `header` is a Pillow image file."""
    # Pillow opens 16-bit color as mode RGB; only the raw mode of its decoder tells.
    deep = any(re.search(r";16[BLN]", str(tile)) for tile in header.tile)
    kinds = {
        "CMYK": header.mode == "CMYK",
        "palette": header.mode in ("P", "PA"),
        "alpha": header.has_transparency_data,
        "16-bit": deep or header.mode in ("I", "F") or header.mode.startswith("I;16"),
        "animated": getattr(header, "is_animated", False),
        "EXIF-rotated": orientation(header) in range(2, 9),
    }
    return tuple(kind for kind, found in kinds.items() if found)


def _odd_name(image: ImageFile) -> tuple[str, ...]:
    """Return that a file was recognized by its content alone, such as a JPEG called `photo.txt`."""
    if isinstance(image, Path) and image.suffix.lower() not in IMAGE_ENDINGS:
        return ("not named as an image",)
    return ()


def _exact_groups(
    pictures: Sequence[Sequence[int]], images: Sequence[_Readable]
) -> tuple[Duplicates, ...]:
    return tuple(
        Duplicates(
            tuple(images[i].place for i in copies),
            same_bytes=len({images[i].appearance.content for i in copies}) == 1,
            correlation=1.0,
        )
        for copies in pictures
        if len(copies) > 1
    )


def _near_groups(
    pictures: Sequence[Sequence[int]], images: Sequence[_Readable]
) -> tuple[Duplicates, ...]:
    firsts = [images[copies[0]] for copies in pictures]
    return tuple(
        Duplicates(tuple(firsts[i].place for i in members), False, correlation)
        for members, correlation in near_duplicates([image.appearance for image in firsts])
    )


def _aspect_ratios(sizes: Sequence[tuple[int, int]]) -> AspectRatios | None:
    """Return how the aspect ratios of images differ, from their `(height, width)`."""
    if not sizes:
        return None
    ratios = [width / height for height, width in sizes]
    low, median, high = (round(float(one), 3) for one in np.percentile(ratios, (10, 50, 90)))
    return AspectRatios(low, median, high, high > VARIED_RATIO * low)


def _balance(dataset: Dataset, split: str, readable: Sequence[bool]) -> Balance:
    """Return the number of images of each class in one split.

    Args:
        dataset: Dataset of the images.
        split: Name of the split.
        readable: Whether each of its images can be read.
    """
    names, labels = dataset.class_names, dataset.split(split).labels
    files, counts = (
        dict(zip(names, class_counts(chosen, len(names)).tolist(), strict=True))
        for chosen in (labels, labels[np.array(readable, bool)])
    )
    most, fewest = max(counts.values()), min(counts.values())
    if fewest == 0:
        # A split without any image is empty, not unbalanced.
        return Balance(counts, files, None, most > 0)
    # Labels of which an image has any number are not to be balanced.
    unbalanced = not dataset.multi_label and most / fewest > UNBALANCED_RATIO
    return Balance(counts, files, round(most / fewest, 3), unbalanced)
