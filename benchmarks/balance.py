"""Training on cats and few dogs: `--balance none`, `weights` and `sampling`.

    CONVLAB_DATA=... python benchmarks/balance.py --output runs [--rare 50] [--seeds 0 1 2]

Each seed has a folder of its own: 1,000 cats and other `--rare` dogs to train on, a fifth of both
to validate, and a test split of 500 each. Every run takes the default recipe but images of 64
pixels and 30 epochs. Finished runs are not repeated. `as trained` is the accuracy on images in the
proportion of the training images, from the two recalls.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from accuracy import ROOT, with_spread

METHODS = ("none", "weights", "sampling")
COMMON, VALIDATED, TESTED = 1000, 5, 500


def main() -> None:
    """Train the missing runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--output", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--rare", type=int, default=50, help="training images of dogs")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    arguments, rest = parser.parse_known_args()
    for seed in arguments.seeds:
        data = make_folder(arguments.output, arguments.rare, seed)
        for method in METHODS:
            if (arguments.output / run_name(arguments.rare, method, seed) / "card.json").exists():
                continue
            settings = {
                "dataset": data, "balance": method, "seed": seed, "image-size": 64, "epochs": 30,
                "start-size": 64, "precision": "float32", "output": arguments.output,
                "name": run_name(arguments.rare, method, seed),
            }  # fmt: skip
            flags = [f"--{name}={value}" for name, value in settings.items()]
            command = [sys.executable, str(ROOT / "train.py"), *flags, "--overwrite", *rest]
            subprocess.run(command, check=True)
    report(arguments)


def run_name(rare: int, method: str, seed: int) -> str:
    """Return the name of a run's model."""
    return f"{method}-{rare}-{seed}"


def make_folder(output: Path, rare: int, seed: int) -> Path:
    """Copy the images of a seed into `{train,validation,test}/{cat,dog}`; return the folder."""
    from app.data.catsdogs import load_catsdogs
    from app.data.registry import default_data_dir

    folder = output / f"images-{rare}-{seed}"
    if folder.exists():
        return folder
    images = load_catsdogs(default_data_dir())
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    for label, class_name in enumerate(("cat", "dog")):
        files = {
            name: [p for p, own in zip(split.images, split.labels, strict=True) if own == label]
            for name in ("train", "validation", "test")
            for split in (images.split(name),)
        }
        count = COMMON if class_name == "cat" else rare
        chosen = {
            "train": files["train"][seed * rare :][:count] if label else files["train"][:count],
            "validation": files["validation"][: max(2, count // VALIDATED)],
            "test": files["test"][:TESTED],
        }
        for split_name, paths in chosen.items():
            place = partial / split_name / class_name
            place.mkdir(parents=True)
            for path in paths:
                shutil.copyfile(path, place / path.name)
    partial.rename(folder)
    return folder


def report(arguments: argparse.Namespace) -> None:
    """Print one line per method: mean and standard deviation over the seeds, on test images."""
    from app.classifier import load
    from app.evaluate import evaluate

    rare = arguments.rare
    print(f"{COMMON:,} cats, {rare:,} dogs; {TESTED:,} test images of each")
    columns = ("balanced accuracy", "recall of cats", "recall of dogs", "as trained")
    print(" " * 10 + "".join(f"{name:>19}" for name in columns))
    for method in METHODS:
        rows = []
        for seed in arguments.seeds:
            model = load(arguments.output / run_name(rare, method, seed))
            data = str(arguments.output / f"images-{rare}-{seed}")
            found = evaluate(model, dataset=data).evaluation
            cats, dogs = (found.per_class()[name]["recall"] for name in ("cat", "dog"))
            as_trained = (COMMON * cats + rare * dogs) / (COMMON + rare)
            rows.append([found.balanced_accuracy, cats, dogs, as_trained])
        print(f"{method:10}", end="")
        for column in zip(*rows, strict=True):
            print(f"{with_spread([100 * value for value in column]):>19}", end="")
        print()


if __name__ == "__main__":
    main()
