"""Time to accuracy: against Keras's documentation on MNIST, the lecture's recipe on photographs.

    CONVLAB_DATA=... python benchmarks/time_to_accuracy.py mnist
    CONVLAB_DATA=... python benchmarks/time_to_accuracy.py folds
    CONVLAB_DATA=... python benchmarks/time_to_accuracy.py catsdogs --output runs

mnist: seconds from building the network to 99.0% test accuracy, images already loaded.
`--recipe fast` has a fixed number of steps, chosen on validation images; it trains to its end,
evaluates the test images once, and counts only if it reaches the target. The documentation's
convnet is evaluated after every epoch and stops at the target. The two alternate, each run in a new
process.

folds: `--recipe fast` without test images. Each of six runs holds out another sixth of all 60,000
training images and has its own seed.

catsdogs: seconds of training until the best validation accuracy of `--recipe lecture`. All recipes
run to their end (finished runs are not repeated); the times come from their histories.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

GOAL = 0.99
FOLDS = 6
PEER = Path(__file__).with_name("keras_documentation.py")


def main() -> None:
    """Run one of the races or the folds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("race", choices=("mnist", "folds", "catsdogs"), help="measurement to run")
    parser.add_argument(
        "--seeds", nargs="+", type=int, help="seeds of a race (default: five for mnist, else three)"
    )
    parser.add_argument("--output", type=Path, help="folder of the runs (catsdogs)")
    parser.add_argument(
        "--recipes", nargs="+", default=["default", "best", "fast"], help="recipes (catsdogs)"
    )
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        fold = arguments.one if arguments.race == "folds" else None
        print(json.dumps(_train_fast(arguments.one, fold)))
    elif arguments.race == "mnist":
        race_on_mnist(arguments.seeds or [0, 1, 2, 3, 4])
    elif arguments.race == "folds":
        run_folds()
    elif arguments.output is None:
        parser.error("catsdogs needs --output")
    else:
        race_on_catsdogs(arguments.output, arguments.recipes, arguments.seeds or [0, 1, 2])


