"""Runs a program in NumPy, from its file alone: what `app/export/page/program.py` says, in float64.

Windows are views, products are `einsum`s; nothing here imports `app` or Keras.
"""

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from safetensors.numpy import load

Map = np.ndarray  # (H, W, C) or (N,)
Maps = list[Map]
Attributes = dict[str, Any]
Weights = dict[str, np.ndarray]


def read(file: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the JSON and the tensors of a program's file."""
    length = int.from_bytes(file[:8], "little")
    metadata = json.loads(file[8 : 8 + length])["__metadata__"]
    return json.loads(metadata["program"]), load(file)


def run(file: bytes, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """Return `{operation: output}` for an image `(H, W, C)`."""
    program, tensors = read(file)
    outputs: dict[str, Map] = {}
    for operation in program["operations"]:
        inputs = [outputs[name] for name in operation["inputs"]]
        weights = {role: tensors[name] for role, name in operation["weights"].items()}
        assert all(array.dtype == np.float32 for array in weights.values())
        weights = {role: array.astype(np.float64) for role, array in weights.items()}
        if operation["kind"] == "input":
            output = pixels.astype(np.float64)
        elif operation["kind"] in ("flatten", "reshape"):
            output = inputs[0].reshape(operation["output_shape"])
        elif operation["kind"] in ("global_average", "global_max"):
            reduce = np.mean if operation["kind"] == "global_average" else np.max
            output = reduce(inputs[0], axis=(0, 1)).reshape(operation["output_shape"])
        else:
            output = KINDS[operation["kind"]](inputs, operation["attributes"], weights)
        assert list(output.shape) == operation["output_shape"], operation
        outputs[operation["name"]] = output
    return outputs


def difference(output: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference, where the largest expected value counts as 1."""
    return float(np.abs(output - expected).max() / max(np.abs(expected).max(), 1e-3))


def windows(x: Map, size: Sequence[int], attributes: Attributes, fill: float) -> np.ndarray:
    """Return the windows at all positions, `(OH, OW, C, kh, kw)`."""
    top, bottom, left, right = attributes["padding"]
    x = np.pad(x, ((top, bottom), (left, right), (0, 0)), constant_values=fill)
    (down, across), (rows, columns) = attributes["strides"], attributes.get("dilation", (1, 1))
    reach = ((size[0] - 1) * rows + 1, (size[1] - 1) * columns + 1)
    view = sliding_window_view(x, reach, axis=(0, 1))
    return view[::down, ::across, :, ::rows, ::columns]


def conv(inputs: Maps, attributes: Attributes, weights: Weights) -> Map:
    kernel, groups = weights["kernel"], attributes["groups"]
    channels, filters = kernel.shape[2], kernel.shape[3] // groups
    cells = windows(inputs[0], kernel.shape[:2], attributes, 0)
    parts = [
        np.einsum(
            "xycij,ijcf->xyf",
            cells[:, :, g * channels : (g + 1) * channels],
            kernel[..., g * filters : (g + 1) * filters],
            optimize=True,
        )
        for g in range(groups)
    ]
    return np.concatenate(parts, axis=-1) + weights["bias"]


def depthwise(inputs: Maps, attributes: Attributes, weights: Weights) -> Map:
    kernel = weights["kernel"]
    cells = windows(inputs[0], kernel.shape[:2], attributes, 0)
    products = np.einsum("xycij,ijcm->xycm", cells, kernel)
    return products.reshape(*products.shape[:2], -1) + weights["bias"]


def local(inputs: Maps, attributes: Attributes, weights: Weights) -> Map:
    assert list(weights["kernel"].shape[2:4]) == attributes["size"]
    cells = windows(inputs[0], attributes["size"], attributes, 0)
    height, width = weights["kernel"].shape[:2]
    products = np.einsum("xycij,xyijcf->xyf", cells[:height, :width], weights["kernel"])
    return products + weights["bias"]


def max_pool(inputs: Maps, attributes: Attributes, _: Weights) -> Map:
    return windows(inputs[0], attributes["size"], attributes, -np.inf).max(axis=(3, 4))


def average_pool(inputs: Maps, attributes: Attributes, _: Weights) -> Map:
    return np.nanmean(windows(inputs[0], attributes["size"], attributes, np.nan), axis=(3, 4))


def l2_pool(inputs: Maps, attributes: Attributes, _: Weights) -> Map:
    cells = windows(inputs[0], attributes["size"], attributes, 0)
    return np.sqrt(np.square(cells).sum(axis=(3, 4)))


def normalize(inputs: Maps, attributes: Attributes, weights: Weights) -> Map:
    deviation = np.sqrt(weights["variance"] + attributes["epsilon"])
    return (inputs[0] - weights["mean"]) / deviation * weights["gamma"] + weights["beta"]


def layer_normalize(inputs: Maps, attributes: Attributes, weights: Weights) -> Map:
    x = inputs[0]
    centered = x - x.mean(axis=-1, keepdims=True)
    variance = np.square(centered).mean(axis=-1, keepdims=True)
    return centered / np.sqrt(variance + attributes["epsilon"]) * weights["gamma"] + weights["beta"]


def pad(inputs: Maps, attributes: Attributes, _: Weights) -> Map:
    sides = [(attributes["top"], attributes["bottom"]), (attributes["left"], attributes["right"])]
    return np.pad(inputs[0], [*sides, (0, 0)])


def crop(inputs: Maps, attributes: Attributes, _: Weights) -> Map:
    height, width, _channels = inputs[0].shape
    rows = slice(attributes["top"], height - attributes["bottom"])
    return inputs[0][rows, attributes["left"] : width - attributes["right"]]


def upsample(inputs: Maps, attributes: Attributes, _: Weights) -> Map:
    assert attributes["interpolation"] == "nearest"
    rows, columns = attributes["size"]
    return np.repeat(np.repeat(inputs[0], rows, axis=0), columns, axis=1)


def relu(
    x: Map, negative_slope: float = 0.0, max_value: float = math.inf, threshold: float = 0.0
) -> Map:
    positive = np.minimum(np.where(x > threshold, x, 0), max_value)
    return positive - negative_slope * np.maximum(threshold - x, 0)


def softmax(x: Map) -> Map:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def softplus(x: Map) -> Map:
    return np.logaddexp(0, x)


def sigmoid(x: Map) -> Map:
    return np.exp(-softplus(-x))


def hard_sigmoid(x: Map) -> Map:
    return np.clip(x / 6 + 0.5, 0, 1)


def gelu(x: Map, approximate: bool) -> Map:
    if approximate:
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def elu(x: Map, alpha: float) -> Map:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


FUNCTIONS: dict[str, Callable[..., Map]] = {
    "relu": relu,
    "leaky_relu": lambda x, negative_slope: np.where(x > 0, x, negative_slope * x),
    "elu": elu,
    "selu": lambda x: 1.05070098 * elu(x, 1.67326324),
    "gelu": gelu,
    "silu": lambda x: x * sigmoid(x),
    "mish": lambda x: x * np.tanh(softplus(x)),
    "softplus": softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "exponential": np.exp,
    "sigmoid": sigmoid,
    "log_sigmoid": lambda x: -softplus(-x),
    "hard_sigmoid": hard_sigmoid,
    "hard_silu": lambda x: x * hard_sigmoid(x),
    "tanh": np.tanh,
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "softmax": softmax,
    "log_softmax": lambda x: x - np.logaddexp.reduce(x, axis=-1, keepdims=True),
    "linear": lambda x: x,
}


def activation(inputs: Maps, attributes: Attributes, _: Weights) -> Map:
    parameters = {key: value for key, value in attributes.items() if key != "function"}
    return FUNCTIONS[attributes["function"]](inputs[0], **parameters)


def same_shape(inputs: Maps) -> Maps:
    assert len({x.shape for x in inputs}) == 1
    return inputs


KINDS: dict[str, Callable[[Maps, Attributes, Weights], Map]] = {
    "rescale": lambda inputs, a, _: inputs[0] * np.array(a["scale"]) + np.array(a["offset"]),
    "pad": pad,
    "crop": crop,
    "conv": conv,
    "depthwise": depthwise,
    "local": local,
    "dense": lambda inputs, _, weights: inputs[0] @ weights["kernel"] + weights["bias"],
    "max_pool": max_pool,
    "average_pool": average_pool,
    "l2_pool": l2_pool,
    "normalize": normalize,
    "layer_normalize": layer_normalize,
    "activation": activation,
    "add": lambda inputs, *_: np.sum(same_shape(inputs), axis=0),
    "subtract": lambda inputs, *_: np.subtract(*same_shape(inputs)),
    "multiply": lambda inputs, *_: np.prod(same_shape(inputs), axis=0),
    "concatenate": lambda inputs, *_: np.concatenate(inputs, axis=-1),
    "upsample": upsample,
    "dropout": lambda inputs, *_: inputs[0],
}
