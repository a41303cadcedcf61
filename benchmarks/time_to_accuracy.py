"""How long until it is as good? Against Keras's documentation on MNIST, the lecture on photographs.

    CONVLAB_DATA=... python benchmarks/time_to_accuracy.py mnist
    CONVLAB_DATA=... python benchmarks/time_to_accuracy.py folds
    CONVLAB_DATA=... python benchmarks/time_to_accuracy.py catsdogs --output runs

mnist: seconds until 99.0% of the test images, from building the network on, images already
loaded. `--recipe fast` has a fixed number of steps, chosen on validation images; it trains
to its end, looks at the test images once, and counts only if it is there. The documentation's
convnet looks after every epoch and stops at the first that is there. Both in turn, each run in a
new process.

folds: `--recipe fast` without a look at test images: six times a sixth of all 60,000 training
images is held out, with another seed each time.

catsdogs: seconds of training until the validation accuracy that `--recipe lecture` has at its best.
Both recipes run to their end (finished runs are not repeated), the times are in their histories.
"""

from __future__ import annotations

import argparse
import json
import os
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
    """Run one of the races, or the folds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("race", choices=("mnist", "folds", "catsdogs"))
    parser.add_argument(
        "--seeds", nargs="+", type=int, help="of a race (five for mnist, else three)"
    )
    parser.add_argument("--output", type=Path, help="catsdogs: where the runs go")
    parser.add_argument("--recipes", nargs="+", default=["default", "best", "fast"])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        fold = arguments.one if arguments.race == "folds" else None
        print(json.dumps(_train_fast(Path(os.environ["CONVLAB_DATA"]), arguments.one, fold)))
    elif arguments.race == "mnist":
        race_on_mnist(arguments.seeds or [0, 1, 2, 3, 4])
    elif arguments.race == "folds":
        hold_out_in_turn()
    elif arguments.output is None:
        parser.error("catsdogs needs --output")
    else:
        race_on_catsdogs(arguments.output, arguments.recipes, arguments.seeds or [0, 1, 2])


def race_on_mnist(seeds: list[int]) -> None:
    """Print each run's seconds and accuracy, and the ratio of the medians."""
    commands = {
        "fast": [__file__, "mnist", "--one"],
        "keras-docs": [str(PEER), "--stop-at", str(GOAL), "--seed"],
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    for seed in seeds:
        for name, command in commands.items():
            command = [sys.executable, *command, str(seed)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            result = json.loads(done.stdout)
            there = result["accuracy"] >= GOAL
            found[name].append(result["seconds"] if there else float("inf"))
            print(
                f"seed {seed}  {name:11}{result['seconds']:7.1f} s  {result['accuracy']:.2%}"
                f"{'' if there else '  not there'}",
                flush=True,
            )
    ours, theirs = (statistics.median(seconds) for seconds in found.values())
    print(f"median: {ours:.1f} s against {theirs:.1f} s")
    if max(ours, theirs) < float("inf"):
        pairs = [b / a for a, b in zip(*found.values(), strict=True) if a < float("inf")]
        print(f"{theirs / ours:.1f}× (seed by seed {min(pairs):.1f}–{max(pairs):.1f})")


def hold_out_in_turn() -> None:
    """Print the errors and seconds of each fold, and their means."""
    found = []
    for fold in range(FOLDS):
        command = [sys.executable, __file__, "folds", "--one", str(fold)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found.append(json.loads(done.stdout))
        print(f"fold {fold}{found[-1]['seconds']:7.1f} s  {found[-1]['accuracy']:.2%}", flush=True)
    seconds, accuracies = ([one[name] for one in found] for name in ("seconds", "accuracy"))
    print(f"median {statistics.median(seconds):.1f} s, mean {statistics.mean(accuracies):.2%}")


def _train_fast(data_dir: Path, seed: int, fold: int | None) -> dict[str, float]:
    """Train as `--recipe fast` does, without keeping anything; judge on test images or a fold."""
    from app.keras_startup import start_keras

    start_keras()
    import keras
    import numpy as np

    from app.augmentation.parsing import parse_augmentation
    from app.augmentation.tta import mean_over_views, views_of
    from app.config import RunConfig
    from app.data.batches import Batches, EnterEpoch, as_fit_input
    from app.data.mnist import load_mnist
    from app.models import BUILDERS
    from app.training.compilation import compile_model
    from app.training.recipes import resolve

    splits = load_mnist(data_dir)
    images, labels = np.asarray(splits.train.images), splits.train.labels
    judged, truth = np.asarray(splits.test.images), splits.test.labels
    if fold is not None:
        images = np.concatenate([images, np.asarray(splits.validation.images)])
        labels = np.concatenate([labels, splits.validation.labels])
        held_out = np.arange(len(labels)) * FOLDS // len(labels) == fold
        judged, truth = images[held_out], labels[held_out]
        images, labels = images[~held_out], labels[~held_out]
    config = resolve(RunConfig(dataset="mnist", recipe="fast", seed=seed))
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
    model = BUILDERS[config.model]((28, 28, 1), 10, config.dropout)
    steps = batches.num_batches * config.epochs
    compile_model(model, config, num_classes=10, steps=steps, soft=False)
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
        judged,
        views_of(asdict(config), (28, 28)),
    )
    accuracy = float((probabilities.argmax(axis=1) == truth).mean())
    return {"accuracy": accuracy, "seconds": seconds, "parameters": model.count_params()}


def race_on_catsdogs(output: Path, recipes: list[str], seeds: list[int]) -> None:
    """Train what is missing; print when each recipe is as good as the lecture's."""
    from app.storage.folder import read_history

    names = ["lecture", *recipes]
    command = [sys.executable, str(Path(__file__).with_name("accuracy.py")), "catsdogs"]
    wanted = ["--output", str(output), "--only", *names, "--seeds", *map(str, seeds)]
    subprocess.run([*command, *wanted], check=True)
    ratios: dict[str, list[float]] = {name: [] for name in recipes}
    for seed in seeds:
        histories = {
            name: read_history(output / f"seed-{seed}" / f"catsdogs-{name}" / "history.csv")
            for name in names
        }
        best = max(histories["lecture"], key=lambda row: row["val_accuracy"])
        whole = histories["lecture"][-1]["seconds"]
        print(
            f"seed {seed}: the lecture's recipe reaches {best['val_accuracy']:.2%} in epoch "
            f"{best['epoch']:.0f} after {best['seconds']:.0f} s, and takes {whole:.0f} s in all"
        )
        for name in recipes:
            there = [r for r in histories[name] if r["val_accuracy"] >= best["val_accuracy"]]
            if not there:
                print(f"  {name}: not reached")
                ratios[name].append(0.0)
                continue
            ratios[name].append(best["seconds"] / there[0]["seconds"])
            print(
                f"  {name}: after {there[0]['seconds']:.0f} s, epoch {there[0]['epoch']:.0f}: "
                f"{ratios[name][-1]:.1f}×"
            )
    for name, found in ratios.items():
        print(f"{name}: {statistics.median(found):.1f}× ({min(found):.1f}–{max(found):.1f})")


if __name__ == "__main__":
    main()
