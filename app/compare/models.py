"""Evaluate models, or several seeds of recipes, on the same images, and compare them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from app.classifier import Classifier
from app.classifier.single_label import require_one_label
from app.compare.comparison import Comparison, Contender, compare_pairs
from app.errors import AppError
from app.evaluate import EvaluationResult, evaluate
from app.names import caseless, listed
from app.reporting import SILENT, Reporter

MOST_MODELS = 8  # as many colors as a figure tells apart
FEWEST_IMAGES = 30  # of fewer, the interval of 90% is wider than 20 points


def compare(
    entries: Mapping[str, Sequence[Classifier]],
    *,
    dataset: str | None = None,
    split: str = "test",
    data_dir: Path | None = None,
    reporter: Reporter = SILENT,
) -> Comparison:
    """Evaluate models, or several seeds of recipes, on the same images; test every two of them.

    Args:
        entries: One model each, or the models of at least two seeds each, by their name; from 2 to
            8 names, and all models with the same classes.
        dataset: Name or folder of a dataset; `None` for that of each model's card.
        split: `train`, `validation`, `test` or `all`.
        data_dir: Folder of the datasets; `None` for `$CONVLAB_DATA`, else `datasets/`.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the entries are too few or too many, mix single models with recipes, have
            other classes or other images, or if the images are too few.
    """
    _check_entries(entries)
    contenders: list[Contender] = []
    class_names = next(iter(entries.values()))[0].class_names
    names: tuple[str, ...] = ()
    images = shown = None
    for name, classifiers in entries.items():
        probabilities, labels = [], np.array([], np.int64)
        for classifier in classifiers:
            reporter.info(f"evaluating {classifier.name} …")
            result = evaluate(
                classifier, dataset=dataset, split=split, data_dir=data_dir, reporter=reporter
            )
            found = _images_of(result)
            if images is None:
                images, shown = found, f"{result.shown_dataset}, {split}"
                names = tuple(result.decoded.examples.names)
                _check_count(len(images), shown)
            elif images != found:
                raise AppError(
                    f"{classifier.name} is evaluated on other images ({result.shown_dataset}, "
                    f"{split}) than the models before it ({shown}).",
                    "Expected models of the same dataset, split and training limit.",
                    "Name the dataset for all of them: --dataset NAME",
                )
            probabilities.append(result.probabilities[:, _order(result.class_names, class_names)])
            labels = _order(class_names, result.class_names)[result.labels]
        card = classifiers[0].card
        contenders.append(
            Contender(
                name=name,
                parameters=card.parameters if card is not None else None,
                probabilities=np.stack(probabilities),
                labels=labels,
                class_names=class_names,
            )
        )
    return Comparison(str(shown), names, tuple(contenders), compare_pairs(contenders))


def _order(names: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """Return the positions in `names` of each of the `wanted` names, whatever their case."""
    known = [caseless(name) for name in names]
    return np.array([known.index(caseless(name)) for name in wanted])


def _images_of(result: EvaluationResult) -> list[tuple[str, str]]:
    """Return name and true class of each image; the order of the classes may differ."""
    names = [caseless(name) for name in result.class_names]
    examples = result.decoded.examples
    return [(name, names[k]) for name, k in zip(examples.names, examples.labels, strict=True)]


def _check_entries(entries: Mapping[str, Sequence[Classifier]]) -> None:
    if not 2 <= len(entries) <= MOST_MODELS:
        count = len(entries)
        raise AppError(
            f"{count} model{'s' * (count != 1)} cannot be compared.",
            f"Expected from 2 to {MOST_MODELS} models.",
            "For the metrics of one: python -m app evaluate MODEL" if count < 2 else "",
        )
    seeds = {name: len(classifiers) for name, classifiers in entries.items()}
    if min(seeds.values()) < 2 <= max(seeds.values()):
        raise AppError(
            "A single model cannot be compared with several seeds: "
            + ", ".join(f"{name} has {count}" for name, count in seeds.items())
            + ".",
            "Expected one model each, or at least two seeds of each.",
        )
    first, *others = itertools.chain.from_iterable(entries.values())
    for one in (first, *others):
        require_one_label(one, "A comparison")
    seen = {first.path}
    for other in others:
        if other.path in seen:
            raise AppError(f"'{other.name}' is named twice.", "Expected different models.")
        seen.add(other.path)
        if set(map(caseless, first.class_names)) != set(map(caseless, other.class_names)):
            raise AppError(
                f"{first.name} has the classes {listed(first.class_names)}; {other.name} has "
                f"{listed(other.class_names)}.",
                "Expected models with the same classes.",
                "The models and their datasets: python -m app models",
            )


def _check_count(count: int, shown: str) -> None:
    if count < FEWEST_IMAGES:
        raise AppError(
            f"{shown} has {count} image{'s' * (count != 1)}: too few to tell models apart.",
            f"Expected at least {FEWEST_IMAGES}.",
            "Choose a larger split, such as --split all, or a larger dataset with --dataset.",
        )
