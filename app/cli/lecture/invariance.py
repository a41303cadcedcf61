"""Transform one image more and more, and compare what saved models predict.

  python -m app lecture invariance rotation datasets/examples/digits/3.jpg
                                   mnist-dense mnist-convnet -o rotation.png

One image shows how an invariance fails, not how often; `lab invariance` counts.
The border of the image is repeated where pixels from outside are needed.
Slides: "Translation Invariance", "Rotation/Viewpoint Invariance", "Illumination
Invariance".
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.lecture.output import add_output, chosen_output, print_wrapped, write_picture
from app.errors import AppError
from app.files import printable
from app.lecture.choices import TRANSFORMATION_NAMES

if TYPE_CHECKING:
    import numpy as np

    from app.classifier.classifier import Classifier
    from app.lab.transformations import Transformation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    names = ", ".join(TRANSFORMATION_NAMES)
    parser.add_argument(
        "transformation", metavar="CHANGE", choices=TRANSFORMATION_NAMES, help=names
    )
    parser.add_argument("image", metavar="IMAGE", help="image file")
    parser.add_argument("models", metavar="MODEL", nargs="+", help="saved models to compare")
    add_output(parser)


def show(parsed: argparse.Namespace) -> None:
    """Print the predictions at every level; draw the images with them."""
    output = chosen_output(parsed)

    from app.keras_startup import start_keras

    start_keras()
    from app.classifier import load
    from app.cli.tables import print_table
    from app.lab.transformations import TRANSFORMATIONS
    from app.lecture.sizes import format_shape

    named = {one.name.replace(" ", "-"): one for one in TRANSFORMATIONS}
    transformation = named[parsed.transformation]
    models = [load(name) for name in parsed.models]
    sizes = {(*model.image_size, model.channels) for model in models}
    if len(sizes) > 1:
        raise AppError(
            f"The models take images of different sizes: {', '.join(map(format_shape, sizes))}.",
            "Expected models of one dataset.",
        )
    strips = [_transformed(model, parsed.image, transformation) for model in models]
    found = [model.probabilities(images) for model, images in zip(models, strips, strict=True)]
    predicted = {
        printable(model.name): _predicted(model, rows)
        for model, rows in zip(models, found, strict=True)
    }
    title = f"{printable(Path(parsed.image).name)}, {transformation.name}"
    levels = [f"{level:g}".replace("-", "−") for level in transformation.levels]
    print(f"{title} in {transformation.unit}: predicted class, probability")
    print_table(
        ["level", *predicted],
        [(level, *cells) for level, *cells in zip(levels, *predicted.values(), strict=True)],
        right="level",
    )
    _print_stable(transformation, dict(zip(predicted, found, strict=True)))
    if output is not None:
        from app.figures.canvas.image_table import ImageRow, table_of_images

        rows = [
            ImageRow(list(images), name, cells)
            for images, (name, cells) in zip(strips, predicted.items(), strict=True)
        ]
        note = f"Columns: {transformation.unit}. Below each image: predicted class and probability."
        write_picture(table_of_images(rows, levels, title=title, note=note), output)


def _transformed(model: Classifier, image: str, transformation: Transformation) -> np.ndarray:
    """Return `(L, H, W, C)` uint8: the image as the model sees it, at each level."""
    import numpy as np

    seen = model.load_image(image)[np.newaxis]
    return np.concatenate([transformation.apply(seen, x, "nearest") for x in transformation.levels])


def _predicted(model: Classifier, probabilities: np.ndarray) -> list[str]:
    """Return `3, 97%` for each level."""
    best = probabilities.argmax(axis=1)
    return [
        f"{model.class_names[k]}, {100 * row[k]:.0f}%"
        for k, row in zip(best, probabilities, strict=True)
    ]


def _print_stable(transformation: Transformation, found: dict[str, np.ndarray]) -> None:
    """Print at how many levels each model predicts the same as for the image as it is."""
    neutral = transformation.levels.index(transformation.neutral)
    for name, rows in found.items():
        same = int((rows.argmax(axis=1) == rows[neutral].argmax()).sum()) - 1
        print_wrapped(f"{name}: the prediction stays the same at {same} of {len(rows) - 1} levels.")
