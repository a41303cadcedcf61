"""Inference speed: `predict` on one image from a cold start, and on a folder of 1,000 images.

    python benchmarks/inference.py saved_models/catsdogs-best FOLDER

The first comparison starts new processes: `python -m app predict` against importing TensorFlow and
predicting with Keras. The second runs in this process, decoding included: our classifier against
`keras.Model.predict` on `image_dataset_from_directory`, one view of each image. A third line has
our classifier with all TTA views, as `predict` uses them. A ratio above 1 means that ours is
faster. FOLDER holds images in one subfolder per class.
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
    images = sorted(arguments.folder.glob("*/*.jpg"))[: arguments.images]

    image, file = str(images[0]), str(arguments.model / "model.keras")
    ours, keras_cold = _alternate(
        [
            partial(_process, "-m", "app", "predict", str(arguments.model), image),
            partial(_process, "-c", _KERAS_COLD, file, image),
        ],
        arguments.repeats,
    )
    print("one image from a cold start, seconds, median (minimum to maximum):")
    _show("python -m app predict", ours)
    _show("Keras in a new process", keras_cold)
    print(f"  ratio {statistics.median(keras_cold) / statistics.median(ours):.1f}\n")

    with tempfile.TemporaryDirectory() as folder:
        for i, image in enumerate(images):
            target = Path(folder) / image.parent.name
            target.mkdir(exist_ok=True)
            shutil.copy(image, target / f"{i}.jpg")
        ours, theirs, ours_all_views = _compare_folders(
            arguments.model, Path(folder), arguments.repeats
        )
    print(f"{len(images):,} images from a folder, decoding included, images per second:")
    for name, seconds in (
        ("app.classifier, one view", ours),
        ("keras.Model.predict", theirs),
        ("app.classifier, all views", ours_all_views),
    ):
        rates = sorted(len(images) / s for s in seconds)
        print(f"  {name:24} {statistics.median(rates):8.0f} ({rates[0]:.0f} to {rates[-1]:.0f})")
    print(f"  ratio {statistics.median(t / o for o, t in zip(ours, theirs, strict=True)):.2f}")


def _compare_folders(model: Path, folder: Path, repeats: int) -> list[list[float]]:
    from app.keras_startup import start_keras

    start_keras()
    import keras

    from app.augmentation.tta import identity
    from app.classifier import load

    with_all_views = load(model)
    with_one_view = replace(with_all_views, views=(identity,))
    network = keras.models.load_model(model / "model.keras", compile=False)
    paths = sorted(folder.glob("*/*.jpg"))

    def ours() -> None:
        with_one_view.predict(paths)

    def ours_all_views() -> None:
        with_all_views.predict(paths)

    def theirs() -> None:
        dataset = keras.utils.image_dataset_from_directory(
            folder,
            labels=None,
            image_size=network.input_shape[1:3],
            batch_size=32,
            shuffle=False,
            verbose=False,
        )
        network.predict(dataset, verbose=0)

    ours()
    theirs()  # warm-up: tracing
    actions = (ours, theirs, ours_all_views)
    return _alternate([partial(_time, action) for action in actions], repeats)


def _alternate(actions: Sequence[Callable[[], float]], repeats: int) -> list[list[float]]:
    """Measure the actions in turn, so that drift of the machine affects all of them."""
    rounds = [[action() for action in actions] for _ in range(repeats)]
    return [list(seconds) for seconds in zip(*rounds, strict=True)]


def _process(*arguments: str) -> float:
    return _time(
        lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    )


def _time(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _show(name: str, seconds: list[float]) -> None:
    median = statistics.median(seconds)
    print(f"  {name:24} {median:8.2f} ({min(seconds):.2f} to {max(seconds):.2f})")


if __name__ == "__main__":
    main()
