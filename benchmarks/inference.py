"""How fast is `predict`? From cold on one image, and 1,000 images from a folder.

    python benchmarks/inference.py saved_models/catsdogs-best FOLDER

Side by side in one run: `python -m app predict` against importing TensorFlow and predicting with
Keras, each as a new process; then our classifier against `keras.Model.predict` fed by
`image_dataset_from_directory`, decoding included, in this process. Ratios above 1 mean that ours
is faster. FOLDER holds images in class sub-folders. In the second comparison both look at one view
of each image; a further line has all views by which the model is judged, as `predict` takes them.
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
import app
model = keras.models.load_model(sys.argv[1], compile=False)
image = keras.utils.load_img(sys.argv[2], target_size=model.input_shape[1:3],
                             color_mode='grayscale' if model.input_shape[-1] == 1 else 'rgb',
                             interpolation='bilinear')
print(model.predict(np.array(image, 'float32').reshape(1, *model.input_shape[1:]), verbose=0))
"""


def main() -> None:
    """Measure and print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
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
    print("one image from cold, seconds, median (least to most):")
    _show("python -m app predict", ours)
    _show("Keras in a new process", keras_cold)
    print(f"  ratio {statistics.median(keras_cold) / statistics.median(ours):.1f}\n")

    with tempfile.TemporaryDirectory() as folder:
        for i, image in enumerate(images):
            target = Path(folder) / image.parent.name
            target.mkdir(exist_ok=True)
            shutil.copy(image, target / f"{i}.jpg")
        ours, theirs, ours_whole = _compare_folders(
            arguments.model, Path(folder), arguments.repeats
        )
    print(f"{len(images):,} images from a folder, decoding included, images per second:")
    for name, seconds in (
        ("app.classifier, one view", ours),
        ("keras.Model.predict", theirs),
        ("app.classifier, all views", ours_whole),
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

    whole = load(model)
    classifier = replace(whole, views=(identity,))
    network = keras.models.load_model(model / "model.keras", compile=False)
    paths = sorted(folder.glob("*/*.jpg"))

    def ours() -> None:
        classifier.predict(paths)

    def ours_whole() -> None:
        whole.predict(paths)

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
    theirs()  # traces
    actions = (ours, theirs, ours_whole)
    return _alternate([partial(_time, action) for action in actions], repeats)


def _alternate(actions: Sequence[Callable[[], float]], repeats: int) -> list[list[float]]:
    """Measure several things in turn, so that a drifting machine is fair to all."""
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
