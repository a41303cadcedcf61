"""Accuracy on drawn pages with one digit, by kind of page.

    CONVLAB_DATA=... python benchmarks/digits_on_paper.py
    CONVLAB_DATA=... python benchmarks/digits_on_paper.py --model mnist-tiny --only form ruled

Prints, for each kind of page (`digit_pages.py`), the accuracy and its 95% Wilson interval; then the
accuracy on MNIST's own test images: unchanged, inverted and upscaled.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterable

import cv2
import numpy as np
from digit_pages import KINDS, digit_page
from PIL import Image
from scipy.stats import binomtest

from app.classifier import Classifier, load
from app.data.mnist import load_mnist
from app.data.registry import default_data_dir


def encode(page: np.ndarray) -> bytes:
    """Return a page as the bytes of a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def upscale(image: np.ndarray) -> np.ndarray:
    """Return an MNIST image with a wider margin, upscaled five times."""
    return cv2.resize(np.pad(image, 6), None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)


def count_right(classifier: Classifier, pages: list[bytes], labels: np.ndarray) -> int:
    """Return the number of correctly classified pages."""
    return sum(
        not prediction.error and prediction.label == str(label)
        for prediction, label in zip(classifier.predict(pages), labels, strict=True)
    )


def print_row(name: str, right: int, count: int) -> None:
    """Print a row of the table."""
    interval = binomtest(right, count).proportion_ci(method="wilson")
    print(
        f"| {name} | {right / count:.2%} | {count} | {interval.low:.1%}–{interval.high:.1%} |",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--model", default="mnist-best", help="name of a saved model")
    parser.add_argument("--count", type=int, default=200, help="pages of each kind (default: 200)")
    parser.add_argument("--first", type=int, default=0, help="first MNIST test image (default: 0)")
    parser.add_argument("--only", nargs="*", help="words; a kind is drawn if its name contains one")
    parser.add_argument(
        "--mnist", type=int, default=10000, help="MNIST test images (default: 10000)"
    )
    arguments = parser.parse_args()
    test = load_mnist(default_data_dir()).test
    digits = np.asarray(test.images)[..., 0]
    classifier = load(arguments.model)
    indices = range(arguments.first, arguments.first + arguments.count)
    print("| kind | right | n | 95% interval |\n|---|---|---|---|")
    for kind in KINDS:
        if arguments.only is None or any(word in kind for word in arguments.only):
            pages = [encode(digit_page(kind, digits[i], i)) for i in indices]
            print_row(kind, count_right(classifier, pages, test.labels[indices]), len(pages))
    images, labels = digits[: arguments.mnist], test.labels[: arguments.mnist]
    if arguments.mnist:
        right = int((classifier.probabilities(images[..., np.newaxis]).argmax(1) == labels).sum())
        print_row("MNIST, unchanged pixels", right, len(images))
        variants: dict[str, Iterable[np.ndarray]] = {
            "MNIST, 28×28": images,
            "MNIST, black on white": 255 - images,
            "MNIST, padded and upscaled 5×": map(upscale, images),
        }
        for name, variant in variants.items():
            pages = [encode(image) for image in variant]
            print_row(name, count_right(classifier, pages, labels), len(pages))


if __name__ == "__main__":
    main()