def race_on_mnist(seeds: list[int]) -> None:
    """Print seconds and accuracy of each run, and the ratio of the medians."""
    commands = {
        "fast": [__file__, "mnist", "--one"],
        "keras-docs": [str(PEER), "--stop-at", str(GOAL), "--seed"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for seed in seeds:
        for name, command in commands.items():
            command = [sys.executable, *command, str(seed)]
            completed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            result = json.loads(completed.stdout)
            reached = result["accuracy"] >= GOAL
            times[name].append(result["seconds"] if reached else float("inf"))
            print(
                f"seed {seed}  {name:11}{result['seconds']:7.1f} s  {result['accuracy']:.2%}"
                f"{'' if reached else '  not reached'}",
                flush=True,
            )
    ours, theirs = (statistics.median(seconds) for seconds in times.values())
    print(f"median: {ours:.1f} s against {theirs:.1f} s")
    if max(ours, theirs) < float("inf"):
        pairs = [b / a for a, b in zip(*times.values(), strict=True) if a < float("inf")]
        print(f"{theirs / ours:.1f}× (seed by seed {min(pairs):.1f}–{max(pairs):.1f})")


def run_folds() -> None:
    """Print seconds and accuracy of each fold, their median and their mean."""
    results = []
    for fold in range(FOLDS):
        command = [sys.executable, __file__, "folds", "--one", str(fold)]
        completed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        result = json.loads(completed.stdout)
        results.append(result)
        print(f"fold {fold}{result['seconds']:7.1f} s  {result['accuracy']:.2%}", flush=True)
    seconds, accuracies = ([result[key] for result in results] for key in ("seconds", "accuracy"))
    print(f"median {statistics.median(seconds):.1f} s, mean {statistics.mean(accuracies):.2%}")


def _train_fast(seed: int, fold: int | None) -> dict[str, float]:
    """Train as `--recipe fast` does without saving; evaluate on the test images or a fold."""
    from app.keras_startup import start_keras

    start_keras()
    import keras
    import numpy as np

    from app.augmentation.parsing import parse_augmentation
    from app.augmentation.tta import mean_over_views, views_of
    from app.config import RunSettings
    from app.data.batches import Batches, EnterEpoch, as_fit_input
    from app.data.mnist import load_mnist
    from app.data.registry import default_data_dir
    from app.models import build_model
    from app.training.compile import Targets, compile_model
    from app.training.plan import Optimization
    from app.training.recipes import resolve

    splits = load_mnist(default_data_dir())
    images, labels = np.asarray(splits.train.images), splits.train.labels
    test_images, test_labels = np.asarray(splits.test.images), splits.test.labels
    if fold is not None:
        images = np.concatenate([images, np.asarray(splits.validation.images)])
        labels = np.concatenate([labels, splits.validation.labels])
        held_out = np.arange(len(labels)) * FOLDS // len(labels) == fold
        test_images, test_labels = images[held_out], labels[held_out]
        images, labels = images[~held_out], labels[~held_out]
    config = resolve(RunSettings(dataset="mnist", recipe="fast", seed=seed))
    keras.utils.set_random_seed(seed)
    started = time.perf_counter()
    batches = Batches(
        images,
        labels,
        config.batch_size,
        shuffle=True,
        augment=parse_augmentation(config.augment),
        seed=seed,
        workers=config.workers,
    )
    model = build_model(config.model, (28, 28, 1), 10, config.dropout)
    steps = batches.num_batches * config.epochs
    compile_model(model, Optimization.of(config), Targets(10), steps=steps)
    model.fit(
        as_fit_input(batches),
        epochs=config.epochs,
        shuffle=False,
        verbose=0,
        callbacks=[EnterEpoch(batches)],
    )
    seconds = time.perf_counter() - started
    probabilities = mean_over_views(
        lambda view: model.predict(view, batch_size=1000, verbose=0),
        test_images,
        views_of(asdict(config), (28, 28)),
    )
    accuracy = float((probabilities.argmax(axis=1) == test_labels).mean())
    return {"accuracy": accuracy, "seconds": seconds, "parameters": model.count_params()}


def race_on_catsdogs(output: Path, recipes: list[str], seeds: list[int]) -> None:
    """Train the missing runs; print when each recipe is as accurate as the lecture's."""
    from app.storage.folder import read_history

    names = ["lecture", *recipes]
    command = [sys.executable, str(Path(__file__).with_name("accuracy.py")), "catsdogs"]
    command += ["--output", str(output), "--only", *names, "--seeds", *map(str, seeds)]
    subprocess.run(command, check=True)
    ratios: dict[str, list[float]] = {name: [] for name in recipes}
    for seed in seeds:
        histories = {
            name: read_history(output / f"seed-{seed}" / f"catsdogs-{name}" / "history.csv")
            for name in names
        }
        best = max(histories["lecture"], key=lambda row: row["val_accuracy"])
        total = histories["lecture"][-1]["seconds"]
        print(
            f"seed {seed}: the lecture's recipe reaches {best['val_accuracy']:.2%} in epoch "
            f"{best['epoch']:.0f} after {best['seconds']:.0f} s, and takes {total:.0f} s in all"
        )
        for name in recipes:
            rows = [r for r in histories[name] if r["val_accuracy"] >= best["val_accuracy"]]
            if not rows:
                print(f"  {name}: not reached")
                ratios[name].append(0.0)
                continue
            ratios[name].append(best["seconds"] / rows[0]["seconds"])
            print(
                f"  {name}: after {rows[0]['seconds']:.0f} s, epoch {rows[0]['epoch']:.0f}: "
                f"{ratios[name][-1]:.1f}×"
            )
    for name, values in ratios.items():
        print(f"{name}: {statistics.median(values):.1f}× ({min(values):.1f}–{max(values):.1f})")


if __name__ == "__main__":
    main()
