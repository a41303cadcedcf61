"""Augmentation speed: ours and each peer's, in one run.

    pip install -e '.[bench]'
    CONVLAB_DATA=... python benchmarks/augmentation.py

All contestants apply the lecture's full setting (rotation 40, shifts .2, shear, zoom .2, flip).
Ours, Albumentations and bare `cv2.warpAffine` (with precomputed matrices) use two threads. Keras's
preprocessing layers use two parallel calls of `tf.data`. The legacy class, which Keras 3 still
carries, supports only one thread. Rounds of ours and the peer alternate; a ratio is the median over
rounds of ours ÷ peer.

For arrays in memory, OpenCV's own thread pool is limited to one thread for all contestants. With
its default, which the app keeps, each of the two threads calls a pool of two, and
`cv2.warpAffine` at 28×28 becomes a quarter slower.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import statistics
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import numpy as np

THREADS = 2
PARTS = ("photographs", "digits", "directory", "training")
_OLD = {
    "rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2,
    "shear_range": 11.459, "zoom_range": 0.2, "horizontal_flip": True,
}  # fmt: skip

Work = Callable[[], int]  # returns the number of processed images


def main() -> None:
    """Print one line per workload and peer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS, help="workloads")
    parser.add_argument("--rounds", type=int, default=5, help="repetitions (default: 5)")
    arguments = parser.parse_args()

    import cv2

    from app.keras_startup import start_keras

    start_keras()
    warnings.filterwarnings("ignore", message=".*scipy.ndimage.interpolation.*")
    print(f"{'':12}{'peer':27}{'images/s':>9}{'ours':>9}  ours ÷ peer")
    for part in arguments.parts:
        in_memory = part in ("photographs", "digits")
        cv2.setNumThreads(1 if in_memory else -1)
        if in_memory:
            shape, batch = ((150, 150, 3), 32) if part == "photographs" else ((28, 28, 1), 128)
            ours, peers = arrays(shape, batch)
        else:
            ours, peers = directory() if part == "directory" else training()
        for name, peer in peers.items():
            compare(part, name, ours, peer, arguments.rounds)


def compare(part: str, name: str, ours: Work, peer: Work, rounds: int) -> None:
    """Print the rates of ours and a peer and their ratio."""
    rate(ours)  # warm-up: tracing, caches
    rate(peer)
    pairs = [(rate(ours), rate(peer)) for _ in range(rounds)]
    ratios = sorted(mine / other for mine, other in pairs)
    mine, other = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(
        f"{part:12}{name:27}{other:>9,.0f}{mine:>9,.0f}  {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f}–{ratios[-1]:.2f})",
        flush=True,
    )


def rate(work: Work) -> float:
    """Return images per second over at least half a second."""
    started, count = time.perf_counter(), 0
    while (seconds := time.perf_counter() - started) < 0.5 or not count:
        count += work()
    return count / seconds if count else 0.0


