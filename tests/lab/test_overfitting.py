"""What the numbers of dropout and augmentation are called."""

import pytest

from app.lab.overfitting import verdict


def runs_of(training, held_out):
    """Return runs of five seeds, whose accuracies scatter by a point, as measured in two epochs."""
    seeds = (-0.01, -0.005, 0.0, 0.005, 0.01)
    return [
        {part: {"accuracy": [0.5, min(1.0, share + seed)], "loss": [0.7, 0.6]}
         for part, share in (("training", training), ("held out", held_out))}
        for seed in seeds
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("training", "held_out", "expected"),
    [
        (1.02, 0.70, " (memorizes)"),
        (0.98, 0.70, ""),
        (0.75, 0.60, " (underfits)"),
        (0.75, 0.70, ""),  # no worse on held-out images: regularized
        (0.75, 0.80, ""),
    ],
)
def test_verdict_needs_both_accuracies(training, held_out, expected):
    runs = {"neither": runs_of(1.02, 0.70), "dropout": runs_of(training, held_out)}
    assert verdict(runs, "dropout") == expected


def test_verdict_of_one_seed_that_is_not_apart():
    runs = {"neither": runs_of(1.02, 0.70), "both": runs_of(0.75, 0.70)}
    runs["both"][0]["held out"]["accuracy"][-1] = 0.3  # one seed is no difference
    assert verdict(runs, "both") == ""
