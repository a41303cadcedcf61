"""Heat maps against tf-keras-vis: correlation and time. Time of the other figures.

    pip install -e '.[bench]'
    python benchmarks/insight.py saved_models/catsdogs-lecture PHOTOGRAPH...

Compares Grad-CAM, saliency and SmoothGrad with tf-keras-vis on the same Keras model and images, in
random order: the minimum correlation of the maps, the median times and their ratio. Then prints the
time that the arrays of other figures take on the first image. Loading the model is not counted.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from app.classifier import load
from app.classifier.inspected_model import InspectedModel

import keras  # isort: skip
import numpy as np  # isort: skip

from app.insight.activations import response_maps
from app.insight.feature_visualization import visualize_filters
from app.insight.grad_cam import grad_cam
from app.insight.gradients import input_gradients
from app.insight.occlusion import occlusion
from app.insight.saliency import NOISE, smooth_gradient

_SAMPLES = 32


def main() -> None:
    """Print the comparison with tf-keras-vis, then the times of the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="name or folder of a saved model")
    parser.add_argument("images", nargs="+", type=Path, help="image files")
    parser.add_argument("--rounds", type=int, default=15, help="repetitions (default: 15)")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    model = load(arguments.model).inspect()
    images = [model.load_image(path) for path in arguments.images]
    print(f"{model.name}, {len(images)} images, last maps: {model.last_conv_layer.path}\n")
    print(f"{'':26}{'correlation':>12}{'ours':>10}{'theirs':>10}{'ratio':>8}")
    for name, ours, theirs in contests(model, images):
        correlations: list[float] = []
        times: tuple[list[float], list[float]] = ([], [])
        for index in range(len(images)):
            a, b = ours(index), theirs(index)  # also the warm-up
            correlations.append(float(np.corrcoef(a.ravel(), b.ravel())[0, 1]))
        for number in range(arguments.rounds):
            index = number % len(images)
            contestants = [(0, ours), (1, theirs)]
            random.shuffle(contestants)
            for column, make_map in contestants:
                started = time.perf_counter()
                make_map(index)
                times[column].append(1000 * (time.perf_counter() - started))
        mine, other = (statistics.median(milliseconds) for milliseconds in times)
        print(f"{name:26}{min(correlations):12.4f}{mine:8.1f}ms{other:8.1f}ms{other / mine:8.2f}")
    print()
    for name, work in pictures(model, images[0]):
        started = time.perf_counter()
        work()
        print(f"{name:44}{time.perf_counter() - started:6.2f} s")


def contests(
    model: InspectedModel, images: list[np.ndarray]
) -> list[tuple[str, Callable[[int], np.ndarray], Callable[[int], np.ndarray]]]:
    """Return method name, our function and theirs; both map an image index to a heat map."""
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.saliency import Saliency

    def linear(clone: keras.Model) -> keras.Model:
        clone.layers[-1].activation = keras.activations.linear
        return clone

    classes = [model.class_index(None, image) for image in images]
    their_cam = Gradcam(model.keras_model, model_modifier=linear, clone=True)
    their_saliency = Saliency(model.keras_model, model_modifier=linear, clone=True)

    def batch(index: int) -> np.ndarray:
        return images[index][np.newaxis].astype(np.float32)

    def peer_cam(index: int) -> np.ndarray:
        return np.asarray(
            their_cam(
                model.score_of(classes[index]),
                batch(index),
                penultimate_layer=model.last_conv_layer.path,
                seek_penultimate_conv_layer=False,
                expand_cam=False,
                normalize_cam=False,
            )
        )[0]

    def peer_saliency(index: int, samples: int = 0) -> np.ndarray:
        # Our noise and our order: absolute value of the mean, not mean of absolute values.
        with mock.patch("numpy.random.normal", _our_noise):
            gradient = their_saliency(
                model.score_of(classes[index]),
                batch(index),
                smooth_samples=samples,
                smooth_noise=NOISE,
                keepdims=True,
                gradient_modifier=None,
                normalize_map=False,
            )
        return np.abs(np.asarray(gradient)[0]).max(axis=-1)

    def smoothed(index: int) -> np.ndarray:
        pixels = images[index].astype(np.float32)
        gradient = smooth_gradient(model, pixels, classes[index], samples=_SAMPLES)
        return np.abs(gradient).max(axis=-1)

    return [
        (
            "Grad-CAM",
            lambda i: grad_cam(model, images[i], classes[i], full_size=False),
            peer_cam,
        ),
        (
            "saliency (gradient)",
            lambda i: np.abs(input_gradients(model, batch(i), classes[i])[0]).max(axis=-1),
            peer_saliency,
        ),
        (f"SmoothGrad, {_SAMPLES} samples", smoothed, lambda i: peer_saliency(i, _SAMPLES)),
    ]


def _our_noise(mean: float, spread: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return mean + np.asarray(spread) * np.random.default_rng(0).normal(0.0, 1.0, shape)


def pictures(model: InspectedModel, image: np.ndarray) -> list[tuple[str, Callable[[], object]]]:
    """Return figure names with functions that compute their arrays."""
    part = model.last_conv_layer
    filters = range(min(32, part.output_shape[-1]))
    count = len(response_maps(model, image))
    return [
        ("Grad-CAM", lambda: grad_cam(model, image)),
        (f"all response maps of {count} layers", lambda: response_maps(model, image)),
        ("occlusion, 15×15", lambda: occlusion(model, image)),
        (f"patterns of {len(filters)} filters of {part.path}",
         lambda: visualize_filters(model, part, filters)),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
