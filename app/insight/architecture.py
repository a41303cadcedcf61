"""The architecture of a network as the lecture draws it: a sequence of volumes W×H×D."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import keras

from app.classifier.inspected_model import InspectedModel
from app.classifier.layer_kinds import role_of
from app.insight.receptive_fields import ImageField, receptive_fields

_UNNAMED = (keras.layers.Rescaling, keras.layers.ReLU, keras.layers.Activation,
            keras.layers.Dropout)  # fmt: skip
_WORDS = {"convolution": "conv", "locally connected": "local", "dense": "dense",
          "block": "residual block"}  # fmt: skip


@dataclass(frozen=True)
class Volume:
    """The output of one or more layers.

    Attributes:
        names: Names of the layers, including those that change neither shape nor position.
        role: `input`, or as `role_of`.
        shape: `(H, W, D)` of maps, `(D,)` of a vector, `(T, D)` of a sequence.
        parameters: Number of parameters of all these layers.
        field: Receptive field of a cell; `None` for the whole image, or if it is unknown.
        effective: Widths of the effective receptive field in pixels, of the trained network and of
            an untrained one, if they were measured.
    """

    names: tuple[str, ...]
    role: str
    shape: tuple[int, ...]
    parameters: int
    field: ImageField | None
    effective: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """The first layer's name, and how many follow it."""
        return self.names[0] + (f" +{len(self.names) - 1}" if len(self.names) > 1 else "")

    @property
    def all_names(self) -> str:
        """The names of all layers."""
        return ", ".join(self.names)

    @property
    def size(self) -> str:
        """Human-readable shape: `W×H×D` as in the lecture, `1,024`, or `49×8` of a sequence."""
        if len(self.shape) == 3:
            height, width, depth = self.shape
            return f"{width}×{height}×{depth}"
        return "×".join(f"{side:,}" for side in self.shape)


def volumes(
    model: InspectedModel,
    *,
    effective: Mapping[str, tuple[float, float]] = MappingProxyType({}),
    most: int = 48,
) -> list[Volume]:
    """Return the volumes of a network, from the image to the classes.

    Layers that only act on each value, such as normalization, ReLU and dropout, belong to the
    volume of the layer before them.

    Args:
        model: Inspected model.
        effective: Widths of effective receptive fields, by the path of the layer.
        most: If there are more volumes, adjacent ones of one height and width are merged.
    """
    fields = receptive_fields(model)
    rows: list[Volume] = [Volume(("input",), "input", (*model.image_size, model.channels), 0, None)]
    for info in model.outer_layers:
        shape = tuple(info.output_shape[1:])
        role = role_of(info.layer)
        # Variables of nested layers are counted with the layer that holds them.
        volume = Volume(
            (info.path,),
            role,
            shape,
            info.layer.count_params(),
            fields.get(info.path),
            effective.get(info.path),
        )
        if role == "other" and shape == rows[-1].shape:
            rows[-1] = _merged([rows[-1], volume])
            continue
        rows.append(volume)
    return rows if len(rows) <= most else _by_size(rows)


def _by_size(rows: Sequence[Volume]) -> list[Volume]:
    groups: list[list[Volume]] = []
    for row in rows:
        same = groups and len(row.shape) == 3 and groups[-1][-1].shape[:2] == row.shape[:2]
        if same and groups[-1][-1].role != "input":
            groups[-1].append(row)
        else:
            groups.append([row])
    return [_merged(group) for group in groups]


def layers_in_words(model: InspectedModel) -> str:
    """Return the layers of a network in a line, such as `conv 32, pool, Flatten, dense 10`.

    Numbers are filters or units. Rescaling, activation functions and dropout are left out.
    """
    words = []
    for info in model.outer_layers:
        layer, depth = info.layer, info.output_shape[-1]
        if isinstance(layer, _UNNAMED):
            continue
        if isinstance(layer, keras.layers.BatchNormalization):
            words.append("batch norm.")
        elif isinstance(layer, keras.layers.GlobalAveragePooling2D):
            words.append("global average")
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            words.append(f"depthwise conv {depth}")
        elif (role := role_of(layer)) == "pooling":
            words.append("pool")
        elif role in _WORDS:
            words.append(f"{_WORDS[role]} {depth}")
        else:
            words.append(type(layer).__name__)
    return ", ".join(words)


def is_chain(model: keras.Model) -> bool:
    """Return whether every layer of a model gets only the output of the one before it."""
    if isinstance(model, keras.Sequential):
        return all(is_chain(layer) for layer in model.layers if isinstance(layer, keras.Model))
    operations = [o for o in model.operations if not isinstance(o, keras.layers.InputLayer)]
    sources = [
        id(tensor)
        for operation in operations
        for node in operation._inbound_nodes
        for tensor in node.input_tensors
    ]
    nested = [o for o in operations if isinstance(o, keras.Model)]
    return len(sources) == len(set(sources)) == len(operations) and all(map(is_chain, nested))


def _merged(group: Sequence[Volume]) -> Volume:
    names = tuple(name for row in group for name in row.names)
    roles = [row.role for row in group if row.role != "other"] or ["other"]
    role = "input" if roles[0] == "input" else max(roles, key=roles.count)
    last = group[-1]
    total = sum(row.parameters for row in group)
    return Volume(names, role, last.shape, total, last.field, last.effective)
