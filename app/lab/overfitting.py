"""What dropout and augmentation do against overfitting.

  python -m app lab overfitting -o lab

The lecture's convnet is trained on 1,000 photographs of 32×32 pixels with
neither, either and both, by a constant learning rate, until neither its loss
nor its accuracy on validation images has improved for 15 epochs; for 100 epochs
at most, as in the lecture. After every epoch, accuracy and loss are measured on
the training images as they are, without dropout and augmentation, and on images
that serve nothing else. Five seeds, each with images and initial weights of its
own. In half an hour. Slide: "Data Augmentation".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from app.figures.overfitting import overfitting_curves
from app.lab.examples import ExampleImages, load_examples
from app.lab.options import ExperimentOptions
from app.lab.plateau import METRICS, UntilPlateau
from app.lab.result import ExperimentResult, Reference, Row
from app.lab.small_run import small_run
from app.lab.store import Job
from app.lab.uncertainty import SEEDS, over_seeds, paired, share_over_seeds
from app.lab.wording import listed, two_decimals
from app.statistics.estimate import Estimate

_DROPOUT, _RATE, _SIDE = 0.5, 1e-3, 32
_NEITHER = "neither"
# Whether an arm has dropout, and whether it has augmentation.
_ARMS = {
    _NEITHER: (False, False), "dropout": (True, False), "augmentation": (False, True),
    "both": (True, True),
}  # fmt: skip
_PATIENCE = 15
_MEMORIZED = 0.99  # accuracy on clean training images

Runs = Mapping[str, list[dict[str, Any]]]  # one per seed, by arm


def overfitting(options: ExperimentOptions) -> ExperimentResult:
    """Train the lecture's convnet in four ways, each until its plateau.

    Raises:
        AppError: If the images or an earlier measurement do not fit.
    """
    examples = load_examples(
        options,
        "catsdogs",
        training=options.full_or_quick(2000, 50),
        held_out=options.full_or_quick(1000, 40),
        side=_SIDE,
    )
    seeds, count = range(options.full_or_quick(SEEDS, 1)), options.full_or_quick(1000, 40)
    epochs = options.full_or_quick(100, 2)
    jobs: dict[str, Job] = {
        f"{arm}, seed {seed}": partial(_train, examples, arm, (count, epochs, seed, len(seeds)))
        for seed in seeds
        for arm in _ARMS
    }
    settings = {
        "dataset": examples.label, "images": examples.fingerprint, "training": count,
        "epochs": epochs, "patience": _PATIENCE, "learning_rate": _RATE, "seeds": len(seeds),
    }  # fmt: skip
    measured = options.measure(jobs, settings, "training networks")
    runs = {arm: [measured[f"{arm}, seed {seed}"] for seed in seeds] for arm in _ARMS}
    rows: list[Row] = [
        {"setting": arm, "seed": seed, **row}
        for arm in _ARMS
        for seed, run in zip(seeds, runs[arm], strict=True)
        for row in _history(run)
    ]
    figure = overfitting_curves(
        {arm: [_history(run) for run in found] for arm, found in runs.items()},
        f"Overfitting: the lecture's convnet on {count:,} training images of {examples.shown_name}",
        metrics=METRICS,
        measured="held out",
        note=f"One curve per seed, with images and initial weights of its own, until neither loss "
        f"nor accuracy on validation images was better than before for {_PATIENCE} epochs, at most "
        f"{epochs}; the numbers are means of the last values. Training: the training images "
        f"without augmentation, measured without dropout. Held out: images that serve nothing else",
    )
    reference = Reference(
        "neither dropout nor augmentation",
        over_seeds(_last(runs, _NEITHER, "held out", "accuracy")).value,
        len(examples.held_out),
        examples.chance,
    )
    return ExperimentResult(_sentence(runs, epochs), rows, {"overfitting": figure}, [reference])


def _train(examples: ExampleImages, arm: str, amounts: tuple[int, int, int, int]) -> dict[str, Any]:
    """Return what `UntilPlateau` measured, and whether the run reached its plateau."""
    count, epochs, seed, seeds = amounts
    dropout, augmented = _ARMS[arm]
    run = small_run(
        examples, model="convnet", epochs=epochs, seed=seed, schedule="constant",
        learning_rate=_RATE, augment=examples.augmentation if augmented else "none",
        dropout=_DROPOUT if dropout else 0.0,
    )  # fmt: skip
    drawn = examples.drawn(count, seed, seeds)
    measured = {
        "training": drawn.training, "validation": drawn.choosing, "held out": drawn.held_out
    }  # fmt: skip
    until = UntilPlateau(measured, examples.class_names, _PATIENCE)
    run.train(drawn.training, callbacks=[until])
    return {**until.history, "plateau": until.stopped}


def _history(run: Mapping[str, Any]) -> list[dict[str, float]]:
    """Return a row per epoch: training images, and the held-out ones as `val_`."""
    names = {"": "training", "val_": "held out"}
    return [
        {"epoch": number + 1}
        | {
            f"{prefix}{metric}": run[part][metric][number]
            for prefix, part in names.items()
            for metric in METRICS
        }
        for number in range(len(run["training"]["loss"]))
    ]


def _last(runs: Runs, arm: str, part: str, metric: str) -> list[float]:
    """Return the value after the last epoch of each seed."""
    return [run[part][metric][-1] for run in runs[arm]]


def _sentence(runs: Runs, epochs: int) -> str:
    arms, differences = [], []
    for arm in _ARMS:
        training = share_over_seeds(_last(runs, arm, "training", "accuracy"))
        held_out = share_over_seeds(_last(runs, arm, "held out", "accuracy"))
        loss = over_seeds(_last(runs, arm, "held out", "loss"))
        arms.append(
            f"{arm} {training.percent}, {held_out.percent}, {two_decimals(loss)}"
            f"{verdict(runs, arm)}"
        )
        if arm != _NEITHER:
            accuracy = _against_neither(runs, arm, "held out", "accuracy")
            loss = _against_neither(runs, arm, "held out", "loss")
            differences.append(f"{arm} {accuracy.points} and {two_decimals(loss, '+')}")
    limited = [f"{sum(not run['plateau'] for run in runs[arm])} ({arm})" for arm in _ARMS]
    return (
        "At the plateau, accuracy on the training images as they are, accuracy on held-out images "
        f"and loss on these: {'; '.join(arms)}. Accuracy (points) and loss on held-out images, "
        f"minus those of neither: {'; '.join(differences)}. Brackets are 95% intervals over seeds, "
        f"each with images of its own. Of {len(runs[_NEITHER])} runs each, the limit of {epochs} "
        f"epochs, not a plateau, ended {listed(limited)}."
    )


def _against_neither(runs: Runs, arm: str, part: str, metric: str) -> Estimate:
    return paired(_last(runs, arm, part, metric), _last(runs, _NEITHER, part, metric))


def verdict(runs: Runs, arm: str) -> str:
    """Return ` (memorizes)` or ` (underfits)` if the intervals over seeds show it, else nothing.

    A network memorizes if it has learned nearly all training images. It underfits if it is worse
    than the one without dropout and augmentation both on these and on held-out images.
    """
    if share_over_seeds(_last(runs, arm, "training", "accuracy")).low >= _MEMORIZED:
        return " (memorizes)"
    worse = (_against_neither(runs, arm, part, "accuracy") for part in ("training", "held out"))
    return " (underfits)" if all(difference.high < 0 for difference in worse) else ""
