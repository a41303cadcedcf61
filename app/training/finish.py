"""The end of a run: the best weights, evaluated once on the test images, become a saved model.

Epochs are compared by one view of each validation image, in the training size. Where the saved
model averages several views or has another size, the best and the last epoch are compared again in
that way, so that the luck of a single epoch does not decide.
"""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

import keras
import numpy as np

import app
from app.augmentation.domain_randomization import history_columns
from app.augmentation.tta import augmentation_values, mean_over_views, views_of
from app.config import RunConfig
from app.data.batches import Batches
from app.data.dataset import SPLIT_NAMES, Dataset
from app.data.decoding import RESIZE_RULE
from app.data.pixels import DecodedSplit
from app.figure_files import save
from app.figures.canvas.style import Figure
from app.figures.randomization_ranges import randomization_ranges
from app.figures.training_curves import training_curves
from app.metrics import Evaluation, class_probabilities, evaluate_probabilities
from app.storage.card import Card
from app.storage.folder import CURVES, RANGES
from app.storage.rounding import round_weights
from app.storage.saving import save_model
from app.training.checkpoint import Checkpoint, State
from app.training.preparation import all_skipped
from app.training.progressive_resizing import of_size

EVALUATION_BATCH = 128
_TWIN_SAMPLES = 32


@dataclass(frozen=True)
class Outcome:
    """What a run left behind.

    Attributes:
        folder: The saved model.
        card: Its card.
        validation: Evaluation on the validation images.
        test: Evaluation on the test images, or `None` if the run was stopped.
        history: One row per epoch.
    """

    folder: Path
    card: Card
    validation: Evaluation
    test: Evaluation | None
    history: list[dict[str, float]]


def finish(
    config: RunConfig,
    splits: Dataset,
    decoded: dict[str, DecodedSplit],
    model: keras.Model,
    checkpoint: Checkpoint,
    folder: Path,
    *,
    command: str,
    finished: bool,
) -> Outcome:
    """Give an untrained float32 model the best weights by validation, judge it, save it.

    Args:
        config: A resolved configuration.
        splits: The dataset.
        decoded: Its pixels.
        model: The network, built anew in float32.
        checkpoint: The run's; not changed here.
        folder: Where the model goes.
        command: What was asked for, to be kept with the model.
        finished: Whether the run came to its end; only then the test images are looked at.

    Raises:
        AppError: If the folder cannot be written.
    """
    state = checkpoint.read()
    history = checkpoint.history()
    trained, side, judged = model, config.final_size, decoded
    if side != config.image_size:
        model = of_size(trained, side)
        judged = {name: split.at((side, side), splits.channels) for name, split in decoded.items()}

    views = views_of(asdict(config), (side, side))

    def probabilities(images: np.ndarray) -> np.ndarray:
        outputs = model.predict_on_batch(images)
        return class_probabilities(keras.ops.convert_to_numpy(outputs))

    def judge(name: str) -> Evaluation:
        split = judged[name]
        labels = split.examples.labels
        batches = Batches(split.images, labels, EVALUATION_BATCH, workers=config.workers)
        parts = [
            mean_over_views(probabilities, batches[index][0], views)
            for index in range(batches.num_batches)
        ]
        return evaluate_probabilities(np.concatenate(parts), labels, splits.class_names)

    def take(epoch: int) -> None:
        checkpoint.restore(trained, epoch)
        round_weights(trained)  # before it is judged: what is measured is what is saved

    epoch = state.best_epoch
    take(epoch)
    validation = judge("validation")
    compared = {epoch: validation.accuracy}
    if epoch != state.epoch and (len(views) > 1 or side != config.image_size):
        take(state.epoch)
        last = judge("validation")
        compared[state.epoch] = last.accuracy
        if (last.accuracy, -last.loss) >= (validation.accuracy, -validation.loss):
            validation, epoch = last, state.epoch
        else:
            take(epoch)
    history = [{**row, "saved": int(row["epoch"] == epoch)} for row in history]
    test = judge("test") if finished else None
    skipped = all_skipped(decoded)
    card = Card(
        name=folder.name,
        dataset=config.dataset,
        source=splits.source,
        stand_in=splits.stand_in,
        class_names=splits.class_names,
        image_size=(side, side),
        channels=splits.channels,
        resize=RESIZE_RULE,
        tta=views,
        augmentation=augmentation_values(asdict(config)),
        parameters=model.count_params(),
        # Where things lie on this machine is of no use elsewhere.
        configuration={
            name: value
            for name, value in asdict(config).items()
            if name not in ("data_dir", "output", "watch")
        },
        images={name: len(decoded[name].examples) for name in SPLIT_NAMES},
        fingerprints=state.fingerprints,
        skipped=len(skipped),
        metrics={
            "validation": {"accuracy": validation.accuracy, "loss": validation.loss},
            "test": {"accuracy": test.accuracy, "loss": test.loss} if test else None,
        },
        training={
            **_training_facts(state, history),
            "best_epoch": epoch,
            "views": len(views),
            "compared_epochs": [
                {"epoch": number, "accuracy": accuracy} for number, accuracy in compared.items()
            ],
        },
        finished=finished,
        versions={
            "convlab": app.__version__,
            "python": platform.python_version(),
            "keras": keras.version(),
            "backend": keras.backend.backend(),
            "numpy": np.__version__,
        },
        command=command,
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )
    samples = judged["validation"].images[np.arange(min(_TWIN_SAMPLES, card.images["validation"]))]
    card = save_model(folder, model, card, history, samples, skipped)
    for name, figure in _figures(card, history, validation).items():
        save(figure, folder / name)
    return Outcome(folder, card, validation, test, history)


def _figures(
    card: Card, history: list[dict[str, float]], validation: Evaluation
) -> dict[str, Figure]:
    """Return the figures of a finished run by the names of their files."""
    title = f"{card.name}: validation accuracy {validation.accuracy:.2%}, {card.saved_epoch}"
    saved = {
        "epoch": card.training["best_epoch"],
        "accuracy": validation.accuracy,
        "loss": validation.loss,
    }
    figures = {CURVES: training_curves(history, title, saved)}
    columns = history_columns()
    if columns.keys() <= history[0].keys():
        figures[RANGES] = randomization_ranges(history, columns, title=card.name)
    return figures


def _training_facts(state: State, history: list[dict[str, float]]) -> dict[str, float | str]:
    rates = [row["images_per_second"] for row in history]
    return {
        "epochs": state.epoch,
        "seconds": round(state.seconds, 1),
        "images_per_second": round(float(np.median(rates)), 1),
        "precision": state.precision,
    }
