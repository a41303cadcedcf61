"""The lecture, slide by slide, in seven parts.

`PHOTO` and `DIGIT` are placeholders for images that `lecture all` provides. The titles are the
lecture's; slides with the same title are one entry.
"""

from app.lecture.slides import (
    augmentation,
    convolution,
    layers,
    networks,
    parameters,
    pooling,
    real_world,
)

PARTS = (networks, convolution, layers, parameters, pooling, augmentation, real_world)
SLIDES = tuple(slide for part in PARTS for slide in part.SLIDES)
