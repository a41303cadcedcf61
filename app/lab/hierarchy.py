"""Edges, then parts, then objects: what each layer of a model detects and encodes.

  python -m app lab hierarchy catsdogs-best -o lab

Feature visualizations and top-activating patches of four layers, and the
accuracy of a linear probe on each layer, beside that of the same network with
random weights, in minutes. Slides: "CNNs:
characteristics" (spatial hierarchies of patterns), "Why pooling?" (Lee et al.,
2009). Linear probes: Alain & Bengio, Understanding intermediate layers, 2016.
Class selectivity: Morcos et al., On the importance of single directions, 2018.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

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
from app.lab.probes import probe_correct, untrained_control
from app.lab.result import ExperimentResult, Reference, Row, chance_of
from app.lab.store import Job
from app.lab.uncertainty import SEEDS
from app.lab.wording import percent
from app.statistics.estimate import Estimate
from app.statistics.means import bootstrap_difference, bootstrap_mean

_LAYERS, _QUICK_LAYERS = 4, 2
_FILTERS, _QUICK_FILTERS = 8, 1
_FEWEST = 2  # test images of a class
_TRAINED = "trained"


def hierarchy(options: ExperimentOptions) -> ExperimentResult:
    """Draw filters of one model over depth, and measure the class information in each layer.

    Raises:
        AppError: If the model has no layers with filters, or it, the images or an earlier
            measurement do not fit.
    """
    (subject,) = models_under_test(options, options.full_or_quick(1000, 60))
    # Images that have not chosen the model's epoch.
    (unseen,) = models_under_test(options, options.full_or_quick(1000, 60), "test")
    _check_classes(unseen)
    model = subject.opened
    layers = filtering_layers(model)
    seeds = range(options.full_or_quick(SEEDS, 1))
    jobs: dict[str, Job] = {_TRAINED: partial(_trained, model, unseen, layers)}
    for seed in seeds:
        jobs[f"untrained, seed {seed}"] = partial(_untrained, model, unseen, layers, seed)
    settings = {"models": model_hashes([unseen]), "layers": [part.path for part in layers]}
    measured = options.measure(jobs, settings, "probing layers")
    probes = _layer_probes(model, layers, measured)
    labels = subject.examples.labels
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
    half = len(unseen.examples) // 2
    curves = probe_curves(
        probes,
        chance=chance_of(unseen.examples.labels),
        title=f"{model.name}: receptive field and class information of each layer",
        note=f"linear probes on principal components of channel means: {unseen.source}, half to "
        f"fit, half to measure, with 95% intervals; untrained: {len(seeds)} times random weights",
    )
    return ExperimentResult(
        _sentence(model, probes, measured[_TRAINED]["colors"]),
        _rows(layers, probes),
        {"hierarchy": patterns, "depth": curves},
        [
            Reference(
                f"the linear probe on {probes[-1].name}", probes[-1].trained[0], half,
                chance_of(unseen.examples.labels),
            )
        ],
    )  # fmt: skip


def _check_classes(subject: ModelUnderTest) -> None:
    counts = np.bincount(subject.examples.labels, minlength=len(subject.class_names))
    if counts.min() < _FEWEST:
        raise AppError(
            f"Only {counts.min()} test images of '{subject.class_names[counts.argmin()]}'.",
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


def _trained(
    model: InspectedModel, subject: ModelUnderTest, layers: Sequence[LayerInfo]
) -> dict[str, Any]:
    """Return what the probes get right, the class selectivity, and that with shuffled labels."""
    images, labels = subject.examples.pixels, subject.examples.labels
    num_classes = len(subject.class_names)
    shuffled = np.random.default_rng(0).permutation(labels)
    features = channel_means(model, images, layers)
    colors = images.reshape(len(images), -1, images.shape[-1]).mean(axis=1)
    return {
        "probes": _probes(features, labels, layers),
        "selectivity": {
            path: float(class_selectivity(rows, labels, num_classes).mean())
            for path, rows in features.items()
        },
        "shuffled": {
            path: float(class_selectivity(rows, shuffled, num_classes).mean())
            for path, rows in features.items()
        },
        "colors": float(probe_correct(colors, labels, colors.shape[1]).mean()),
    }


def _untrained(
    model: InspectedModel, subject: ModelUnderTest, layers: Sequence[LayerInfo], seed: int
) -> dict[str, list[int]]:
    images = subject.examples.pixels
    control = untrained_control(model, images, seed)
    own = [control.layer(part.path) for part in layers]
    return _probes(channel_means(control, images, own), subject.examples.labels, layers)


def _probes(
    features: Mapping[str, np.ndarray], labels: np.ndarray, layers: Sequence[LayerInfo]
) -> dict[str, list[int]]:
    """Return 1 for each image that the probe of a layer classifies correctly, by its path."""
    components = min(part.output_shape[-1] for part in layers)
    return {
        path: probe_correct(rows, labels, components).astype(int).tolist()
        for path, rows in features.items()
    }


def _layer_probes(
    model: InspectedModel, layers: Sequence[LayerInfo], measured: Mapping[str, Any]
) -> list[LayerProbe]:
    fields = receptive_fields(model)
    trained = measured[_TRAINED]
    controls = [value for name, value in measured.items() if name != _TRAINED]
    found = []
    for part in layers:
        field = fields.get(part.path)
        width = field.size[1] if field is not None else model.image_size[1]
        right = np.array(trained["probes"][part.path])
        random = np.array([control[part.path] for control in controls])
        found.append(
            LayerProbe(
                name=part.path,
                receptive_field=min(width, model.image_size[1]),
                trained=bootstrap_mean(right),
                untrained=bootstrap_mean(random),
                gain=bootstrap_difference(right, random),
                selectivity=trained["selectivity"][part.path],
                shuffled=trained["shuffled"][part.path],
            )
        )
    return found


def _rows(layers: Sequence[LayerInfo], probes: Sequence[LayerProbe]) -> list[Row]:
    return [
        {
            "layer": probe.name, "filters": part.output_shape[-1], "sees": probe.receptive_field,
            "probe": round(probe.trained[0], 4), "untrained": round(probe.untrained[0], 4),
            "difference": round(probe.gain[0], 4), "difference_low": round(probe.gain[1], 4),
            "difference_high": round(probe.gain[2], 4),
            "selectivity": round(probe.selectivity, 4), "shuffled": round(probe.shuffled, 4),
        }
        for part, probe in zip(layers, probes, strict=True)
    ]  # fmt: skip


def _sentence(model: InspectedModel, probes: Sequence[LayerProbe], colors: float) -> str:
    first, last = probes[0], probes[-1]
    parts = [
        f"{one.name} {Estimate(*one.trained).percent}, {Estimate(*one.gain).points} points"
        for one in probes
    ]
    return (
        f"{model.name}, from {first.name} to {last.name}: the theoretical receptive field grows "
        f"from {first.receptive_field} to {last.receptive_field} of {model.image_size[1]} pixels, "
        f"class selectivity from {first.selectivity:.2f} to {last.selectivity:.2f} (with shuffled "
        f"labels {first.shuffled:.2f} and {last.shuffled:.2f}). Accuracy of a linear probe, and "
        f"its difference to the same network with random weights, with 95% intervals: "
        f"{'; '.join(parts)}. The mean color alone gives {percent(colors)}."
    )


def _spread_out(layers: Sequence[LayerInfo], count: int) -> list[LayerInfo]:
    """Return `count` layers from the first to the last, or all if there are fewer."""
    places = np.linspace(0, len(layers) - 1, min(count, len(layers)))
    return [layers[round(place)] for place in places]
