"""Which views of an image are worth averaging, and at which size? On validation images only.

    python benchmarks/tta.py saved_models/catsdogs-best
    python benchmarks/tta.py saved_models/catsdogs-best --sides 160 176 192
    python benchmarks/tta.py saved_models/mnist-best saved_models/mnist-tiny

Accuracy, and loss in brackets, of the mean probability: of photographs over the whole picture, its
mirror image and an enlarged center crop, of digits over shifts by a pixel and turns.
"""

from __future__ import annotations

import argparse
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.augmentation.tta import View, center_crop, flipped, identity, rotated, translated
from app.data.dataset import Split
from app.data.pixels import DecodedSplit
from app.keras_startup import start_keras
from app.metrics import class_probabilities, evaluate_probabilities

if TYPE_CHECKING:
    import keras

_BATCH = 50


def main() -> None:
    """Measure and print one table per model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL")
    parser.add_argument(
        "--sides", type=int, nargs="+", help="pixels that images are squashed to (its own)"
    )
    parser.add_argument("--middles", type=float, nargs="+", default=[0.9, 0.8, 0.7])
    parser.add_argument("--turns", type=float, nargs="+", default=[7.0], help="in degrees")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("CONVLAB_DATA", "datasets"))
    arguments = parser.parse_args()
    start_keras()
    for model in arguments.models:
        _table(model, arguments)


def _table(model: Path, arguments: argparse.Namespace) -> None:
    from app.evaluate import images_for
    from app.storage.loading import load_with_keras
    from app.training.progressive_resizing import of_size

    network, keras_model = load_with_keras(model)
    splits, decoded = images_for(
        network, dataset=None, split="validation", data_dir=Path(arguments.data_dir)
    )
    digits = network.card is not None and network.card.reads_digits
    choices = _of_digits(arguments.turns) if digits else _of_photographs(arguments.middles)
    own = network.image_size[0]
    for side in arguments.sides or [own]:
        at_side = decoded if side == own else decoded.at((side, side), network.channels)
        resized = keras_model if side == own else of_size(keras_model, side)
        print(
            f"{model.name}, {side} pixels, {len(decoded.examples):,} images of {splits.shown_name}"
        )
        _print_rows(
            choices, partial(_probabilities, resized, at_side), at_side.examples, splits.class_names
        )


def _of_photographs(middles: Sequence[float]) -> dict[str, dict[str, View]]:
    """Return named choices of named views."""
    whole: dict[str, View] = {"whole": identity}
    parts: dict[str, View] = {f"middle {share:g}": center_crop(share) for share in middles}
    pairs = {name: {**whole, name: part} for name, part in parts.items()}
    choices = {
        "the whole": whole,
        **{f"and its {name}": pair for name, pair in pairs.items()},
        **({"and all of these middles": whole | parts} if len(parts) > 1 else {}),
    }
    both = {
        f"{name}, mirrored too": {
            **views,
            **{f"{n} mirrored": flipped(v) for n, v in views.items()},
        }
        for name, views in choices.items()
    }
    return dict(itertools.chain(*zip(choices.items(), both.items(), strict=True)))


def _of_digits(turns: Sequence[float]) -> dict[str, dict[str, View]]:
    """Return named choices of named views."""
    moves = {f"shift {move}": translated(*move) for move in ((1, 0), (-1, 0), (0, 1), (0, -1))}
    itself: dict[str, View] = {"itself": identity}
    choices = {"itself": itself, "and shifted": itself | moves}
    for degrees in turns:
        both = {f"turn {d:g}": rotated(d) for d in (degrees, -degrees)}
        choices[f"and shifted, turned by {degrees:g}°"] = itself | moves | both
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
        found = evaluate_probabilities(mean, examples.labels, class_names)
        errors = round((1 - found.accuracy) * len(examples))
        print(f"  {name:42}{found.accuracy:8.2%} ({found.loss:.4f}){errors:6} errors", flush=True)
    print()


if __name__ == "__main__":
    main()
