"""The default of `train.py --dataset FOLDER` on small folders, compared with variants and peers.

    CONVLAB_DATA=... python benchmarks/small_folders.py --output runs [--quick] [--seeds 0 1 2]

Each folder is what a user has: one subfolder per class, which the program splits into 70/15/15%.
Accuracies are measured on other images, which no network was trained or chosen on. Every seed
draws other images. The peers are a plain Keras script and MobileNetV2 of `keras.applications` with
random weights; they get the same images for training and validation, and keep their best epoch.
Finished runs are not repeated. Seconds are those of one core, without waiting.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from accuracy import with_spread
from small_folder_images import FOLDERS, NOT_SQUARE, make_folders

# Changes of the default, whose 100 epochs become more for few images. In `own size` images keep
# their own size, if it is below 128 pixels; `crop` and `pad` are the values of `--fit` that keep
# the aspect ratio.
DEFAULT, OWN_SIZE = "default", "own size"
CHANGES: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "100 epochs": {"epochs": 100},
    "fast": {"recipe": "fast"},
    "fast, 45 epochs": {"recipe": "fast", "epochs": 45},
    OWN_SIZE: {},
    "crop": {"fit": "crop"},
    "pad": {"fit": "pad"},
}
PEERS = ("Keras script", "MobileNetV2")
PEER_EPOCHS = 50


def main() -> None:
    """Train the missing runs and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--folders", nargs="+", default=list(FOLDERS), choices=list(FOLDERS))
    methods = [*CHANGES, *PEERS]
    parser.add_argument("--methods", nargs="+", default=methods, choices=methods)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--quick", action="store_true", help="three epochs: a demonstration")
    arguments = parser.parse_args()
    for seed in arguments.seeds:
        for name in arguments.folders:
            for method in arguments.methods:
                if applies(name, method):
                    run_once(arguments, name, method, seed)
    report(arguments)


def applies(name: str, method: str) -> bool:
    """Return whether a method differs from the default on a folder."""
    if "fit" in CHANGES.get(method, {}):
        return name in NOT_SQUARE
    return method != OWN_SIZE or FOLDERS[name][1] > 0


def run_once(arguments: argparse.Namespace, name: str, method: str, seed: int) -> None:
    """Train and measure, unless that has been done."""
    record = record_of(arguments, name, method, seed)
    if record.exists():
        return
    folder, measured = make_folders(arguments.output, name, seed)
    started = time.process_time()
    if method in PEERS:
        found = train_peer(folder, measured, method, seed, 3 if arguments.quick else PEER_EPOCHS)
    else:
        found = train_own(arguments, folder, measured, name, method, seed)
    found["seconds"] = round(time.process_time() - started, 1)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(found), "utf-8")
    print(f"{name}, {method}, seed {seed}: {found}", flush=True)


def record_of(arguments: argparse.Namespace, name: str, method: str, seed: int) -> Path:
    """Return the file of a result."""
    kind = "quick" if arguments.quick else "full"
    return arguments.output / kind / f"{name}, {method}, {seed}.json"


def train_own(
    arguments: argparse.Namespace, folder: Path, measured: Path, name: str, method: str, seed: int
) -> dict[str, Any]:
    """Train with the defaults, but for one change; return the accuracy and the epochs."""
    from app.classifier import load
    from app.config import RunSettings
    from app.evaluate import evaluate
    from app.training.run import train

    changes = {**CHANGES[method]}
    if method == OWN_SIZE:
        changes["image_size"] = FOLDERS[name][1]
    if arguments.quick:
        changes["epochs"] = 3
    settings = RunSettings(
        dataset=str(folder),
        seed=seed,
        precision="float32",
        output=str(arguments.output / "models"),
        name=f"{name}-{list(CHANGES).index(method)}-{seed}",
        overwrite=True,
        **changes,
    )
    outcome = train(settings, listeners=[], test=False)
    result = evaluate(load(outcome.folder), dataset=str(measured), split="all")
    return {"accuracy": result.evaluation.accuracy, "epochs": outcome.card.training["epochs"]}


def train_peer(folder: Path, measured: Path, method: str, seed: int, epochs: int) -> dict[str, Any]:
    """Train a peer on the training images of a folder; return the accuracy and the epochs."""
    import keras

    from app.data.dataset import Split
    from app.data.folder import load_folder
    from app.data.pixels import Decoder
    from app.reporting import SILENT

    keras.utils.set_random_seed(seed)
    own, other = load_folder(folder, SILENT), load_folder(measured, SILENT)
    decoder = Decoder((128, 128), 3, in_memory=True, workers=1)

    def pixels(split: Split) -> tuple[np.ndarray, np.ndarray]:
        return np.asarray(decoder.decode(split, own.class_names).images), split.labels

    x, y = pixels(own.train)
    validation = pixels(own.validation)
    x_test, y_test = pixels(Split.concatenate([other.train, other.validation, other.test]))

    # From here on, what a user writes, as in the guide of Keras to image classification.
    layers = keras.layers
    images = keras.Input((128, 128, 3))
    features = layers.RandomFlip("horizontal")(images)
    features = layers.RandomRotation(0.1)(features)
    if method == "MobileNetV2":
        features = layers.Rescaling(1 / 127.5, offset=-1)(features)
        body = keras.applications.MobileNetV2(
            (128, 128, 3), include_top=False, weights=None, pooling="avg"
        )
        features = body(features)
    else:
        features = layers.Rescaling(1 / 255)(features)
        for filters in (32, 64, 128):
            features = layers.Conv2D(filters, 3, activation="relu", padding="same")(features)
            features = layers.MaxPooling2D()(features)
        features = layers.GlobalAveragePooling2D()(features)
    features = layers.Dropout(0.5)(features)
    outputs = layers.Dense(len(own.class_names), activation="softmax")(features)
    model = keras.Model(images, outputs)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    best = keras.callbacks.EarlyStopping(
        "val_loss", patience=epochs, restore_best_weights=True, start_from_epoch=0
    )
    model.fit(x, y, 32, epochs, validation_data=validation, callbacks=[best], verbose=0)
    right = model.predict(x_test, verbose=0).argmax(axis=1) == y_test
    return {"accuracy": float(right.mean()), "epochs": epochs}


def report(arguments: argparse.Namespace) -> None:
    """Print accuracies, their paired differences from the default, and seconds."""
    columns = f"{'accuracy':>16}{'from default':>16}{'seconds':>9}{'seeds':>7}"
    print(f"{'folder':13}{'method':16}{columns}")
    for name in arguments.folders:
        rows = {
            method: {
                seed: json.loads(path.read_text("utf-8"))
                for seed in arguments.seeds
                if (path := record_of(arguments, name, method, seed)).exists()
            }
            for method in arguments.methods
        }
        usual = rows.get(DEFAULT, {})
        for method, found in rows.items():
            if not found:
                continue
            accuracies = [100 * one["accuracy"] for one in found.values()]
            shared = [
                100 * (one["accuracy"] - usual[seed]["accuracy"])
                for seed, one in found.items()
                if seed in usual
            ]
            difference = with_spread(shared) if shared and method != DEFAULT else ""
            seconds = statistics.mean(one["seconds"] for one in found.values())
            print(
                f"{name:13}{method:16}{with_spread(accuracies):>16}{difference:>16}"
                f"{seconds:9.0f}{len(found):7}"
            )


if __name__ == "__main__":
    main()
