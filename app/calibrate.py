"""Fit the temperature of a saved model on its validation images, and write it on the card.

Training does so by itself; this is for models from before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from app.classifier import load
from app.errors import AppError
from app.evaluate import EvaluationResult, evaluate
from app.files import atomic_file
from app.metrics import DISTRIBUTION
from app.reporting import SILENT, Reporter
from app.statistics.temperature import stored_temperature
from app.storage.card import Card
from app.storage.folder import CARD


@dataclass(frozen=True)
class Recalibration:
    """A model before and after its temperature was fitted.

    Attributes:
        name: Name of the model.
        before: Temperature on its card before.
        after: Temperature on its card now; 1 if the validation images do not ask for another.
        plain: Evaluation on the validation images at temperature 1.
        fitted: The same at the fitted temperature.
    """

    name: str
    before: float
    after: float
    plain: EvaluationResult
    fitted: EvaluationResult


def recalibrate(
    model: Path | str,
    *,
    dataset: str | None = None,
    data_dir: Path | None = None,
    reporter: Reporter = SILENT,
) -> Recalibration:
    """Fit the temperature of a model, and write it and the losses at it on the model's card.

    Test images, where the card has their accuracy, serve to measure their loss alone.

    Args:
        model: Folder of a saved model, or its name.
        dataset: Name or folder of its dataset, if it has moved.
        data_dir: Folder of the datasets; `None` for `$CONVLAB_DATA`, else `datasets/`.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the model has no card, gives no probabilities that add up to 1, or if its
            images are not those that it was trained with.
    """
    classifier = load(model, raw=True)
    card = classifier.card
    if card is None or classifier.path is None or classifier.kind != DISTRIBUTION:
        raise AppError(
            f"'{model}' has no card to write a temperature on."
            if card is None
            else f"The model '{model}' gives no probabilities that add up to 1.",
            "Expected the folder of a model that training wrote.",
        )
    plain = replace(classifier, temperature=1.0)
    results = {}
    for split in ("validation", "test"):
        if card.metrics.get(split):
            results[split] = evaluate(
                plain, dataset=dataset, split=split, data_dir=data_dir, reporter=reporter
            )
            _check_images(card, split, results[split])
    if "validation" not in results:
        raise AppError(
            f"The card of {card.name} has no accuracy on validation images.",
            "Expected a model that training evaluated.",
        )
    validation = results["validation"]
    temperature = stored_temperature(validation.probabilities, validation.labels)
    scaled = {split: one.with_temperature(temperature) for split, one in results.items()}
    metrics = dict(card.metrics)
    for split, one in scaled.items():
        metrics[split] = {**(metrics[split] or {}), "loss": one.evaluation.loss}
    with atomic_file(classifier.path / CARD) as temporary:
        replace(card, temperature=temperature, metrics=metrics).write(temporary)
    return Recalibration(card.name, card.temperature, temperature, validation, scaled["validation"])


def _check_images(card: Card, split: str, result: EvaluationResult) -> None:
    """Refuse other images than those of the card; files that were skipped are missing in both."""
    examples = result.decoded.examples
    known = card.fingerprints.get(split) == examples.fingerprint()
    if not (known or (result.decoded.skipped and card.images.get(split) == len(examples))):
        raise AppError(
            f"The {split} images of {result.shown_dataset} are not those that {card.name} was "
            "trained with.",
            "Expected the same images: the temperature belongs to the model's own.",
            "Name the folder of its dataset: --dataset FOLDER",
        )
