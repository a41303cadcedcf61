"""Three networks written by hand that bear the names, layers and classes of the lecture's own."""

from typing import Any

import numpy as np

from tests.web.engine.programs import ProgramBuilder, window

SIDE = 28
CLASSES = [str(digit) for digit in range(10)]


def programs() -> dict[str, bytes]:
    """Return the programs by name."""
    random = np.random.default_rng(0)
    normal = lambda *shape: random.normal(0, 0.3, shape)  # noqa: E731
    convnet = _builder()
    _add_convolution(convnet, "conv_1", (26, 26, 4), normal(3, 3, 1, 4))
    _add_pool(convnet, "pool_1", (13, 13, 4))
    _add_convolution(convnet, "conv_2", (11, 11, 12), normal(3, 3, 4, 12))
    _add_pool(convnet, "pool_2", (5, 5, 12))
    _add_convolution(convnet, "conv_3", (3, 3, 12), normal(3, 3, 12, 12))
    convnet.add("flatten", "flatten", (108,)).add("dropout", "dropout", (108,), rate=0.5)
    dense = _builder().add("flatten", "flatten", (SIDE * SIDE,))
    hidden = {"kernel": normal(SIDE * SIDE, 40), "bias": normal(40)}
    dense.add("dense_1", "dense", (40,), hidden)
    dense.add("dense_1:relu", "activation", (40,), function="relu")
    local = _builder()
    _add_pool(local, "pool_1", (14, 14, 1))
    own = {"kernel": normal(12, 12, 3, 3, 1, 2), "bias": normal(12, 12, 2)}
    local.add("local_1", "local", (12, 12, 2), own, size=[3, 3], **window())
    local.add("flatten", "flatten", (288,))
    builders = {"mnist-convnet": convnet, "mnist-dense": dense, "mnist-local": local}
    return {name: _answering(name, builder, normal) for name, builder in builders.items()}


def described(name: str) -> dict[str, Any]:
    """Return what a server says about one of them."""
    return {
        "name": name, "classes": CLASSES, "dataset": "mnist", "parameters": 1000, "accuracy": 0.9,
        "image": {"height": SIDE, "width": SIDE, "channels": 1}, "mnist_style": True,
        "server_only": None, "outputs": "distribution",
    }  # fmt: skip


def _builder() -> ProgramBuilder:
    size = (SIDE, SIDE, 1)
    return ProgramBuilder(size).add("rescaling", "rescale", size, scale=1 / 255, offset=0.0)


def _add_convolution(builder: ProgramBuilder, name: str, shape: Any, kernel: Any) -> None:
    weights = {"kernel": kernel, "bias": np.zeros(shape[-1])}
    builder.add(name, "conv", shape, weights, groups=1, **window())
    builder.add(f"{name}:relu", "activation", shape, function="relu")


def _add_pool(builder: ProgramBuilder, name: str, shape: Any) -> None:
    builder.add(name, "max_pool", shape, size=[2, 2], **window(strides=(2, 2)))


def _answering(name: str, builder: ProgramBuilder, normal: Any) -> bytes:
    (units,) = builder.operations[-1]["output_shape"]
    builder.add("probabilities", "dense", (10,), {"kernel": normal(units, 10), "bias": normal(10)})
    builder.add("probabilities:softmax", "activation", (10,), function="softmax")
    return builder.build(name=name, classes=CLASSES, mnist_style=True)
