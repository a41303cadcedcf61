"""Invariance to shifts, rotation, scale, viewpoint and light.

  python -m app lab invariance -o lab
  python -m app lab invariance mnist-dense mnist-local mnist-convnet -o lab

Accuracy while images are transformed, and the share of predictions that stay
what they were (consistency). Without MODEL, a dense network and a convnet are
trained on digits on a larger canvas, the convnet with Flatten or a global
average, with or without batch normalization, and with pixels from 0 to 1 or
from −1 to 1: which part makes it invariant? Five seeds, in half an hour.
Slides: "Translation Invariance" and the next ones; "CNNs: characteristics".
"""

from __future__ import annotations

from functools import partial
from typing import Any

from app.lab.invariance_ablation import ablation
from app.lab.invariance_measures import measure, shifted_accuracy
from app.lab.invariance_tables import (
    curves_of,
    fill_mode_of,
    original_accuracy,
    references_of,
    rows_of,
)
from app.lab.models import ModelUnderTest, model_hashes, models_under_test
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult
from app.lab.store import Job
from app.lab.transformations import TRANSFORMATIONS


def invariance(options: ExperimentOptions) -> ExperimentResult:
    """Measure saved models, or networks that are trained for it if none is named.

    Raises:
        AppError: If models, images or an earlier measurement do not fit.
    """
    if not options.models:
        return ablation(options)
    subjects = models_under_test(options, options.full_or_quick(1000, 100))
    first = subjects[0]
    jobs: dict[str, Job] = {one.name: partial(_measure, one) for one in subjects}
    levels = {one.name: list(one.levels) for one in TRANSFORMATIONS}
    settings = {"models": model_hashes(subjects), "levels": levels}
    measured = options.measure(jobs, settings, "transforming images")
    runs = {name: [run] for name, run in measured.items()}
    parts = [
        f"{name} {original_accuracy([run]).percent} and {shifted_accuracy(run).percent}"
        for name, run in measured.items()
    ]
    note = f"{first.source}, with 95% intervals"
    figure = curves_of(runs, first.examples, note, of_digits=first.of_digits, trained={})
    return ExperimentResult(
        "Accuracy on the original images, and mean accuracy over horizontal and vertical shifts, "
        f"with 95% intervals over the images: {'; '.join(parts)}.",
        rows_of(runs),
        {"invariance": figure},
        references_of(runs, first.examples.labels),
    )


def _measure(subject: ModelUnderTest) -> dict[str, Any]:
    return measure(
        subject.probabilities, subject.examples, fill_mode=fill_mode_of(subject.of_digits),
        cut_off=subject.of_digits,
    )  # fmt: skip
