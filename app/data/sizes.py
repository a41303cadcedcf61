"""How large the images of a dataset are, by the headers of some files."""

from __future__ import annotations

import numpy as np

from app.data.dataset import Split
from app.data.decoding import UndecodableImage, opened_header

_SAMPLE = 500


def sampled_sizes(examples: Split) -> list[tuple[int, int]]:
    """Return `(width, height)` in pixels of up to 500 images; unreadable files are left out."""
    if isinstance(examples.images, np.ndarray):
        height, width = examples.images.shape[1:3]
        return [(width, height)] * len(examples)
    sizes = []
    for path in examples.images[:: -(-len(examples) // _SAMPLE)]:
        try:
            with opened_header(path) as image:
                sizes.append(image.size)
        except UndecodableImage:
            continue  # `data check` reports it
    return sizes
