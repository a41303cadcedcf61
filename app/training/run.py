"""One training run, from its configuration to a saved model."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

import app
from app.config import RunSettings
from app.errors import AppError
from app.keras_startup import start_keras
from app.setting import flag
from app.signals import stop_status
from app.storage.card import read_card
from app.storage.folder import CARD
from app.training import agreement, distribution
from app.training.checkpoint import Checkpoint
from app.training.events import Events, Listener, StopRequested
from app.training.listeners import Console, TensorBoard
from app.training.plan import Plan, make_plan
from app.training.shared_checkpoint import claim_checkpoint

if TYPE_CHECKING:
    from app.data.dataset import Dataset
    from app.models import Builder
    from app.training.inputs import Inputs
    from app.training.summary import Outcome


class Followed(Exception):
    """A process other than the first of a run has come to the end of its work.

    Attributes:
        finished: Whether the run has come to its end.
    """

    def __init__(self, finished: bool):
        super().__init__()
        self.finished = finished


def train(
    settings: RunSettings,
    *,
    build: Builder | None = None,
    dataset: Dataset | None = None,
    listeners: Sequence[Listener] | None = None,
    test: bool = True,
) -> Outcome:
    """Train a network and save it.

    The best weights by validation accuracy are kept; the test images are used once, at the end. A
    run that is stopped saves the best so far, without testing it, and keeps what resuming needs.

    Args:
        settings: Settings that the user chose; the recipe has the others.
        build: Function that returns a network, called as `build(image shape, number of classes,
            dropout)`; by default the builder that the settings name.
        dataset: Dataset to use instead of the one that the settings name.
        listeners: Receivers of the run's events, which may stop it; by default the console.
        test: Whether to use the test images at the end; runs that are compared leave them alone.

    Raises:
        AppError: If the settings, the data or the disk do not allow it.
        Followed: In a process that has joined others (`app.training.distribution`) and is not the
            first of them, at the end.
    """
    events = Events([Console()] if listeners is None else listeners)
    try:
        plan = make_plan(settings, events, build=build, dataset=dataset, test=test)
        events.emit("on_plan", plan)
        start_keras()
        distribution.begin()
        outcome = _train(plan, events)
    except StopRequested:  # before the first epoch
        raise _nothing_to_keep() from None
    events.emit("on_end", outcome)
    return outcome


def _train(plan: Plan, events: Events) -> Outcome:
    from app.training.adopt import adopt
    from app.training.finalize import finalize
    from app.training.fit import fit_run
    from app.training.inputs import load_inputs
    from app.training.start import start_or_resume

    if distribution.share().count > 1:
        agreement.check_plan(plan.batch_size, on_device=bool(plan.on_device))
        agreement.check_alike(_facts(plan))
    checkpoint = claim_checkpoint(plan)
    try:
        if plan.deterministic:
            _use_deterministic_operations()
        # Too small an image, or a source that does not fit, fails before anything is decoded.
        with distribution.alone():
            adopt(plan, plan.build())
        inputs = load_inputs(plan, events)
        if distribution.share().count > 1:
            agreement.check_alike(_decoded(inputs))
        events.emit("on_inputs", inputs)
        _add_listeners(plan, checkpoint, events)
        model = start_or_resume(plan, checkpoint, inputs, events)
        finished = fit_run(plan, model, inputs, checkpoint, events)
        first = distribution.share().index == 0
        distribution.leave()
        if not first:
            raise Followed(finished)
        if not finished:
            _check_worth_saving(checkpoint)
        outcome = finalize(plan, checkpoint, inputs, events, finished=finished)
        _report_end(plan, checkpoint, outcome, events)
        return outcome
    except KeyboardInterrupt:  # before the first epoch, or while the model is evaluated and saved
        if checkpoint.exists:
            events.warning("Stopped. To go on, repeat the command with --resume.")
        raise
    finally:
        checkpoint.release()


def _facts(plan: Plan) -> dict[str, str]:
    """Return what all processes of a run must have in common."""
    import keras

    return {
        **{flag(name)[2:]: str(value) for name, value in plan.settings.items()},
        **{f"{name} images": digest for name, digest in plan.fingerprints.items()},
        "version of convlab": app.__version__,
        "version of Keras": keras.version(),
        **{f"version of {name}": version(name) for name in ("jax", "numpy", "pillow")},
    }


def _decoded(inputs: Inputs) -> dict[str, str]:
    """Return what differs if a file is damaged on one machine only."""
    return {
        f"number of {name} images that can be decoded": str(len(split.examples))
        for name, split in inputs.splits.items()
    }


def _use_deterministic_operations() -> None:
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _add_listeners(plan: Plan, checkpoint: Checkpoint, events: Events) -> None:
    """Add the listeners that the configuration asks for, in the process that saves the model."""
    if distribution.share().index:
        return
    from app.training.snapshots import Snapshots

    if plan.tensorboard:
        events.listeners.append(TensorBoard(checkpoint.model_folder))
    if plan.watch is not None:
        events.listeners.append(Snapshots(plan, checkpoint.model_folder, events))


def _check_worth_saving(checkpoint: Checkpoint) -> None:
    """Let a stopped run save its best epoch, unless there is none or a finished model stands."""
    state, folder = checkpoint.read(), checkpoint.model_folder
    if state.best_epoch == 0:
        raise _nothing_to_keep()
    if (folder / CARD).exists() and read_card(folder / CARD).finished:
        raise AppError(
            f"Stopped after epoch {state.epoch}. '{folder}' holds a finished model, which stays.",
            fix="To go on, repeat the command with --resume.",
            status=stop_status(),
        )


def _nothing_to_keep() -> AppError:
    return AppError(
        "Stopped before the first epoch was finished: there is nothing to keep.",
        fix="Shorter epochs: --limit 500.",
        status=stop_status(),
    )


def _report_end(plan: Plan, checkpoint: Checkpoint, outcome: Outcome, events: Events) -> None:
    """Report which epoch was saved, and mark a run that came to its end as finished."""
    facts, epochs = outcome.card.training, len(plan.sides)
    best, views = facts["best_epoch"], facts["views"]
    accuracies = {one["epoch"]: one["accuracy"] for one in facts["compared_epochs"]}
    saved = accuracies.pop(best)
    side = [f"{plan.final_size[0]} px"] if plan.final_size != plan.image_size else []
    how = ", ".join(side + ([f"mean of {views} views"] if views > 1 else []))
    for other, accuracy in accuracies.items():
        events.info(
            f"{best:3d}/{epochs:<3d}   saved: val. acc. {saved:.4f}* ({how}; epoch {other}: "
            f"{accuracy:.4f})"
        )
    if outcome.card.finished:
        checkpoint.finish()
        return
    events.warning(
        f"Stopped after epoch {facts['epochs']} of {epochs}. The best so far, of epoch {best}, is "
        "saved. To go on, repeat the command with --resume."
    )