def arrays(shape: tuple[int, int, int], batch: int) -> tuple[Work, dict[str, Work]]:
    """Return ours and the peers, by name, on batches in memory."""
    import cv2
    import tensorflow as tf
    from keras import layers
    from keras.src.legacy.preprocessing.image import ImageDataGenerator as Legacy

    from app.augmentation.presets import LECTURE

    count = 16 * batch
    images = np.random.default_rng(0).integers(0, 256, (count, *shape), np.uint8)
    height, width = shape[:2]
    starts = range(0, count, batch)
    pool = ThreadPoolExecutor(THREADS)

    def threaded(work: Callable[[int], Any]) -> Work:
        def run() -> int:
            for _ in pool.map(work, starts):
                pass  # a list would keep our results in memory; bare `warpAffine` returns none
            return count

        return run

    ours = threaded(
        lambda k: LECTURE(images[k : k + batch], np.arange(k, k + batch), seed=0, epoch=0)
    )
    old, floats = Legacy(**_OLD), images.astype(np.float32)

    def legacy() -> int:
        for image in floats[:batch]:
            old.random_transform(image)
        return batch

    matrices = LECTURE.draw(np.arange(count), 0, 0, height, width).matrices(height, width)

    def bare(k: int) -> None:
        for image, matrix in zip(images[k : k + batch], matrices[k : k + batch], strict=True):
            cv2.warpAffine(
                image,
                matrix,
                (width, height),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )

    five = [
        layers.RandomRotation(40 / 360, fill_mode="nearest"),
        layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
        layers.RandomShear(0.2, 0.0, fill_mode="nearest"),
        layers.RandomZoom(0.2, 0.2, fill_mode="nearest"),
        layers.RandomFlip("horizontal"),
    ]

    def by_layers(batch_of_images: Any) -> Any:
        for layer in five:
            batch_of_images = layer(batch_of_images, training=True)
        return batch_of_images

    dataset = (
        tf.data.Dataset.from_tensor_slices(floats)
        .batch(batch)
        .map(by_layers, num_parallel_calls=THREADS)
    )

    def keras_layers() -> int:
        for _ in dataset:
            pass
        return count

    peers: dict[str, Work] = {
        "legacy generator": legacy,
        "Keras preprocessing layers": keras_layers,
        "bare cv2.warpAffine": threaded(bare),
    }
    # Disables the version check, which uses the network.
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
    try:
        import albumentations
    except ImportError:
        print("Albumentations is not installed: pip install -e '.[bench]'")
        return ours, peers
    pipeline = albumentations.Compose(
        [
            albumentations.Affine(
                rotate=(-40, 40),
                translate_percent={"x": (-0.2, 0.2), "y": (-0.2, 0.2)},
                shear={"x": (-11.459, 11.459), "y": (0, 0)},
                scale={"x": (0.8, 1.2), "y": (0.8, 1.2)},
                border_mode=cv2.BORDER_REPLICATE,
                p=1,
            ),
            albumentations.HorizontalFlip(p=0.5),
        ]
    )
    peers["Albumentations"] = threaded(
        lambda k: [pipeline(image=image)["image"] for image in images[k : k + batch]]
    )
    return ours, peers


def photographs() -> Path:
    """Return the folder of the photographs."""
    from app.data.registry import default_data_dir

    return default_data_dir() / "catsdogs" / "PetImages"


def directory() -> tuple[Work, dict[str, Work]]:
    """Return both generators on real JPEGs, decoding included."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator as Legacy

    from app.keras2 import ImageDataGenerator

    options: dict[str, Any] = {
        "target_size": (150, 150),
        "class_mode": "binary",
        "batch_size": 32,
        "seed": 0,
    }
    with contextlib.redirect_stdout(io.StringIO()):  # hides "Found … images"
        ours = ImageDataGenerator(**cast(Any, _OLD)).flow_from_directory(
            photographs(),
            workers=THREADS,
            **options,
        )
        old = Legacy(**_OLD).flow_from_directory(photographs(), **options)

    def batches_of(flow: Any) -> Work:
        return lambda: len(next(flow)[0])

    return batches_of(ours), {"legacy generator": batches_of(old)}


def training() -> tuple[Work, dict[str, Work]]:
    """Return epochs of the lecture's convnet with and without augmentation."""
    from app.augmentation.presets import LECTURE
    from app.config import RunSettings
    from app.data.batches import Batches, EnterEpoch
    from app.data.pixels import Decoder
    from app.data.registry import load_dataset
    from app.models import build_model
    from app.training.compile import Targets, compile_model
    from app.training.plan import Optimization
    from app.training.recipes import resolve

    config = resolve(RunSettings(dataset="catsdogs", model="convnet"))
    splits = load_dataset("catsdogs", Path(config.data_dir), stand_in="never").with_training_limit(
        320
    )
    size = (config.image_size, config.image_size)
    decoder = Decoder(size, 3, in_memory=True, workers=config.workers)
    decoded = decoder.decode(splits.train, splits.class_names)
    model = build_model("convnet", (*size, 3), 2, config.dropout)
    compile_model(model, Optimization.of(config), Targets(2), steps=10_000)

    def epoch_with(augment: Any) -> Work:
        batches = Batches(
            decoded.images,
            decoded.examples.labels,
            config.batch_size,
            shuffle=True,
            augment=augment,
            workers=config.workers,
        )

        def run() -> int:
            model.fit(batches, verbose=0, shuffle=False, callbacks=[EnterEpoch(batches)])
            return len(batches.labels)

        return run

    return epoch_with(LECTURE), {"--augment none": epoch_with(None)}


if __name__ == "__main__":
    main()
