"""The pictures that explain a prediction."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.plot.options import IMAGE, MODEL, MODEL_HELP, Option, Plot, seed_option
from app.files import printable
from app.insight.choices import OCCLUSION_CELLS, SALIENCY_METHODS
from app.reporting import CONSOLE

if TYPE_CHECKING:
    from app.figures.canvas.style import Figure
    from app.figures.explanations import Subject

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
    copies of the image. integrated (integrated gradients) attributes the score to
    pixels; pixels that count against the class are negative. Next to the map, its
    faithfulness (see gradcam).
    """
    from app.figures.explanations import saliency_figure

    return saliency_figure(
        _subjects(parsed), name=_name(parsed), method=parsed.method, seed=parsed.seed
    )


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
            seed_option("the noise"),
        ),
        saliency,
    ),
}
