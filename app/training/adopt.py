"""Give a new network the weights of a saved model, and freeze its first layers.

Every layer but the output layer must fit. A frozen batch normalization uses its moving mean and
variance also in training, and keeps them. Sources: Yosinski et al., How transferable are features
in deep neural networks?, 2014; Keras, Transfer learning & fine-tuning (frozen normalization).
"""

from __future__ import annotations

import keras
import numpy as np

from app.errors import AppError
from app.reporting import SILENT, Reporter
from app.storage.folder import MODEL
from app.storage.loading import open_keras
from app.training.plan import Plan
from app.training.source import Source

_NORMALIZATIONS = (
    keras.layers.BatchNormalization, keras.layers.LayerNormalization,
    keras.layers.GroupNormalization, keras.layers.Normalization,
)  # fmt: skip


def adopt(plan: Plan, model: keras.Model, reporter: Reporter = SILENT) -> None:
    """Give a network the weights of the plan's source, if there is one, and freeze layers.

    Args:
        plan: Plan of the run.
        model: Built network of the plan, which is changed.
        reporter: Reporter for what was done.

    Raises:
        AppError: If a layer does not fit, or no layer would be left to train.
    """
    source = plan.source
    if source is None:
        return
    given = _weighted(open_keras(source.folder / MODEL))
    own = _weighted(model)
    _check_layers(source, given, own)
    for theirs, layer in zip(given[:-1], own[:-1], strict=True):
        layer.set_weights(theirs.get_weights())
    kept = source.kept_classes(plan.dataset.class_names, multi_label=plan.dataset.multi_label)
    _keep_outputs(given[-1], own[-1], kept)
    frozen = freeze(model, source.freeze)
    new = plan.num_classes - len(kept)
    reporter.info(
        f"Starting with the weights of '{source.name}'"
        + (f"; {new:,} of {plan.num_classes:,} classes are new." if new else "; the same classes.")
    )
    if frozen:
        reporter.info(f"Frozen: {', '.join(frozen)}.")


def freeze(model: keras.Model, count: int) -> list[str]:
    """Freeze the first `count` layers with weights; return the names of all frozen ones.

    A residual block is one layer. A normalization does not count; it goes with the layer before it.

    Raises:
        AppError: If there are not more layers.
    """
    counted = [layer for layer in _weighted(model) if not isinstance(layer, _NORMALIZATIONS)]
    if count >= len(counted):
        raise AppError(
            f"--freeze is {count}.",
            f"Expected at most {len(counted) - 1}: the network's layers with weights are "
            f"{', '.join(layer.name for layer in counted)}, and the last one must be trained.",
        )
    frozen = []
    for layer in _weighted(model):
        if layer is counted[count]:
            break
        layer.trainable = False
        frozen.append(layer.name)
    return frozen


def _weighted(model: keras.Model) -> list[keras.layers.Layer]:
    return [layer for layer in model.layers if layer.weights]


def _check_layers(
    source: Source, given: list[keras.layers.Layer], own: list[keras.layers.Layer]
) -> None:
    """Refuse a source whose layers, but for the output layer, do not fit."""
    shapes = [[_shapes(layer) for layer in layers] for layers in (given, own)]
    # The output layer may have other classes, but not other features.
    for ends in shapes:
        ends[-1] = [shape[:-1] for shape in ends[-1]]
    theirs, ours = shapes
    if theirs == ours:
        return
    settings = source.settings()
    if len(theirs) == len(ours):
        k = next(k for k, pair in enumerate(zip(theirs, ours, strict=True)) if pair[0] != pair[1])
        fault = (
            f"its layer '{given[k].name}' has weights of shape "
            f"{', '.join(str(w.shape) for w in given[k].weights)}, this one's '{own[k].name}' "
            f"{', '.join(str(w.shape) for w in own[k].weights)}"
        )
    else:
        fault = f"it has {len(theirs)} layers with weights, this one {len(ours)}"
    raise AppError(
        f"The weights of --from '{source.name}' do not fit the network: {fault}.",
        f"Expected the network and the image size of '{source.name}': "
        f"{source.network}, {settings['image_size']}.",
        "Leave --model and --image-size out: they are then taken from it.",
    )


def _shapes(layer: keras.layers.Layer) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in layer.weights]


def _keep_outputs(given: keras.layers.Layer, own: keras.layers.Layer, kept: dict[int, int]) -> None:
    """Copy the output weights, on their last axis, of `{label: label in the source}`."""
    weights = []
    for theirs, ours in zip(given.get_weights(), own.get_weights(), strict=True):
        if ours.shape[-1] == 1:  # one sigmoid unit, for the second class against the first
            sign = 1 if kept.get(1) == 1 else -1
            weights.append(sign * theirs if kept else ours)
            continue
        changed = np.array(ours)
        for label, old in kept.items():
            changed[..., label] = theirs[..., old]
        weights.append(changed)
    own.set_weights(weights)
