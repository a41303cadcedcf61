"""What a page without a server holds: programs, samples and an evaluation of each model.

The content is a dictionary of parts, which a file and a notebook widget bring to the page in their
own ways and `source_embedded.js` reads:

    catalog      JSON: a list of models, as `GET /api/models` gives it, each with the names of its
                 parts and its evaluation
    program/K    safetensors: the program of the K-th model
    samples/K    safetensors: images (N, H, W, C) uint8, labels and predicted (N,) int32; the names
                 of the images, which are validation images, are in the metadata
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from app.classifier import Classifier
from app.classifier.dataset_images import DatasetImages, Selection, select_images
from app.errors import AppError
from app.export.page import NotLowerable, describe, lower, program_bytes
from app.files import printable
from app.metrics import SCORES, evaluate_probabilities
from app.reporting import SILENT, Reporter
from app.web.facts import image_facts, shown_accuracy, shown_dataset

CATALOG = "catalog"

_MOST_SAMPLES = 40
_MOST_BYTES = 1_000_000  # of the samples of one model, unless their number is given
_SMALL = 64 * 64  # pixels of an image, up to which many are classified in a moment
_POOLS = {True: 1_000, False: 200}  # images that errors are searched in, for small images or not
_SHARE_OF_ERRORS = 4  # a quarter of the samples


@dataclass(frozen=True, kw_only=True)
class SampleChoice:
    """Which images a page shows as samples of a model.

    Attributes:
        count: Number per model; `None` for up to 40 that take at most 1 MB.
        dataset: Name or folder of a dataset; `None` for that of the model's card.
        data_dir: Folder of the datasets; `None` for `$CONVLAB_DATA`, else `datasets/`.
    """

    count: int | None = None
    dataset: str | None = None
    data_dir: Path | None = None

    def count_for(self, image_bytes: int) -> int:
        """Return the number of samples of a size."""
        if self.count is not None:
            return self.count
        return max(4, min(_MOST_SAMPLES, _MOST_BYTES // image_bytes))


@dataclass(frozen=True)
class EmbeddedModel:
    """One model of a page.

    Attributes:
        entry: What the catalog says of it.
        program: Its safetensors file.
        samples: Safetensors file of its samples; empty if there are none.
    """

    entry: dict[str, Any]
    program: bytes
    samples: bytes = b""


def embed(
    classifier: Classifier, choice: SampleChoice, reporter: Reporter = SILENT
) -> EmbeddedModel:
    """Return a model as a page without a server holds it.

    Samples are left out, with a warning, if the model's dataset is not available.

    Args:
        classifier: Model to embed.
        choice: Samples to embed.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If the page cannot compute the model, or `choice` names an unknown dataset.
    """
    model = classifier.inspect()
    about = describe(model)
    try:
        program = program_bytes(lower(model.keras_model, about))
    except NotLowerable as error:
        raise AppError(
            f"The model '{model.name}' cannot be shown without a server. {error.received}",
            "Expected layers that the page computes itself.",
            "Show it with a server: python -m app serve "
            f"{shlex.quote(str(model.path or model.name))}",
        ) from None
    card = model.card
    entry = {
        "name": printable(model.name),
        "classes": list(model.class_names),
        "image": image_facts(about.image_shape, card),
        "mnist_style": model.mnist_style,
        "dataset": shown_dataset(card),
        "parameters": int(model.keras_model.count_params()),
        "accuracy": shown_accuracy(card),
        "outputs": model.kind,
        "thresholds": list(classifier.thresholds),
        "server_only": None,
        "evaluation": None,
    }
    if choice.count == 0:
        return EmbeddedModel(entry, program)
    if classifier.thresholds:
        reporter.info(f"{model.name}: without samples: the page shows images with one label each.")
        return EmbeddedModel(entry, program)
    try:
        pool = _pool(classifier, choice, reporter)
    except AppError as error:
        if choice.dataset is not None:
            raise
        reporter.warning(f"{model.name}: without samples. {error.received}")
        return EmbeddedModel(entry, program)
    samples, evaluation = _samples(classifier, pool, choice)
    return EmbeddedModel({**entry, "evaluation": evaluation}, program, samples)


def content_of(models: Sequence[EmbeddedModel]) -> dict[str, bytes]:
    """Return the parts of a page with some models; of equal names, the later ones are numbered."""
    parts: dict[str, bytes] = {}
    catalog: list[dict[str, Any]] = []
    for number, model in enumerate(models):
        names = {"program": f"program/{number}", "samples": None}
        parts[f"program/{number}"] = model.program
        if model.samples:
            names["samples"] = f"samples/{number}"
            parts[f"samples/{number}"] = model.samples
        taken = [entry["name"] for entry in catalog]
        catalog.append({**model.entry, "name": _unused(model.entry["name"], taken), "parts": names})
    return {CATALOG: _json(catalog), **parts}


def packed(content: dict[str, bytes]) -> bytes:
    """Return the parts of a page as one safetensors file, each a vector of bytes."""
    return save({name: np.frombuffer(part, np.uint8) for name, part in content.items()})


def _pool(classifier: Classifier, choice: SampleChoice, reporter: Reporter) -> DatasetImages:
    height, width = classifier.image_size
    selection = Selection(
        dataset=choice.dataset,
        split="validation",
        count=_POOLS[height * width <= _SMALL],
        data_dir=choice.data_dir,
        allow_stand_in=True,
        download=False,
    )
    return select_images(classifier, selection, reporter)


def _samples(
    classifier: Classifier, pool: DatasetImages, choice: SampleChoice
) -> tuple[bytes, dict[str, Any] | None]:
    """Return the samples as a safetensors file, and the evaluation on the pool."""
    images, labels = pool.pixels, pool.labels
    values = classifier.values(images)
    predicted = values.argmax(axis=1)
    chosen = _chosen(labels, values, choice.count_for(images[0].nbytes))
    names = pool.decoded.examples.names
    wrong = int((labels[chosen] != predicted[chosen]).sum())
    note = f"{len(chosen)} samples, {wrong} of them misclassified, of {pool.source}"
    about = {"names": [str(names[i]) for i in chosen], "note": note}
    tensors = {
        "images": images[chosen],
        "labels": labels[chosen].astype(np.int32),
        "predicted": predicted[chosen].astype(np.int32),
    }
    samples = save(tensors, {"samples": json.dumps(about)})
    card = classifier.card
    stands_in = pool.dataset.stand_in and not (card is not None and card.stand_in)
    if stands_in or classifier.kind == SCORES:
        return samples, None
    metrics = evaluate_probabilities(values, labels, classifier.class_names)
    return samples, {
        "matrix": metrics.confusion_matrix.tolist(),
        "classes": list(classifier.class_names),
        "split": pool.source,
        "accuracy": metrics.accuracy,
    }


def _chosen(labels: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Return positions of samples: as many of each class as of any other, then the worst errors."""
    wrong = np.flatnonzero(labels != values.argmax(axis=1))
    worst_first = wrong[np.argsort(-values[wrong].max(axis=1), kind="stable")]
    errors = worst_first[: count // _SHARE_OF_ERRORS]
    rank = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        rank[labels == label] = np.arange((labels == label).sum())
    rank[errors] = len(labels)  # they are chosen anyway
    others = np.lexsort((labels, rank))[: count - len(errors)]
    return np.concatenate([others, errors])[:count]


def _unused(name: str, taken: Sequence[str]) -> str:
    number, unused = 1, name
    while unused in taken:
        number += 1
        unused = f"{name} ({number})"
    return unused


def _json(value: object) -> bytes:
    # Names of files may hold what UTF-8 cannot; JSON escapes it.
    return json.dumps(value, allow_nan=False).encode("ascii")
