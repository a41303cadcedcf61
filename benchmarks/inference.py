"""Inference speed: `predict` on one image from a cold start, and on a folder of 1,000 images.

    python benchmarks/inference.py saved_models/catsdogs-best FOLDER

The first comparison starts new processes: `python -m app predict` against importing TensorFlow and
predicting with Keras. The second runs in this process, decoding included: our classifier against
`keras.Model.predict` on `image_dataset_from_directory`. Both resize each image and evaluate one
view of it. A third line has our classifier as `predict` uses it: with all TTA views, and with a
search for the digit in the image if the model reads digits. A ratio above 1 means that ours is
faster. Processor time is that of all threads, user and system; other programs disturb it less than
elapsed time. FOLDER holds JPEG or PNG images in one subfolder per class.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

Measured = TypeVar("Measured")

_KERAS_COLD = """
import sys, keras, numpy as np
import app.layers
model = keras.models.load_model(sys.argv[1], compile=False)
image = keras.utils.load_img(sys.argv[2], target_size=model.input_shape[1:3],
                             color_mode='grayscale' if model.input_shape[-1] == 1 else 'rgb',
                             interpolation='bilinear')
print(model.predict(np.array(image, 'float32').reshape(1, *model.input_shape[1:]), verbose=0))
"""


def main() -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, help="folder of a saved model")
    parser.add_argument("folder", type=Path, help="folder of images, by class")
    parser.add_argument("--images", type=int, default=1000, help="images (default: 1000)")
    parser.add_argument("--repeats", type=int, default=5, help="repetitions (default: 5)")
    arguments = parser.parse_args()
    images = _images_in(arguments.folder)[: arguments.images]
    _compare_cold_starts(arguments.model, images[0], arguments.repeats)
    with tempfile.TemporaryDirectory() as folder:
        for i, image in enumerate(images):
            target = Path(folder) / image.parent.name
            target.mkdir(exist_ok=True)
            shutil.copy(image, target / f"{i}{image.suffix}")
        _compare_folders(arguments.model, Path(folder), arguments.repeats)


def _compare_cold_starts(model: Path, image: Path, repeats: int) -> None:
    ours, theirs = _alternate(
        [
            partial(_process, "-m", "app", "predict", str(model), str(image)),
            partial(_process, "-c", _KERAS_COLD, str(model / "model.keras"), str(image)),
        ],
        repeats,
    )
    print("one image from a cold start, seconds, median (minimum to maximum):")
    for name, seconds in (("python -m app predict", ours), ("Keras in a new process", theirs)):
        spread = f"({min(seconds):.2f} to {max(seconds):.2f})"
        print(f"  {name:24} {statistics.median(seconds):8.2f} {spread}")
    print(f"  ratio {statistics.median(theirs) / statistics.median(ours):.1f}\n")


def _images_in(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*/*.jpg"), *folder.glob("*/*.png")])


def _compare_folders(model: Path, folder: Path, repeats: int) -> None:
    from app.keras_startup import start_keras

    start_keras()
    import keras

    import app.layers  # noqa: F401  registers the layers of the saved model
    from app.augmentation.tta import identity
    from app.classifier import load

    as_used = load(model)
    with_one_view = replace(load(model, raw=True), views=(identity,))
    network = keras.models.load_model(model / "model.keras", compile=False)
    paths = _images_in(folder)

    def ours_once() -> None:
        with_one_view.predict(paths)

    def theirs_once() -> None:
        dataset = keras.utils.image_dataset_from_directory(
            folder,
            labels=None,
            image_size=network.input_shape[1:3],
            color_mode="grayscale" if network.input_shape[-1] == 1 else "rgb",
            batch_size=32,
            shuffle=False,
            verbose=False,
        )
        network.predict(dataset, verbose=0)

    ours_once()
    theirs_once()  # warm-up: tracing
    actions = (ours_once, theirs_once, lambda: as_used.predict(paths))
    times = _alternate([partial(_times, action) for action in actions], repeats)
    print(f"{len(paths):,} images from a folder, decoding included:")
    print(f"  {'':27} images per second    ms of processor time per image")
    names = ("app.classifier, one view", "keras.Model.predict", "app.classifier, as used")
    for name, rounds in zip(names, times, strict=True):
        elapsed, processor = zip(*rounds, strict=True)
        rates = sorted(len(paths) / seconds for seconds in elapsed)
        spread = f"({rates[0]:.0f} to {rates[-1]:.0f})"
        milliseconds = 1000 * statistics.median(processor) / len(paths)
        print(f"  {name:27} {statistics.median(rates):5.0f} {spread:14} {milliseconds:8.2f}")
    ours, theirs, _ = times
    elapsed_ratio, processor_ratio = (
        statistics.median(peer[k] / own[k] for own, peer in zip(ours, theirs, strict=True))
        for k in range(2)
    )
    print(f"  ratio {elapsed_ratio:.2f} of elapsed time, {processor_ratio:.2f} of processor time")


def _alternate(actions: Sequence[Callable[[], Measured]], repeats: int) -> list[list[Measured]]:
    """Measure the actions in turn, so that drift of the machine affects all of them."""
    rounds = [[action() for action in actions] for _ in range(repeats)]
    return [list(measured) for measured in zip(*rounds, strict=True)]


def _process(*arguments: str) -> float:
    """Return the seconds that a new process takes."""
    return _times(
        lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    )[0]


def _times(action: Callable[[], object]) -> tuple[float, float]:
    """Return the elapsed and the processor seconds of this process during an action."""
    started = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - started[0], time.process_time() - started[1]


if __name__ == "__main__":
    main()
