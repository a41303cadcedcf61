"""The end of a run: the best weights, evaluated once on the test images, become a saved model.

Epochs are compared by one view of each validation image, in the training size. Where the saved
model averages several views or has another size, the best and the last epoch are compared again in
that way, so that one lucky epoch does not decide. A temperature is fitted to the validation images,
and the saved model predicts with it.
"""

from __future__ import annotations

import platform
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import keras
import numpy as np

import app
from app.augmentation.domain_randomization import history_columns
from app.augmentation.tta import augmentation_values, mean_over_views
from app.data.batches import Batches
from app.data.fitting import RESIZE_RULES
from app.data.pixels import DecodedSplit
from app.figure_files import save
from app.figures.randomization_ranges import randomization_ranges
from app.figures.training_curves import training_curves
from app.metrics import (
    DISTRIBUTION,
    Evaluation,
    class_probabilities,
    evaluate_probabilities,
    faults_of,
)
from app.multi_label import (
    DEFAULT_THRESHOLD,
    MultiLabelEvaluation,
    best_thresholds,
    evaluate_labels,
)
from app.statistics.temperature import stored_temperature, with_temperature
from app.storage.card import Card
from app.storage.folder import CURVES, RANGES
from app.storage.rounding import round_weights
from app.storage.saving import TrainedModel, save_model
from app.training.checkpoint import Checkpoint, State
from app.training.events import Events
from app.training.inputs import EVALUATION_BATCH, Inputs
from app.training.plan import Plan
from app.training.progressive_resizing import of_size
from app.training.summary import BALANCED_ACCURACY, Outcome

_TWIN_SAMPLES = 32
History = list[dict[str, float]]


def finalize(
    plan: Plan, checkpoint: Checkpoint, inputs: Inputs, events: Events, *, finished: bool
) -> Outcome:
    """Evaluate the best weights by validation, and save the model with its figures.

    Args:
        plan: Plan of the run.
        checkpoint: Checkpoint of the run; not changed here.
        inputs: Images of the run.
        events: Events of the run.
        finished: Whether the run came to its end; only then the test images are used, if the plan
            says so.

    Raises:
        AppError: If the folder cannot be written.
    """
    candidate = _Candidate(plan, checkpoint, inputs)
    compared = candidate.choose_epoch()
    candidate.fit_thresholds()
    temperature = candidate.fit_temperature()
    validation = candidate.evaluate("validation", temperature)
    test = candidate.evaluate("test", temperature) if finished and plan.test else None
    history = [
        {**row, "saved": int(row["epoch"] == candidate.epoch)} for row in checkpoint.history()
    ]
    facts = {
        **_training_facts(checkpoint.read(), history),
        "balance": inputs.balance.method,
        **({"from": plan.source.facts(plan.dataset)} if plan.source else {}),
        "selected_by": BALANCED_ACCURACY if inputs.unbalanced else "accuracy",
        "best_epoch": candidate.epoch,
        "views": len(plan.views),
        "compared_epochs": [
            {"epoch": epoch, "accuracy": candidate.score(evaluation)}
            for epoch, evaluation in compared.items()
        ],
    }
    folder = checkpoint.model_folder
    card = Card(
        name=folder.name,
        dataset=plan.configuration["dataset"],
        source=plan.dataset.source,
        stand_in=plan.dataset.stand_in,
        class_names=plan.dataset.class_names,
        image_size=plan.final_size,
        channels=plan.dataset.channels,
        resize=RESIZE_RULES[plan.fit],
        fit=plan.fit,
        parameters=candidate.model.count_params(),
        configuration=plan.configuration,
        tta=plan.views,
        temperature=temperature,
        thresholds=candidate.thresholds,
        augmentation=augmentation_values(plan.configuration),
        images={name: len(split.examples) for name, split in inputs.splits.items()},
        fingerprints=plan.fingerprints,
        skipped=len(inputs.skipped),
        metrics={
            "validation": _metrics(validation),
            "test": _metrics(test) if test else None,
        },
        training=facts,
        finished=finished,
        versions={
            "convlab": app.__version__,
            "python": platform.python_version(),
            "keras": keras.version(),
            "backend": keras.backend.backend(),
            "numpy": np.__version__,
        },
        command=plan.command(facts["precision"]),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )
    trained = TrainedModel(candidate.model, history, candidate.samples(), inputs.skipped)
    card = save_model(folder, card, trained)
    _save_figures(Outcome(folder, card, validation, test, history), events)
    return Outcome(folder, card, validation, test, history)


