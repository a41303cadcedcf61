"""Networks by name. Each builder returns an uncompiled `keras.Sequential`.

Contract: `build(input_shape (H, W, C), num_classes, dropout)`; the network takes pixels 0–255 and
rescales them itself; it ends in one sigmoid unit for two classes, else in a softmax.
"""

from __future__ import annotations

from collections.abc import Callable

import keras

from app.models.convnet import build_convnet
from app.models.dense import build_dense
from app.models.local import build_local
from app.models.modern import build_large, build_modern
from app.models.quick import build_quick
from app.models.stacked import build_deep, build_mini

Builder = Callable[[tuple[int, int, int], int, float], keras.Sequential]

BUILDERS: dict[str, Builder] = {
    "dense": build_dense,
    "local": build_local,
    "convnet": build_convnet,
    "modern": build_modern,
    "large": build_large,
    "deep": build_deep,
    "quick": build_quick,
    "mini": build_mini,
}
