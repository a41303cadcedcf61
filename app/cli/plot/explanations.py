"""The pictures that explain a prediction."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.options import data_dir_of
from app.cli.plot.options import (
    DATA_DIR,
    IMAGE,
    MODEL,
    MODEL_HELP,
    Option,
    Plot,
    dataset_images,
    number_option,
    seed_option,
)
from app.errors import AppError
from app.files import printable
from app.insight.choices import BASELINES, OCCLUSION_CELLS, RANDOM_WEIGHTS, SALIENCY_METHODS
from app.reporting import CONSOLE

if TYPE_CHECKING:
    from app.figures.canvas.style import Figure
    from app.figures.explanations import Subject
    from app.insight.integrated_gradients import Attribution

_BACKGROUNDS = 64
_OPTIONS = (
    MODEL,
    *IMAGE,
    Option(
        "--class",
        dest="class_name",
        metavar="NAME",
        help="class to explain (default: the most probable)",
    ),
    Option("--compare", metavar="MODEL", nargs="+", default=[], help=f"more models: {MODEL_HELP}"),
)


def gradcam(parsed: argparse.Namespace) -> Figure:
    """Draw Grad-CAM: regions of an image that support a class.

    Next to the map, its faithfulness: the probability of the class while the most
    important pixels are covered (deletion; its area should be small), or added to
    a blurred image (insertion; its area should be large). In gray, the curves of a
    blob in the middle of the image and of a random map.
    """
    from app.figures.explanations import grad_cam_figure

    return grad_cam_figure(_subjects(parsed), name=_name(parsed), layer=parsed.layer)


def occlusion(parsed: argparse.Namespace) -> Figure:
    """Draw occlusion: the decrease of the class score when a patch is covered.

    A patch in the color of the border is moved over the image. Each cell shows the
    decrease of the class score (its logit) with the patch at that position. Next
    to the map, its faithfulness (see gradcam).
    """
    from app.figures.explanations import occlusion_figure
    from app.insight.occlusion import Occluder

    subjects = _subjects(parsed)
    with CONSOLE.progress("covering patches") as update:
        return occlusion_figure(
            subjects,
            name=_name(parsed),
            occluder=Occluder(parsed.cells, parsed.patch),
            progress=update,
        )


def saliency(parsed: argparse.Namespace) -> Figure:
    """Draw saliency: pixels of an image that influence the class score.

    gradient is the gradient of the class score, smoothgrad its mean over noisy
    copies of the image. integrated (integrated gradients) attributes the score,
    minus that of a baseline, to pixels; pixels that count against the class are
    negative. Next to the map, its faithfulness (see gradcam).
    """
    if parsed.baseline is not None and parsed.method != "integrated":
        raise AppError(
            f"--baseline with --method {parsed.method}.", "Expected --method integrated."
        )
    from app.figures.explanations import attribution_figure, saliency_figure

    if parsed.method == "integrated":
        subjects = _subjects(parsed)
        attributions = [_attribution(parsed, subject) for subject in subjects]
        for (model, _, _), found in zip(subjects, attributions, strict=True):
            CONSOLE.info(f"{printable(model.name)}: {found.summary}")
        return attribution_figure(subjects, attributions, name=_name(parsed))
    return saliency_figure(
        _subjects(parsed), name=_name(parsed), method=parsed.method, seed=parsed.seed
    )


def sanity(parsed: argparse.Namespace) -> Figure:
    """Draw sanity checks: do the heat maps depend on what the network has learned?

    From the output to the input, layer after layer gets new initial weights. Below
    each map, its mean rank correlation with that of the trained network. A map that
    stays the same shows the image, not the network.
    """
    from app.classifier import load
    from app.figures.sanity import sanity_figure
    from app.insight.sanity import sanity_checks

    model = load(parsed.model).inspect()
    images = dataset_images(parsed, model, "validation").pixels
    with CONSOLE.progress("randomizing layers") as update:
        checks = sanity_checks(model, images, seed=parsed.seed, progress=update)
    return sanity_figure(checks, images[0], name=model.name)


def _attribution(parsed: argparse.Namespace, subject: Subject) -> Attribution:
    from app.classifier.dataset_images import Selection, select_images
    from app.insight.integrated_gradients import attribute

    model, image, class_index = subject
    baseline = parsed.baseline or BASELINES[0]
    backgrounds = None
    if baseline == "expected":
        selection = Selection(
            split="train", count=_BACKGROUNDS, data_dir=data_dir_of(parsed), allow_stand_in=True
        )
        backgrounds = select_images(model, selection, CONSOLE).pixels
    return attribute(model, image, class_index, baseline, backgrounds)


def _subjects(parsed: argparse.Namespace) -> list[Subject]:
    """Return each model with the image in its size and the class to explain."""
    from app.classifier import load

    subjects = []
    for name in (parsed.model, *parsed.compare):
        model = load(name, raw=parsed.raw).inspect()
        image = model.load_image(parsed.image)
        subjects.append((model, image, model.class_index(parsed.class_name, image)))
    return subjects


def _name(parsed: argparse.Namespace) -> str:
    return printable(Path(parsed.image).name)


PLOTS = {
    "sanity": Plot(
        "sanity checks: heat maps while layers are randomized",
        (
            MODEL,
            Option(
                "--dataset",
                metavar="NAME|FOLDER",
                help="images: name of a dataset, or a folder (default: the model's own)",
            ),
            number_option("--images", (1, 1000), default=8, help="number of images (default: 8)"),
            number_option(
                "--seed",
                (0, 2**32 - 1),
                default=RANDOM_WEIGHTS,
                help=f"seed of the random weights (default: {RANDOM_WEIGHTS})",
            ),
            DATA_DIR,
        ),
        sanity,
    ),
    "gradcam": Plot(
        "Grad-CAM: regions of an image that support a class",
        (
            *_OPTIONS,
            Option("--layer", metavar="NAME", help="layer (default: the last one before pooling)"),
        ),
        gradcam,
    ),
    "occlusion": Plot(
        "decrease of the class score when a patch is covered",
        (
            *_OPTIONS,
            Option(
                "--cells",
                type=int,
                default=OCCLUSION_CELLS,
                help=f"positions along each side (default: {OCCLUSION_CELLS})",
            ),
            Option(
                "--patch",
                type=int,
                metavar="PIXELS",
                help="side of the patch (default: a fifth of the image's)",
            ),
        ),
        occlusion,
    ),
    "saliency": Plot(
        "saliency: pixels that influence the class score",
        (
            *_OPTIONS,
            Option(
                "--method",
                choices=SALIENCY_METHODS,
                default="smoothgrad",
                help="method (default: smoothgrad)",
            ),
            Option(
                "--baseline",
                metavar="NAME",
                choices=BASELINES,
                help="image without information, for integrated: border (its mean color, the "
                "default), black, white, mean (color), blur (the blurred image), or expected (64 "
                "training images: expected gradients)",
            ),
            seed_option("the noise"),
            DATA_DIR,
        ),
        saliency,
    ),
}