class _Candidate:
    """The network in float32 and in its final size, with the weights of one epoch."""

    def __init__(self, plan: Plan, checkpoint: Checkpoint, inputs: Inputs):
        self.plan = plan
        self.checkpoint = checkpoint
        self.epoch = 0
        self._predicted: dict[tuple[int, str], np.ndarray] = {}
        self._trained = self.model = plan.build()
        self._splits = inputs.splits
        self.thresholds: tuple[float, ...] = ()
        if plan.dataset.multi_label:
            self.thresholds = (DEFAULT_THRESHOLD,) * plan.num_classes
        self._unbalanced = inputs.unbalanced
        self._resized = plan.final_size != plan.image_size
        if self._resized:
            self.model = of_size(self._trained, plan.final_size[0])
            channels = plan.dataset.channels
            self._splits = {
                name: split.at(plan.final_size, channels, plan.fit)
                for name, split in inputs.splits.items()
            }

    def choose_epoch(self) -> dict[int, Evaluation]:
        """Load the best weights; return the validation of each epoch that was compared."""
        state = self.checkpoint.read()
        self._load(state.best_epoch)
        compared = {state.best_epoch: self.evaluate("validation")}
        if state.epoch != state.best_epoch and (len(self.plan.views) > 1 or self._resized):
            self._load(state.epoch)
            compared[state.epoch] = self.evaluate("validation")
            best, last = compared[state.best_epoch], compared[state.epoch]
            if (self.score(last), -last.loss) < (self.score(best), -best.loss):
                self._load(state.best_epoch)
        return compared

    def score(self, evaluation: Evaluation) -> float:
        """Return the accuracy by which epochs are compared."""
        return evaluation.balanced_accuracy if self._unbalanced else evaluation.accuracy

    def _load(self, epoch: int) -> None:
        self.checkpoint.restore(self._trained, epoch)
        round_weights(self._trained)  # before the evaluation: what is evaluated is what is saved
        self.epoch = epoch

    def evaluate(self, name: str, temperature: float = 1.0) -> Evaluation:
        """Evaluate the network on a split, by the mean over the views at a temperature."""
        scaled = with_temperature(self._probabilities(name), temperature)
        labels, names = self._splits[name].examples.labels, self.plan.dataset.class_names
        if self.thresholds:
            return evaluate_labels(scaled, labels, names, self.thresholds)
        return evaluate_probabilities(scaled, labels, names)

    def fit_thresholds(self) -> None:
        """Choose the thresholds of a multi-label network on the validation images."""
        if self.thresholds:
            labels = self._splits["validation"].examples.labels
            self.thresholds = best_thresholds(self._probabilities("validation"), labels)

    def fit_temperature(self) -> float:
        """Return the temperature that the validation images ask for; 1 for none.

        It is 1 where an image has any number of labels, which have thresholds instead.
        """
        if self.thresholds:
            return 1.0
        probabilities = self._probabilities("validation")
        if any(faults_of(probabilities, DISTRIBUTION)):  # a network of the user's own
            return 1.0
        return stored_temperature(probabilities, self._splits["validation"].examples.labels)

    def _probabilities(self, name: str) -> np.ndarray:
        """Return the means over the views `(N, K)` for a split, computed once for each epoch."""
        key = self.epoch, name
        if key not in self._predicted:
            split = self._splits[name]
            labels = split.examples.labels
            batches = Batches(split.images, labels, EVALUATION_BATCH, workers=self.plan.workers)
            parts = [
                mean_over_views(self._probabilities_of, batches[index][0], self.plan.views)
                for index in range(batches.num_batches)
            ]
            self._predicted[key] = np.concatenate(parts)
        return self._predicted[key]

    def _probabilities_of(self, images: np.ndarray) -> np.ndarray:
        outputs = self.model.predict_on_batch(images)
        return class_probabilities(keras.ops.convert_to_numpy(outputs))

    def samples(self) -> np.ndarray:
        """Return some validation images, to compare the LiteRT file with Keras."""
        split: DecodedSplit = self._splits["validation"]
        return split.images[np.arange(min(_TWIN_SAMPLES, len(split.examples)))]


def _metrics(evaluation: Evaluation) -> dict[str, float]:
    return {
        "accuracy": evaluation.accuracy,
        "balanced_accuracy": evaluation.balanced_accuracy,
        "loss": evaluation.loss,
        **(
            {
                "macro_f1": evaluation.macro_f1,
                "micro_f1": evaluation.micro_f1,
                "hamming_loss": evaluation.hamming_loss,
            }
            if isinstance(evaluation, MultiLabelEvaluation)
            else {}
        ),
    }


def _save_figures(outcome: Outcome, events: Events) -> None:
    card, validation, history = outcome.card, outcome.validation, outcome.history
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
    for name, figure in figures.items():
        save(figure, outcome.folder / name)
        events.emit("on_figure", Path(name).stem, figure)


def _training_facts(state: State, history: History) -> dict[str, Any]:
    rates = [row["images_per_second"] for row in history]
    return {
        "epochs": state.epoch,
        "seconds": round(state.seconds, 1),
        "images_per_second": round(float(np.median(rates)), 1),
        "precision": state.precision,
    }
