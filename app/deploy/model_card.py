"""The README of an exported network: how to run it, numbers, data and limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.classifier import Classifier
from app.data.fitting import RESIZE_RULES
from app.deploy.measure import Measured
from app.deploy.script import PACKAGES
from app.evaluate import EvaluationResult
from app.export.formats import Format
from app.files import printable
from app.metrics import accuracy_text
from app.multi_label import decisions
from app.statistics.calibration import calibration
from app.statistics.selective import risk_coverage
from app.storage.card import Card

_TEMPLATE = Path(__file__).with_name("README.md.j2")
_COVERAGE = 0.8  # for which a threshold is named
_WHERE = {
    "litert": "The class names are in the file: `labels.txt`, in a zip archive at its end.",
    "onnx": "The class names are in the file: its metadata `classes`, a JSON list.",
    "tensorflow": "The signature `serving_default` also returns `classes`, the names.",
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of an exported network.

    Attributes:
        classifier: The original.
        format: Format that it was exported to.
        rows: The original, networks to compare with, and last the exported one, as measured.
        result: The evaluation of the original, with one view.
        temperature: Temperature of the exported probabilities.
        calibrated_on: Training images that gave the ranges of activations; 0 for none.
    """

    classifier: Classifier
    format: Format
    rows: Sequence[Measured]
    result: EvaluationResult
    temperature: float = 1.0
    calibrated_on: int = 0

    @property
    def exported(self) -> Measured:
        """The exported network."""
        return self.rows[-1]

    @property
    def original(self) -> Measured:
        """The original."""
        return self.rows[0]


def model_card(facts: Facts) -> str:
    """Return the text of the README in Markdown."""
    from jinja2 import Environment, StrictUndefined

    classifier, exported = facts.classifier, facts.exported
    evaluation = exported.evaluation
    worst = evaluation.worst_class
    measure = "F1" if classifier.thresholds else "recall"
    single = decisions(exported.probabilities, facts.result.labels)
    shape = (*classifier.image_size, classifier.channels)
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
    text = environment.from_string(_TEMPLATE.read_text("utf-8")).render(
        name=_plain(classifier.name),
        format=facts.format,
        classes=[_plain(name) for name in classifier.class_names],
        thresholds=classifier.thresholds,
        packages=PACKAGES[facts.format.runtime],
        shape=shape,
        fit=RESIZE_RULES[classifier.fit],
        where=_WHERE[facts.format.runtime],
        evaluated=f"On the {evaluation.n:,} validation images of {_plain(facts.result.dataset)}",
        rows=facts.rows,
        size=size_text,
        milliseconds=milliseconds_text,
        changed=changed_texts(facts.original, exported),
        worst=(measure, _plain(worst), f"{evaluation.per_class()[worst][measure.lower()]:.1%}"),
        calibration=f"{calibration(*single).error:.1%}",
        rounds=len(exported.seconds),
        test=_test_text(classifier.card),
        data=_data(facts),
        limits=_limits(facts),
    )
    return text.rstrip() + "\n"


def size_text(size: int) -> str:
    """Return bytes as text, such as `194 kB`."""
    return f"{size / 1_000:,.0f} kB"


def milliseconds_text(row: Measured) -> str:
    """Return the time of one image as text, with three digits."""
    return f"{row.milliseconds:.3g}"


def changed_texts(original: Measured, exported: Measured) -> tuple[str, str]:
    """Return how many images get other labels, and how far probabilities differ, as sentences."""
    differ = original.predicted != exported.predicted
    changed = int(differ.any(axis=1).sum() if differ.ndim == 2 else differ.sum())
    what = "other labels" if differ.ndim == 2 else "another class"
    largest = float(np.abs(original.probabilities - exported.probabilities).max())
    before, after = original.evaluation, exported.evaluation
    return (
        f"{changed:,} of {after.n:,} images get {what} than from the original.",
        f"{len(before.worst):,} were wrong, {len(after.worst):,} are; probabilities differ by "
        f"{largest:.1g} at most.",
    )


def _test_text(card: Card | None) -> str:
    test = (card.metrics.get("test") if card else None) or {}
    if not card or "accuracy" not in test or not card.images.get("test"):
        return ""
    views = f", mean of {len(card.tta)} views" if len(card.tta) > 1 else ""
    return accuracy_text(test["accuracy"], card.images["test"]) + views


def _data(facts: Facts) -> list[str]:
    card = facts.classifier.card
    if card is None:
        return ["The model has no card: what it was trained on is not known."]
    counts = ", ".join(f"{count:,} {split}" for split, count in card.images.items())
    lines = [
        f"Trained on {_plain(card.dataset)}: {_plain(card.source)}.",
        f"Images: {counts}. The validation images chose the epoch.",
        f"{card.parameters:,} parameters, {_plain(card.saved_epoch)}, {card.created[:10]}, "
        f"Keras {_plain(card.versions.get('keras', '?'))}.",
    ]
    if card.stand_in:
        lines.append("These images replaced the dataset, which was not available.")
    if card.command:
        lines.append(f"Reproduced by `{_plain(card.command)}`.")
    return lines


def _limits(facts: Facts) -> list[str]:
    classifier, card = facts.classifier, facts.classifier.card
    lines = [
        "It knows no other labels, and was not trained on images of other kinds."
        if classifier.thresholds
        else "It answers with one of its classes, whatever the image shows.",
        "The numbers hold for images like those above. For others, measure again.",
    ]
    if len(classifier.views) > 1:
        metrics = (card.metrics.get("validation") if card else None) or {}
        accuracy = f" ({metrics['accuracy']:.2%} when it was trained)" if metrics else ""
        lines.append(
            f"One view of each image. The original averages over {len(classifier.views)} "
            f"views{accuracy}, so its probabilities and thresholds are others."
        )
    if facts.temperature != 1:
        lines.append(f"A temperature of {facts.temperature:g} is inside.")
    if not classifier.thresholds:
        curve = risk_coverage(facts.exported.probabilities, facts.result.labels)
        lines.append(
            f"{_COVERAGE:.0%} of the validation images get a class with a probability of "
            f"{curve.threshold_at(_COVERAGE):.2f} or more, and {curve.risk_at(_COVERAGE):.1%} of "
            "these classes are wrong. Below that probability, better take the class as unknown."
        )
    if card is not None and card.mnist_style:
        lines.append(
            "It expects a digit as MNIST has them: bright on black, 20 pixels high, centered in "
            "28×28. `python -m app predict` finds and converts digits; run.py does not."
        )
    if facts.calibrated_on:
        lines.append(
            f"Ranges of int8 activations are those of {facts.calibrated_on:,} training images."
        )
    lines.append("run.py reads photographs of 8 bits per channel, without transparency.")
    return lines


def _plain(text: str) -> str:
    """Return text that cannot become markup of a table."""
    return printable(text).replace("|", "\\|").replace("`", "'").replace("<", "&lt;")
