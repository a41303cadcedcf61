"""The models of the best setting as one: a network that averages their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.config import MODELS_FOLDER, RESERVED_ENDINGS, RunSettings
from app.data.registry import default_data_dir
from app.errors import AppError
from app.evaluate import EvaluationResult, evaluate
from app.metrics import Evaluation
from app.references import is_reference
from app.reporting import SILENT, Reporter
from app.run_checks import check_name
from app.statistics.temperature import stored_temperature
from app.storage.card import Card, read_card
from app.storage.folder import CARD
from app.sweep.results import Results
from app.sweep.testing import metrics_of
from app.sweep.unit import Measurement

if TYPE_CHECKING:
    import keras

_TWIN_SAMPLES = 32


@dataclass(frozen=True)
class Ensemble:
    """A saved ensemble.

    Attributes:
        folder: Folder of the saved model.
        members: Measurements of the models that it averages.
        validation: Evaluation on the validation images.
        test: Evaluation on the test images.
    """

    folder: Path
    members: tuple[Measurement, ...]
    validation: Evaluation
    test: Evaluation


def ensemble_folder(name: str, sweep: Path, folds: int) -> Path:
    """Return the folder of an ensemble, which is free.

    Args:
        name: Name of the model.
        sweep: Folder of the sweep, for messages.
        folds: Number of folds of the sweep; 0 for none.

    Raises:
        AppError: If there is no such name, it is taken, or the members were trained on folds.
    """
    check_name(name, RESERVED_ENDINGS)
    if folds:
        raise AppError(
            f"The runs in '{sweep}' are those of {folds} folds.",
            "Expected runs of several seeds, without folds: each image that validates one of these "
            "runs has trained others, so that nothing could validate their mean.",
            "Sweep the selected setting with --seeds 0-4, and average those runs.",
        )
    folder = Path(MODELS_FOLDER) / name
    if folder.exists():
        raise AppError(
            f"The name '{name}' is taken: '{folder}' exists.",
            "Expected a free name.",
            "Choose another name with --ensemble.",
        )
    return folder


def save_ensemble(
    folder: Path, results: Results, base: RunSettings, command: str, reporter: Reporter = SILENT
) -> Ensemble:
    """Save the mean of the best setting's models as one model, and evaluate it.

    Args:
        folder: Folder of the model, as `ensemble_folder` returns it.
        results: Results of the sweep.
        base: Settings of all runs.
        command: Command that makes the ensemble, for its card.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If there are fewer than two models, or one cannot be read.
    """
    best = results.best
    members = tuple(best.finished.values()) if best else ()
    if len(members) < 2:
        raise AppError(
            f"An ensemble cannot be made of {len(members)} finished run"
            f"{'s' * (len(members) != 1)} of the selected setting.",
            "Expected at least two.",
            "Sweep it with several seeds: --seeds 0-4",
        )
    from app.keras_startup import start_keras

    start_keras()
    from app.storage.saving import TrainedModel, save_model  # needs Keras

    reporter.info(f"Averaging {len(members)} models …")
    folders = [Path(member.folder) for member in members]
    cards = [read_card(one / CARD) for one in folders]
    network = averaged(folders)
    validation, test = (
        _evaluated(network, cards[0], split, base, reporter) for split in ("validation", "test")
    )
    temperature = stored_temperature(validation.probabilities, validation.labels)
    validation, test = (one.with_temperature(temperature) for one in (validation, test))
    card = replace(
        cards[0],
        name=folder.name,
        temperature=temperature,
        parameters=network.count_params(),
        metrics={
            "validation": metrics_of(validation.evaluation), "test": metrics_of(test.evaluation),
        },
        training=_facts(cards, members),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        command=command,
        files={},
        twin="",
    )  # fmt: skip
    images = validation.decoded.images
    samples = images[np.arange(min(_TWIN_SAMPLES, len(validation.labels)))]
    save_model(folder, card, TrainedModel(network, [], samples))
    return Ensemble(folder, members, validation.evaluation, test.evaluation)


def averaged(folders: Sequence[Path]) -> keras.Model:
    """Return a functional model whose output is the mean of the outputs of saved models.

    Args:
        folders: Folders of at least two models of the same images and classes.

    Raises:
        AppError: If one cannot be read.
    """
    import keras

    from app.storage.folder import MODEL
    from app.storage.loading import open_keras

    models = [open_keras(folder / MODEL) for folder in folders]
    for number, model in enumerate(models, 1):
        model.name = f"member_{number}"
        model.trainable = False
    images = keras.Input(models[0].input_shape[1:], name="images")
    mean = keras.layers.Average(name="mean")([model(images) for model in models])
    return keras.Model(images, mean, name="ensemble")


def _evaluated(
    network: keras.Model, card: Card, split: str, base: RunSettings, reporter: Reporter
) -> EvaluationResult:
    from app.classifier import Classifier
    from app.classifier.hooks import keras_outputs

    classifier = Classifier(
        name="the ensemble",
        outputs=keras_outputs(network),
        class_names=card.class_names,
        image_size=card.image_size,
        channels=card.channels,
        fit=card.fit,
        card=card,
        views=card.tta,
        keras_model=network,
    )
    return evaluate(
        classifier,
        dataset=base.dataset if is_reference(base.dataset) else None,
        split=split,
        data_dir=Path(base.data_dir) if base.data_dir else default_data_dir(),
        reporter=reporter,
    )


def _facts(cards: Sequence[Card], members: Sequence[Measurement]) -> dict[str, Any]:
    """Return what the card says about the training of the members."""
    first = cards[0].training
    return {
        "members": [
            {
                "name": card.name,
                "seed": card.configuration["seed"],
                "epoch": member.epoch,
                "validation_accuracy": member.accuracy,
            }
            for card, member in zip(cards, members, strict=True)
        ],
        "epochs": sum(member.epochs for member in members),
        "seconds": round(sum(member.seconds for member in members), 1),
        "views": first.get("views", 1),
        "selected_by": first.get("selected_by", "accuracy"),
        "precision": first.get("precision", "float32"),
    }
