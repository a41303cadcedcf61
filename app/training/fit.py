"""The epochs of a training run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras

from app.augmentation.domain_randomization import DomainRandomization
from app.data.batches import Batches, EnterEpoch, as_fit_input, raising_app_errors
from app.training import distribution
from app.training.agreement import Agreement
from app.training.callbacks.domain_randomization import DomainRandomizationCallback
from app.training.callbacks.progress import Progress
from app.training.callbacks.recorder import Recorder
from app.training.callbacks.reseeding import Reseeding
from app.training.callbacks.watchdog import Watchdog
from app.training.checkpoint import Checkpoint
from app.training.events import Events, StopRequested
from app.training.inputs import Inputs
from app.training.plan import Plan
from app.training.progressive_resizing import stages


def fit(
    model: keras.Model,
    training: Batches,
    validation: Batches | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    first_epoch: int = 0,
) -> None:
    """Train a compiled network on batches, and validate it after every epoch.

    Args:
        model: Network to train.
        training: Training batches with a side for every epoch.
        validation: Validation batches, or `None`.
        callbacks: Keras callbacks.
        first_epoch: Number of epochs that are already done.

    Raises:
        AppError: If an image cannot be read any more.
    """
    fed = [training] if validation is None else [training, validation]
    # Keras takes images of one size only.
    for first, end in stages(training.sides or (), first_epoch):
        training.enter_epoch(first)
        with raising_app_errors(*fed):
            model.fit(
                as_fit_input(training),
                validation_data=None if validation is None else as_fit_input(validation),
                initial_epoch=first,
                epochs=end,
                shuffle=False,  # the batches are shuffled; Keras would shuffle them once more
                verbose=0,
                callbacks=[EnterEpoch(training), Reseeding(training.seed), *callbacks],
            )
        if model.stop_training:
            break


def fit_run(
    plan: Plan, model: keras.Model, inputs: Inputs, checkpoint: Checkpoint, events: Events
) -> bool:
    """Train through the epochs that are left; return whether the run has come to its end."""
    randomization: list[keras.callbacks.Callback] = []
    more_columns: Callable[[], dict[str, float]] = dict
    if plan.randomization is not None:
        callback = DomainRandomizationCallback(
            inputs.training,
            inputs.splits["validation"],
            _current_ranges(plan.randomization, checkpoint),
            plan.num_classes,
        )
        randomization, more_columns = [callback], callback.row
    recorder = Recorder(checkpoint, inputs.training, plan.patience, events, more_columns)
    if recorder.should_stop_early:
        return True
    callbacks = [Progress(events), *randomization, recorder, *events.callbacks()]
    if distribution.share().count > 1:
        steps = inputs.validation.num_batches
        callbacks.append(Watchdog(distribution.STUCK, steps, distribution.give_up))
    with events.fitting(Agreement()), distribution.losing_no_one():
        try:
            fit(model, inputs.training, inputs.validation, callbacks, recorder.state.epoch)
            events.check()
        except StopRequested:
            return False
    return True


def _current_ranges(initial: DomainRandomization, checkpoint: Checkpoint) -> DomainRandomization:
    """Return the ranges of the last finished epoch, or the initial ones."""
    rows = checkpoint.history()
    if not rows:
        return initial
    return DomainRandomization.from_ranges(rows[-1], horizontal_flip=initial.horizontal_flip)
