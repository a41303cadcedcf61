"""The weights of a layer as images, one per filter."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import pdist

from app.classifier.hooks import LayerInfo, to_numpy
from app.classifier.inspected_model import InspectedModel
from app.errors import AppError
from app.layers import LocallyConnected2D


@dataclass(frozen=True)
class Kernels:
    """The kernels of one layer.

    Attributes:
        path: Path of the layer.
        values: `(K, h, w, C)` float32. Of a locally connected layer, the kernels of all positions
            side by side as they lie on the image, `(K, rows · h, columns · w, C)`.
        grid: `(rows, columns)` of positions with their own weights; (1, 1) for shared weights.
        sees_image: Whether it is the first layer with kernels.
        groups: Number of groups of filters, each of which gets its own part of the input.
        what: `filters`; `units` of a dense layer; or `depthwise kernels`, each of one input map.
        order: `(K,)` filters sorted so that similar ones are neighbors.
    """

    path: str
    values: np.ndarray
    grid: tuple[int, int]
    sees_image: bool
    groups: int
    what: str
    order: np.ndarray

    @property
    def are_images(self) -> bool:
        """Whether the kernels have one channel, or an image's three."""
        channels = self.values.shape[-1]
        return channels == 1 or (channels == 3 and self.sees_image)

    def strongest(self, count: int) -> np.ndarray:
        """Return the `count` filters with the largest weights, similar ones side by side."""
        norms = np.linalg.norm(self.values.reshape(len(self.values), -1), axis=1)
        indices = np.argsort(-norms, kind="stable")[:count]
        return self.order[np.isin(self.order, indices)]

    def norms_by_position(self) -> np.ndarray:
        """Return `(K, rows, columns)`: the L2 norm of each filter's kernel at every position."""
        count, height, width, _ = self.values.shape
        rows, columns = self.grid
        squares = (self.values.astype(np.float64) ** 2).sum(axis=-1)
        cells = squares.reshape(count, rows, height // rows, columns, width // columns)
        return np.sqrt(cells.sum(axis=(2, 4)))

    def strongest_slices(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the input channels that weigh most in each filter.

        Returns:
            Slices `(K, S, h, w)` and their channels `(K, S)`, the largest norm first.
        """
        norms = np.sqrt((self.values.astype(np.float64) ** 2).sum(axis=(1, 2)))  # (K, C)
        channels = np.argsort(-norms, axis=1, kind="stable")[:, :count]  # (K, S)
        every = np.arange(len(self.values))[:, np.newaxis]
        slices = self.values.transpose(0, 3, 1, 2)[every, channels]
        group = every * self.groups // len(self.values)
        return slices, channels + group * self.values.shape[-1]


def kernels(model: InspectedModel, layer: str | None = None) -> Kernels:
    """Return the kernels of a layer.

    Args:
        model: Inspected model.
        layer: Path of a convolution or locally connected layer, or of a dense layer that sees all
            cells; by default the first of them.

    Raises:
        AppError: If the layer is unknown or has no kernels.
    """
    with_kernels = [info for info in model.layers if _has_kernels(model, info)]
    if layer is not None:
        info = model.layer(layer)
        if info not in with_kernels:
            paths = ", ".join(p.path for p in with_kernels[:20]) or "there is none"
            raise AppError(
                f"The layer '{layer}' of the model '{model.name}' has no kernels to be drawn: it "
                f"is a {type(info.layer).__name__}.",
                "Expected a convolution, a locally connected layer, or a dense layer over cells.",
                f"Choose one of: {paths}.",
            )
    elif with_kernels:
        info = with_kernels[0]
    else:
        raise AppError(f"The model '{model.name}' has no layer with kernels.")
    values, grid = _kernels_of(model, info)
    depthwise = isinstance(info.layer, _DEPTHWISE)
    dense = isinstance(info.layer, keras.layers.Dense)
    what = "depthwise kernels" if depthwise else "units" if dense else "filters"
    return Kernels(
        info.path,
        values,
        grid,
        sees_image=info is with_kernels[0],
        groups=1 if depthwise else getattr(info.layer, "groups", 1),
        what=what,
        order=similar_first(values),
    )


def similar_first(values: np.ndarray) -> np.ndarray:
    """Return an order `(K,)` of `(K, …)` in which neighbors are alike.

    Leaves of a hierarchy built by correlation, turned so that neighbors are as close as they can
    be. Source: Bar-Joseph et al., Fast optimal leaf ordering, 2001.
    """
    flat = values.reshape(len(values), -1).astype(np.float64)
    norms = np.linalg.norm(flat, axis=1, keepdims=True)
    flat = np.divide(flat, norms, out=np.zeros_like(flat), where=norms > 0)
    if len(flat) < 3:
        return np.arange(len(flat))
    return leaves_list(linkage(pdist(flat), "average", optimal_ordering=True))


def _has_kernels(model: InspectedModel, info: LayerInfo) -> bool:
    layer = info.layer
    if isinstance(layer, keras.layers.Dense):
        return _cells_before(model, info) is not None
    return isinstance(layer, _WITH_KERNELS)


def _kernels_of(model: InspectedModel, info: LayerInfo) -> tuple[np.ndarray, tuple[int, int]]:
    layer = info.layer
    if isinstance(layer, keras.layers.Dense):
        cells = _cells_before(model, info)
        assert cells is not None  # `_has_kernels`
        return to_numpy(layer.kernel).T.reshape(-1, *cells), (1, 1)
    if isinstance(layer, LocallyConnected2D):
        rows, columns = layer.window.positions(info.input_shape[1:3])
        height, width = layer.kernel_size
        kernel = to_numpy(layer.kernel).reshape(rows, columns, height, width, -1, layer.filters)
        laid_out = kernel.transpose(5, 0, 2, 1, 3, 4)  # (K, rows, h, columns, w, C)
        shape = (layer.filters, rows * height, columns * width, -1)
        return laid_out.reshape(shape), (rows, columns)
    if isinstance(layer, _DEPTHWISE):
        separable = isinstance(layer, keras.layers.SeparableConv2D)
        kernel = to_numpy(layer.depthwise_kernel if separable else layer.kernel)  # (h, w, C, M)
        height, width, *_ = kernel.shape
        return kernel.reshape(height, width, -1).transpose(2, 0, 1)[..., np.newaxis], (1, 1)
    kernel = to_numpy(layer.kernel)
    if isinstance(layer, keras.layers.Conv2DTranspose):
        return kernel.transpose(2, 0, 1, 3), (1, 1)  # (h, w, K, C)
    return kernel.transpose(3, 0, 1, 2), (1, 1)  # (h, w, C, K)


def _cells_before(model: InspectedModel, info: LayerInfo) -> tuple[int, ...] | None:
    """Return the shape `(H, W, C)` of the cells that a dense layer sees all of, if it does."""
    features = info.input_shape[-1]
    for before in reversed(model.layers[: model.layers.index(info)]):
        if isinstance(before.layer, keras.layers.Flatten):
            cells = tuple(before.input_shape[1:])
            if cells == model.image_size:  # the image itself, without a channel axis
                cells = (*cells, 1)
            return cells if len(cells) == 3 and before.output_shape[-1] == features else None
        if before.output_shape != info.input_shape:
            return None
    return None


_DEPTHWISE = (keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)
_WITH_KERNELS = (
    keras.layers.Conv2D,
    keras.layers.Conv2DTranspose,
    LocallyConnected2D,
    *_DEPTHWISE,
)
