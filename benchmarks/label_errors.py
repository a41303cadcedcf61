"""Planted label errors: how many `data check --labels` finds, and how many its peers.

    CONVLAB_DATA=... python benchmarks/label_errors.py photographs --output runs [--seeds 0 1 2]
    python benchmarks/label_errors.py digits --output runs

5% of the images get the label of another class, others for each seed. `photographs`: the 2,000 test
images of cats and dogs, with the features of `catsdogs-best` (`--from`), which was not trained on
them. `digits`: scikit-learn's 1,797 digits, with networks. Rankings: confident learning, which the
command uses; self-confidence, the lowest out-of-fold probability of the label first; and for digits
the highest loss of one network that was trained on all images, with the same settings. What is
finished of the training is not repeated.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from accuracy import with_spread

from app.data.dataset import SPLIT_NAMES, Dataset, Split
from app.data.registry import default_data_dir, load_dataset
from app.files import atomic_file
from app.label_errors.check import CheckOptions, LabelCheck, check_labels
from app.label_errors.settings import fold_settings
from app.reporting import CONSOLE

MODELS = {"photographs": "catsdogs-best", "digits": None}
SHARE, FOLDS, FIRST = 0.05, 5, 50


def main() -> None:
    """Check the labels of every seed, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("contest", choices=list(MODELS))
    parser.add_argument("--output", type=Path, required=True, help="folder of finished folds")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    arguments = parser.parse_args()
    contest, model = arguments.contest, MODELS[arguments.contest]
    data = images_of(contest)
    rows: dict[str, list[list[float]]] = {}
    suspects = []
    for seed in arguments.seeds:
        store = arguments.output / f"{contest}-{seed}"
        images, planted = with_planted_errors(data, seed)
        check = check_labels(images, contest, CheckOptions(FOLDS, None, store, model), CONSOLE)
        wrong = np.isin(check.images.names, planted)
        found = wrong[check.suspects].sum()
        suspects.append([check.found.count, found / check.found.count, found / wrong.sum()])
        orders = rankings(check)
        if model is None:
            orders["loss in training"] = by_loss(check, contest, store)
        for name, order in orders.items():
            rows.setdefault(name, []).append(scores(wrong[order]))
        print(f"seed {seed}: {len(wrong):,} images, {wrong.sum()} planted errors", flush=True)
    report(rows, suspects)


def images_of(contest: str) -> Dataset:
    """Return a dataset all of whose images are training images, with right labels."""
    name = {"photographs": "catsdogs"}.get(contest, contest)
    data = load_dataset(name, default_data_dir(), stand_in="never")
    parts = ("test",) if contest == "photographs" else SPLIT_NAMES
    images = Split.concatenate([data.split(part) for part in parts])
    none = images.take(np.arange(0))
    return replace(data, train=images, validation=none, test=none)


def with_planted_errors(data: Dataset, seed: int) -> tuple[Dataset, list[str]]:
    """Return a dataset with wrong labels among its training images, and their names."""
    images, classes = data.train, len(data.class_names)
    names = [f"{k}/{name}" for k, name in enumerate(images.names)]  # each is unique
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(images), round(SHARE * len(images)), replace=False)
    labels = images.labels.copy()
    labels[chosen] = (labels[chosen] + rng.integers(1, classes, len(chosen))) % classes
    planted = Split(images.images, labels, names)
    return replace(data, train=planted), [names[k] for k in chosen]


def rankings(check: LabelCheck) -> dict[str, np.ndarray]:
    """Return positions of the images, the most suspect first, by the name of the ranking."""
    rows, labels = np.arange(len(check.images)), check.images.labels
    return {
        "confident learning": check.found.ranked,
        "self-confidence": np.argsort(check.probabilities[rows, labels], kind="stable"),
    }


def by_loss(check: LabelCheck, dataset: str, store: Path) -> np.ndarray:
    """Return the ranking by the loss of a network that was trained on all images."""
    path = store / "in-sample.npy"
    if not path.exists():
        from app.label_errors.out_of_fold import OutOfFold

        settings = fold_settings(dataset, len(check.images))
        folds = OutOfFold(settings, check.class_names, FOLDS, store)
        with atomic_file(path) as temporary:
            np.save(temporary, folds.predicted(check.images, check.images.pixels))
    found = np.load(path)
    return np.argsort(found[np.arange(len(found)), check.images.labels], kind="stable")


def scores(wrong: np.ndarray) -> list[float]:
    """Return precisions and recalls of a ranking.

    Args:
        wrong: `(N,)` whether the label is a planted error, the most suspect first.

    Returns:
        Precision in the first 50; among as many as were planted, where it is the recall, too;
        recall in the first tenth of the images; average precision.
    """
    count = wrong.sum()
    hits = np.cumsum(wrong)
    return [
        hits[FIRST - 1] / FIRST,
        hits[count - 1] / count,
        hits[len(wrong) // 10 - 1] / count,
        float((hits / np.arange(1, len(wrong) + 1))[wrong].mean()),
    ]


def report(rows: Mapping[str, list[list[float]]], suspects: list[list[float]]) -> None:
    """Print mean and standard deviation over the seeds, in percent."""
    columns = (f"first {FIRST}", "first planted", "recall, tenth", "avg. precision")
    print(" " * 20 + "".join(f"{name:>18}" for name in columns))
    for name, of_seeds in rows.items():
        cells = [with_spread([100 * value for value in of]) for of in zip(*of_seeds, strict=True)]
        print(f"{name:20}" + "".join(f"{cell:>18}" for cell in cells))
    for count, precision, recall in suspects:
        print(f"{count} suspect labels: precision {precision:.1%}, recall {recall:.1%}")


if __name__ == "__main__":
    main()
