"""Accuracy by TTA views and evaluation size, on validation images.

    python benchmarks/tta.py saved_models/catsdogs-best
    python benchmarks/tta.py saved_models/catsdogs-best --sides 160 176 192
    python benchmarks/tta.py saved_models/mnist-best saved_models/mnist-tiny

Prints accuracy and, in parentheses, loss of the mean probability. The views of photographs are the
whole image, its mirror image and enlarged center crops. Those of digits are shifts by a pixel and
rotations.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.augmentation.tta import View, center_crop, flipped, identity, rotated, translated
from app.data.dataset import Split
from app.data.pixels import DecodedSplit
from app.data.registry import default_data_dir
from app.keras_startup import start_keras
from app.metrics import class_probabilities, evaluate_probabilities

if TYPE_CHECKING:
    import keras

_BATCH = 50


def main() -> None:
    """Print one table per model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL", help="saved models")
    parser.add_argument(
        "--sides", type=int, nargs="+", help="evaluation sizes (default: the model's)"
    )
    parser.add_argument(
        "--middles", type=float, nargs="+", default=[0.9, 0.8, 0.7], help="sides of center crops"
    )
    parser.add_argument("--turns", type=float, nargs="+", default=[7.0], help="angles in degrees")
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help="datasets")
    arguments = parser.parse_args()
    start_keras()
    for model in arguments.models:
        _table(model, arguments)


def _table(model: Path, arguments: argparse.Namespace) -> None:
    from app.classifier import load
    from app.classifier.dataset_images import Selection, select_images
    from app.training.progressive_resizing import of_size

    network = load(model).inspect()
    selection = Selection(split="validation", data_dir=Path(arguments.data_dir))
    images = select_images(network, selection)
    splits, decoded, keras_model = images.dataset, images.decoded, network.keras_model
    digits = network.mnist_style
    choices = _digit_views(arguments.turns) if digits else _photograph_views(arguments.middles)
    trained_side = network.image_size[0]
    for side in arguments.sides or [trained_side]:
        unchanged = side == trained_side
        at_side = decoded if unchanged else decoded.at((side, side), network.channels)
        resized = keras_model if unchanged else of_size(keras_model, side)
        count = f"{len(decoded.examples):,} images of {splits.display_name}"
        print(f"{model.name}, {side} pixels, {count}")
        _print_rows(
            choices, partial(_probabilities, resized, at_side), at_side.examples, splits.class_names
        )


def _photograph_views(shares: Sequence[float]) -> dict[str, dict[str, View]]:
    """Return sets of views of photographs, by name."""
    whole: dict[str, View] = {"whole": identity}
    crops: dict[str, View] = {f"center crop {share:g}": center_crop(share) for share in shares}
    pairs = {name: {**whole, name: crop} for name, crop in crops.items()}
    choices = {
        "whole image": whole,
        **{f"and {name}": pair for name, pair in pairs.items()},
        **({"and all of these crops": whole | crops} if len(crops) > 1 else {}),
    }
    both = {
        f"{name}, also flipped": {
            **views,
            **{f"{n} flipped": flipped(v) for n, v in views.items()},
        }
        for name, views in choices.items()
    }
    return dict(itertools.chain(*zip(choices.items(), both.items(), strict=True)))


def _digit_views(angles: Sequence[float]) -> dict[str, dict[str, View]]:
    """Return sets of views of digits, by name."""
    shifts = {f"shift {move}": translated(*move) for move in ((1, 0), (-1, 0), (0, 1), (0, -1))}
    original: dict[str, View] = {"original": identity}
    choices = {"original": original, "and shifted": original | shifts}
    for degrees in angles:
        both = {f"rotation {d:g}": rotated(d) for d in (degrees, -degrees)}
        choices[f"and shifted, rotated by {degrees:g}°"] = original | shifts | both
    return choices


def _probabilities(model: keras.Model, decoded: DecodedSplit, view: View) -> np.ndarray:
    positions = np.arange(len(decoded.examples))
    parts = []
    for batch in np.split(positions, range(_BATCH, len(positions), _BATCH)):
        outputs = model.predict_on_batch(view(decoded.images[batch]))
        parts.append(class_probabilities(np.asarray(outputs)))
    return np.concatenate(parts)


def _print_rows(
    choices: Mapping[str, Mapping[str, View]],
    probabilities: Callable[[View], np.ndarray],
    examples: Split,
    class_names: Sequence[str],
) -> None:
    known: dict[str, np.ndarray] = {}
    for name, views in choices.items():
        for view in views.keys() - known.keys():
            known[view] = probabilities(views[view])
        mean = np.mean([known[view] for view in views], axis=0)
        result = evaluate_probabilities(mean, examples.labels, class_names)
        errors = round((1 - result.accuracy) * len(examples))
        print(f"  {name:42}{result.accuracy:8.2%} ({result.loss:.4f}){errors:6} errors", flush=True)
    print()


if __name__ == "__main__":
    main()
