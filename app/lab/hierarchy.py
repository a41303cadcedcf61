"""Edges, then parts, then objects: what each layer of a model detects and encodes.

  python -m app lab hierarchy catsdogs-best -o lab

Feature visualizations and top-activating patches of four layers, and the
accuracy of a linear probe on each layer, in minutes. Slides: "CNNs:
characteristics" (spatial hierarchies of patterns), "Why pooling?" (Lee et al.,
2009). Linear probes: Alain & Bengio, Understanding intermediate layers, 2016.
Class selectivity: Morcos et al., On the importance of single directions, 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from app.classifier.hooks import LayerInfo
from app.classifier.inspected_model import InspectedModel
from app.errors import AppError
from app.figures.feature_visualization import (
    SearchedImages,
    choose_filters,
    feature_visualization,
)
from app.figures.probe_curves import LayerProbe, probe_curves
from app.insight.receptive_fields import receptive_fields
from app.insight.selectivity import channel_means, class_selectivity
from app.lab.models import ModelUnderTest, model_hashes, models_under_test
from app.lab.options import ExperimentOptions
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.lab.store import Job
from app.lab.wording import percent

_LAYERS, _QUICK_LAYERS = 4, 2
_FILTERS, _QUICK_FILTERS = 8, 1
_FEWEST = 2  # validation images of a class


def hierarchy(options: ExperimentOptions) -> ExperimentResult:
    """Draw filters of one model over depth, and measure the class information in each layer.

    Raises:
        AppError: If the model has no layers with filters, or it, the images or an earlier
            measurement do not fit.
    """
    (subject,) = models_under_test(options, options.full_or_quick(1000, 60))
    _check_classes(subject)
    model = subject.opened
    layers = filtering_layers(model)
    jobs: dict[str, Job] = {"layers": partial(_measure, model, subject, layers)}
    settings = {"models": model_hashes([subject]), "layers": [part.path for part in layers]}
    found = options.measure(jobs, settings, "probing layers")["layers"]
    rows = _rows(model, layers, found)
    labels = subject.examples.labels
    probe = Reference(
        f"the linear probe on {rows[-1]['layer']}",
        float(rows[-1]["probe"]),
        len(labels) // 2,
        chance_of(labels),
    )
    chosen = _spread_out(layers, options.full_or_quick(_LAYERS, _QUICK_LAYERS))
    images = SearchedImages(
        subject.examples.pixels, subject.source, labels, tuple(subject.class_names)
    )
    with options.reporter.progress("maximizing activations") as update:
        patterns = feature_visualization(
            model,
            choose_filters(
                model,
                [part.path for part in chosen],
                images=images,
                most=options.full_or_quick(_FILTERS, _QUICK_FILTERS),
            ),
            images=images,
            progress=update,
        )
    curves = probe_curves(
        [
            LayerProbe(
                str(row["layer"]),
                float(row["sees"]),
                float(row["probe"]),
                float(row["selectivity"]),
            )
            for row in rows
        ],
        chance=found["chance"],
        title=f"{model.name}: receptive field and class information of each layer",
        note=f"linear probes on channel means: half of {subject.source} to fit, half to measure",
    )
    return ExperimentResult(
        _sentence(model, rows, found), rows, {"hierarchy": patterns, "depth": curves}, [probe]
    )


def _check_classes(subject: ModelUnderTest) -> None:
    counts = np.bincount(subject.examples.labels, minlength=len(subject.class_names))
    if counts.min() < _FEWEST:
        raise AppError(
            f"Only {counts.min()} validation images of '{subject.class_names[counts.argmin()]}'.",
            f"Expected at least {_FEWEST} of each class: half to fit a probe, half to measure it.",
            "Use a larger dataset: --dataset.",
        )


def filtering_layers(model: InspectedModel) -> list[LayerInfo]:
    """Return the layers of the network itself that have filters and spatial axes.

    Raises:
        AppError: If there are none.
    """
    found = [
        part
        for part in model.outer_layers
        if part.is_spatial and (part.has_kernel or part.is_composite)
    ]
    return found or [model.last_conv_layer]


def probe_accuracy(features: np.ndarray, labels: np.ndarray) -> float:
    """Return the accuracy of a linear probe: fitted on half of the images, measured on the others.

    Every second image of each class is used for fitting, so that both halves have all classes.

    Args:
        features: Features `(N, F)`.
        labels: Labels `(N,)` int64, at least two of each class.
    """
    order = np.argsort(labels, kind="stable")
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, C=0.1))
    probe.fit(features[order[::2]], labels[order[::2]])
    return float(probe.score(features[order[1::2]], labels[order[1::2]]))


def _measure(
    model: InspectedModel, subject: ModelUnderTest, layers: Sequence[LayerInfo]
) -> dict[str, Any]:
    images, labels = subject.examples.pixels, subject.examples.labels
    num_classes = len(subject.class_names)
    found = {}
    for path, rows in channel_means(model, images, layers).items():
        found[path] = {
            "probe": probe_accuracy(rows, labels),
            "selectivity": float(class_selectivity(rows, labels, num_classes).mean()),
        }
    colors = images.reshape(len(images), -1, images.shape[-1]).mean(axis=1)
    return {
        "layers": found,
        "chance": 1 / num_classes,
        "colours": probe_accuracy(colors, labels),
    }


def _rows(model: InspectedModel, layers: Sequence[LayerInfo], found: dict[str, Any]) -> list[Row]:
    fields = receptive_fields(model)
    rows: list[Row] = []
    for part in layers:
        field = fields.get(part.path)
        sees = field.size[1] if field is not None else model.image_size[1]
        rows.append({
            "layer": part.path,
            "filters": part.output_shape[-1],
            "sees": min(sees, model.image_size[1]),
            "probe": round(found["layers"][part.path]["probe"], 4),
            "selectivity": round(found["layers"][part.path]["selectivity"], 4),
        })  # fmt: skip
    return rows


def _sentence(model: InspectedModel, rows: list[Row], found: dict[str, Any]) -> str:
    first, last = rows[0], rows[-1]
    return (
        f"{model.name}, from {first['layer']} to {last['layer']}: the receptive field grows from "
        f"{first['sees']} to {last['sees']} of {model.image_size[1]} pixels, the accuracy of a "
        f"linear probe goes from {percent(float(first['probe']))} to "
        f"{percent(float(last['probe']))} ({percent(found['colours'])} from the mean color "
        f"alone), class selectivity from {first['selectivity']:.2f} to {last['selectivity']:.2f}."
    )


def _spread_out(layers: Sequence[LayerInfo], count: int) -> list[LayerInfo]:
    """Return `count` layers from the first to the last, or all if there are fewer."""
    places = np.linspace(0, len(layers) - 1, min(count, len(layers)))
    return [layers[round(place)] for place in places]
