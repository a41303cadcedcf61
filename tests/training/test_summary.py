"""The last lines of a run, from made-up results."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.multi_label import evaluate_labels
from app.storage.card import read_card
from app.training.summary import Outcome, cautions, summary
from tests.evaluations import evaluation

CARD = read_card(Path(__file__).parents[2] / "saved_models" / "mnist-tiny" / "card.json")
NAMES = ("bolt", "hex nut", "washer")


def outcome(
    confusion: list[list[int]], accuracies: list[float], *, finished: bool = True, **facts: object
) -> Outcome:
    """Return a run with this result and these validation accuracies of its epochs."""
    found = evaluation(confusion, NAMES)
    card = replace(
        CARD,
        dataset="parts",
        configuration={"epochs": len(accuracies)},
        training={"epochs": len(accuracies), "best_epoch": len(accuracies), **facts},
        finished=finished,
    )
    history = [{"val_accuracy": accuracy} for accuracy in accuracies]
    return Outcome(Path("models/parts"), card, found, found if finished else None, history)


UNBALANCED = [[12, 0, 6], [0, 0, 22], [0, 0, 60]]
LEVEL = [0.5, 0.7, 0.72, 0.72, 0.71, 0.72, 0.72, 0.72]


def test_summary_of_unbalanced_classes_names_baseline_and_worst_class():
    text = "\n".join(summary(outcome(UNBALANCED, LEVEL)))
    assert "Test accuracy 72.00% (95% interval 62.5 to 79.9%) on 100 images." in text
    assert "Balanced accuracy 55.56%." in text
    assert "Always predicting 'washer' would be right in 60.00%." in text
    assert max(map(len, text.splitlines())) <= 80
    assert "Worst class: 'hex nut', recall 0.00% of 22 images," in text
    assert "  most often confused with 'washer'." in text


def test_summary_without_errors_names_no_worst_class():
    text = "\n".join(summary(outcome([[20, 0, 0], [0, 20, 0], [0, 0, 20]], LEVEL)))
    assert "100.00% (95% interval 94.0 to 100.0%)" in text
    assert "Worst class" not in text


def test_summary_of_any_number_of_labels_names_the_class_of_the_lowest_f1():
    """The first label is given to every image, which finds all 6 that have it."""
    labels = np.array([[1, 1]] * 6 + [[0, 1]] * 18, bool)
    probabilities = np.array([[0.9, 0.9]] * 23 + [[0.9, 0.1]])
    test = evaluate_labels(probabilities, labels, ("bent", "rusty"), (0.5, 0.5))
    text = "\n".join(summary(replace(outcome(UNBALANCED, LEVEL), test=test)))
    assert "Worst class: 'bent', F1 40.00%: recall 100.00%, precision 25.00%," in text
    assert "  of 6 images." in text
    right = evaluate_labels(labels * 1.0, labels, ("bent", "rusty"), (0.5, 0.5))
    assert "Worst class" not in "\n".join(summary(replace(outcome(UNBALANCED, LEVEL), test=right)))
    assert max(map(len, text.splitlines())) <= 80


def test_summary_says_how_the_saved_epoch_was_chosen():
    compared = [{"epoch": 7, "accuracy": 0.7}, {"epoch": 8, "accuracy": 0.72}]
    lines = summary(outcome(UNBALANCED, LEVEL, views=4, compared_epochs=compared))
    assert "  which selected epoch 8 of 8 (mean of 4 views; epochs 7 and 8 compared)." in lines
    assert "  which selected epoch 8 of 8." in summary(outcome(UNBALANCED, LEVEL))


def test_cautions_of_a_good_run_are_none():
    assert cautions(outcome(UNBALANCED, LEVEL)) == []


@pytest.mark.parametrize(
    "confusion",
    [
        [[0, 0, 18], [0, 0, 22], [0, 0, 60]],  # always 'washer'
        [[7, 6, 7], [7, 7, 6], [6, 7, 7]],  # by the throw of a die
        [[0, 20, 0], [0, 0, 20], [20, 0, 0]],  # worse
    ],
)
def test_cautions_of_a_run_at_chance_say_so(confusion):
    (message,) = cautions(outcome(confusion, LEVEL))
    assert message.startswith("warning: accuracy at chance")
    assert "--learning-rate" in message
    assert message.endswith("python -m app data check parts --labels")


def test_commands_quote_names_with_spaces():
    run = outcome([[0, 0, 18], [0, 0, 22], [0, 0, 60]], LEVEL)
    run = replace(run, folder=Path("models/my parts"), card=replace(run.card, dataset="my parts"))
    assert "  python -m app predict 'models/my parts' IMAGE..." in summary(run)
    assert "  python -m app evaluate 'models/my parts'" in summary(run)
    (message,) = cautions(run)
    assert message.endswith("python -m app data check 'my parts' --labels")


def test_cautions_of_few_test_images_ask_for_more():
    (message,) = cautions(outcome([[1, 0, 0], [0, 1, 0], [0, 1, 0]], LEVEL))
    assert "3 test images can hardly show more" in message


@pytest.mark.parametrize(
    ("accuracies", "rising"),
    [
        (np.linspace(0.2, 0.72, 20), True),
        ([0.3, 0.4, 0.5, 0.6, 0.65, 0.72], True),
        ([0.7] * 20, False),
        ([0.7, 0.72] * 10, False),
        (np.linspace(0.72, 0.2, 20), False),
        ([0.2, 0.7], False),
    ],
)
def test_cautions_of_a_rising_accuracy_recommend_more_epochs(accuracies, rising):
    found = cautions(outcome(UNBALANCED, list(accuracies)))
    assert [f"--epochs {2 * len(accuracies)}" in message for message in found] == [True] * rising


def test_cautions_of_a_stopped_run_are_none():
    assert cautions(outcome(UNBALANCED, list(np.linspace(0.2, 0.7, 20)), finished=False)) == []
