"""The result of a run, and its last lines: numbers first, then warnings about them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.metrics import Evaluation, accuracy_text
from app.multi_label import MultiLabelEvaluation
from app.references import is_reference
from app.storage.card import Card

# How a card calls what an epoch was selected by, where classes differ in size.
BALANCED_ACCURACY = "balanced accuracy"
# Shorter runs show no trend.
_FEWEST_EPOCHS = 6


@dataclass(frozen=True)
class Outcome:
    """The result of a run.

    Attributes:
        folder: Folder of the saved model.
        card: Card of the model.
        validation: Evaluation on the validation images.
        test: Evaluation on the test images, or `None` if the run was stopped.
        history: One row per epoch.
    """

    folder: Path
    card: Card
    validation: Evaluation
    test: Evaluation | None
    history: list[dict[str, float]]


def summary(outcome: Outcome) -> list[str]:
    """Return the last lines of a run: accuracy, baseline, worst class, next commands."""
    card, test, folder = outcome.card, outcome.test, outcome.folder
    quoted = shlex.quote(str(folder))
    lines = [""]
    if test is not None:
        lines.append(f"Test accuracy {test.accuracy_text} on {test.n:,} images.")
        lines += _by_label(test) if isinstance(test, MultiLabelEvaluation) else _by_class(test)
    validation = outcome.validation
    lines.append(f"Validation accuracy {accuracy_text(validation.accuracy, validation.n)},")
    if card.training.get("selected_by") == BALANCED_ACCURACY:
        lines.append(f"  balanced accuracy {validation.balanced_accuracy:.2%},")
    lines += [
        f"  which selected {card.saved_epoch}{_temperature_text(card)}.",
        f"Saved in {folder}.",
        f"LiteRT model: {card.twin}.",
        "",
        "Try next:",
        f"  python -m app predict {quoted} IMAGE...",
        f"  python -m app evaluate {quoted}",
    ]
    if is_reference(card.dataset):  # evaluate imports no dataset that only the card names
        lines[-1] += f" --dataset {card.dataset}"
    if card.dataset == "mnist":
        lines.append("  python train.py --dataset catsdogs")
    return lines


def cautions(outcome: Outcome) -> list[str]:
    """Return warnings about a finished run: accuracy at chance, too few epochs."""
    messages = []
    test = outcome.test
    if test is not None and test.at_chance:
        name, share = test.majority
        labels = "" if isinstance(test, MultiLabelEvaluation) else " --labels"
        few = "" if test.n >= 100 else f" {test.n} test images can hardly show more: add images."
        messages.append(
            f"warning: accuracy at chance: {test.accuracy_text} may be no better than always "
            f"predicting '{name}' ({share:.2%}).{few} Try more --epochs, or a tenth of the "
            "--learning-rate; look for wrong labels with: python -m app data check "
            f"{shlex.quote(outcome.card.dataset)}{labels}"
        )
    elif outcome.card.finished and _still_rising(outcome):
        epochs = int(outcome.card.configuration["epochs"])
        messages.append(
            "note: validation accuracy still rose in the last epochs. More of them may help, in a "
            f"new run, since the learning rate follows their number: --epochs {2 * epochs}"
        )
    return messages


def _temperature_text(card: Card) -> str:
    return "" if card.temperature == 1 else f", and a temperature of {card.temperature:.3g}"


def _by_class(test: Evaluation) -> list[str]:
    name, share = test.majority
    lines = [
        f"Balanced accuracy {test.balanced_accuracy:.2%}.",
        f"Always predicting '{name}' would be right in {share:.2%}.",
    ]
    if len(test.worst):
        worst = test.worst_class
        row = test.per_class()[worst]
        confused, _ = test.confused_with(worst)[0]
        lines += [
            f"Worst class: '{worst}', recall {row['recall']:.2%} of {row['n']:,} images,",
            f"  most often confused with '{confused}'.",
        ]
    return lines


def _by_label(test: MultiLabelEvaluation) -> list[str]:
    name, share = test.majority
    lines = [
        "  (all labels of an image right, each class at its own threshold);",
        f"  macro F1 {test.macro_f1:.2%}, micro F1 {test.micro_f1:.2%}, "
        f"Hamming loss {test.hamming_loss:.2%}.",
        f"Always predicting '{name}' would be right in {share:.2%}.",
    ]
    if len(test.worst):
        worst = test.worst_class
        row = test.per_class()[worst]
        lines += [
            f"Worst class: '{worst}', F1 {row['f1']:.2%}: recall {row['recall']:.2%}, "
            f"precision {row['precision']:.2%},",
            f"  of {row['n']:,} images.",
        ]
    return lines


def _still_rising(outcome: Outcome) -> bool:
    """Return whether the last fifth of the epochs was better than the fifth before it.

    The difference must exceed a standard error, because few validation images are noisy.
    """
    accuracies = [row.get("val_balanced_accuracy", row["val_accuracy"]) for row in outcome.history]
    if len(accuracies) < _FEWEST_EPOCHS:
        return False
    span = max(2, len(accuracies) // 5)
    last, before = np.mean(accuracies[-span:]), np.mean(accuracies[-2 * span : -span])
    noise = np.sqrt(last * (1 - last) / outcome.validation.n)
    return bool(last - before > noise)
