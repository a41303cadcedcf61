"""Does padding tell a convolution where it is?

  python -m app lab padding_position -o lab

A convolution treats all positions alike, except at the border. A linear readout
predicts the coordinates of a cell from its channels, in networks of random
filters that see white noise, in which no place differs from another. What it
can read must come from the padding: zeros, the mirrored image, or none. Five
seeds, in a minute. Slide: "Why padding?".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import keras
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from app.errors import AppError
from app.figures.canvas.style import Figure
from app.figures.curve_panels import BandedCurve, CurvePanel, curve_panels
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Row
from app.lab.store import Job
from app.lab.uncertainty import over_seeds
from app.lab.wording import two_decimals

ops = keras.ops

_PADDINGS = {"zeros": "constant", "mirrored": "reflect", "none": None}
_FILTERS, _SIZE = 32, 3
_POOLED = (2, 4)  # layers that are followed by max pooling
_SIDE = 64


def padding_position(options: ExperimentOptions) -> ExperimentResult:
    """Read positions out of networks with each kind of padding.

    Raises:
        AppError: If a dataset is named or an earlier measurement does not fit.
    """
    if options.dataset is not None:
        raise AppError(
            f"The experiment cannot use the dataset '{options.dataset}'.",
            "Expected white noise, in which no place differs from another.",
            "Leave --dataset out.",
        )
    seeds = range(options.full_or_quick(5, 1))
    layers, images = options.full_or_quick(6, 3), options.full_or_quick(20, 4)
    jobs: dict[str, Job] = {
        f"{name}, seed {seed}": partial(_explained, mode, layers, images, seed)
        for seed in seeds
        for name, mode in _PADDINGS.items()
    }
    settings = {"layers": layers, "images": images, "seeds": len(seeds)}
    measured = options.measure(jobs, settings, "reading positions")
    explained = {
        name: np.array([measured[f"{name}, seed {seed}"] for seed in seeds]) for name in _PADDINGS
    }  # (seeds, layers) by padding
    rows: list[Row] = [
        {"padding": name, "layer": layer + 1, "seed": seed,
         "explained": round(float(found[number, layer]), 4)}
        for name, found in explained.items()
        for layer in range(layers)
        for number, seed in enumerate(seeds)
    ]  # fmt: skip
    return ExperimentResult(
        _sentence(explained), rows, {"padding_position": _figure(explained, images)}
    )


def layer_maps(images: np.ndarray, mode: str | None, layers: int, seed: int) -> list[np.ndarray]:
    """Return the maps of each layer of a network of random filters.

    Args:
        images: `(N, H, W, 1)` float32.
        mode: Padding as of `keras.ops.pad`, by one cell before each convolution; `None` for none.
        layers: Number of convolutions of 3×3, with ReLU; the second and fourth are followed by max
            pooling.
        seed: Seed of the filters, which are the same for every padding.

    Returns:
        `(N, H', W', 32)` float32 by layer.
    """
    random = np.random.default_rng(seed)
    x, maps = ops.convert_to_tensor(images), []
    for layer in range(1, layers + 1):
        shape = (_SIZE, _SIZE, x.shape[-1], _FILTERS)
        kernel = random.normal(0, np.sqrt(2 / np.prod(shape[:3])), shape)  # He et al., 2015
        if mode is not None:
            x = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode)
        x = ops.relu(ops.conv(x, kernel.astype("float32"), padding="valid"))
        maps.append(ops.convert_to_numpy(x))
        if layer in _POOLED:
            x = ops.max_pool(x, 2)
    return maps


def explained_position(training: np.ndarray, held_out: np.ndarray) -> float:
    """Return the share of the variance of both coordinates that a linear readout explains.

    Args:
        training: Maps `(N, H, W, F)` that the readout (ridge regression) is fitted to.
        held_out: Maps of other images, on which it is measured.

    Returns:
        R², at most 1, and about 0 if the maps hold nothing of the position.

    Source: Islam et al., How much position information do convolutional neural networks encode?,
        2020.
    """
    readout = make_pipeline(StandardScaler(), Ridge(1.0))
    readout.fit(*_cells(training))
    return float(readout.score(*_cells(held_out)))


def _cells(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the channels `(N·H·W, F)` of all cells, and their rows and columns from −1 to 1."""
    count, height, width, channels = maps.shape
    grid = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    places = np.stack(grid, axis=-1).reshape(-1, 2)
    return maps.reshape(-1, channels), np.tile(places, (count, 1))


def _explained(mode: str | None, layers: int, images: int, seed: int) -> list[float]:
    noise = np.random.default_rng((seed, 1)).random((2 * images, _SIDE, _SIDE, 1), np.float32)
    return [
        explained_position(maps[:images], maps[images:])
        for maps in layer_maps(noise, mode, layers, seed)
    ]


def _sentence(explained: Mapping[str, np.ndarray]) -> str:
    parts = [f"{name} {_text(found[:, -1])}" for name, found in explained.items()]
    difference = _text((explained["zeros"] - explained["none"])[:, -1])
    layers = explained["zeros"].shape[1]
    return (
        "R² of a linear readout of both coordinates from the channels of a cell, in convolution "
        f"{layers} of networks of random filters on white noise, by padding: "
        f"{'; '.join(parts)}. Zeros minus none: {difference}. Brackets are 95% intervals over "
        "seeds."
    )


def _text(values: np.ndarray) -> str:
    return two_decimals(over_seeds(values.tolist()))


def _figure(explained: Mapping[str, np.ndarray], images: int) -> Figure:
    seeds, layers = explained["zeros"].shape
    places = range(1, layers + 1)
    curves = [
        BandedCurve(
            f"padding: {name}",
            places,
            [over_seeds(found[:, layer - 1].tolist()) for layer in places],
        )
        for name, found in explained.items()
    ]
    noise = np.random.default_rng((0, 1)).random((1, _SIDE, _SIDE, 1), np.float32)
    bright = {}
    for name, mode in _PADDINGS.items():
        mean = np.abs(layer_maps(noise, mode, layers, 0)[-1][0]).mean(axis=-1, keepdims=True)
        bright[name] = [(255 * mean / mean.max()).astype(np.uint8)]
    return curve_panels(
        [CurvePanel("", ("convolution", "variance of x and y explained (R²)"), curves)],
        {"white noise": [(255 * noise[0]).astype(np.uint8)], **bright},
        title="Padding tells a network where it is",
        note=f"Networks of random filters, number of seeds: {seeds} (mean and 95% interval); the "
        f"readout is fitted to {images} images of white noise and measured on {images} others. "
        f"The images: noise, and the mean activation of convolution {layers} with each padding",
    )
