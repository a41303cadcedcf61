"""The network of a run: new, or as the last finished epoch left it."""

from __future__ import annotations

import keras
import numpy as np

from app.reporting import SILENT, Reporter
from app.training import agreement, distribution
from app.training.adopt import adopt
from app.training.checkpoint import Checkpoint, State
from app.training.compile import Targets, compile_model
from app.training.events import Events
from app.training.inputs import Inputs
from app.training.plan import Plan
from app.training.precision import choose_precision, precision_policy
from app.training.progressive_resizing import of_size


def start_or_resume(
    plan: Plan, checkpoint: Checkpoint, inputs: Inputs, events: Events
) -> keras.Model:
    """Return a compiled network, and bring its checkpoint to the same state.

    Raises:
        AppError: If a run cannot be resumed.
    """
    state = checkpoint.read() if plan.folder.resume else None
    if state is not None:
        checkpoint.drop_later_rows()
    if state is not None and state.epoch:
        events.info(f"Resuming after epoch {state.epoch} of {len(plan.sides)}.")
        precision = state.precision
        model = _built(plan, inputs, precision)
        checkpoint.resume(model)
    else:
        precision = _precision(plan, inputs, events)
        model = _built(plan, inputs, precision, events)
        checkpoint.start(State(plan.settings, plan.fingerprints, precision))
    name = checkpoint.model_folder
    events.info(f"Model: {name}; {model.count_params():,} parameters, {precision}.")
    return model


def _built(plan: Plan, inputs: Inputs, precision: str, reporter: Reporter = SILENT) -> keras.Model:
    """Return a new network, with the same initial weights in all processes."""
    keras.utils.set_random_seed(plan.seed)
    with precision_policy(precision):
        return new_model(plan, inputs, reporter)


def new_model(plan: Plan, inputs: Inputs, reporter: Reporter = SILENT) -> keras.Model:
    """Return a compiled network, for images of any size if they grow.

    It is untrained, or has the weights of the plan's source.
    """
    model = plan.build()
    adopt(plan, model, reporter)
    if plan.sides[0] < plan.sides[-1]:
        model = of_size(model, None)
    compile_model(
        model,
        plan.optimization,
        Targets(plan.num_classes, plan.soft_targets, inputs.unbalanced, plan.dataset.multi_label),
        steps=inputs.training.num_batches * len(plan.sides),
    )
    return model


def _precision(plan: Plan, inputs: Inputs, events: Events) -> str:
    if plan.precision != "auto":
        return plan.precision
    return str(agreement.decided(lambda: _measured_precision(plan, inputs, events)))


def _measured_precision(plan: Plan, inputs: Inputs, events: Events) -> str:
    training = inputs.training
    positions = np.arange(min(plan.batch_size, len(training.labels)))
    with distribution.alone():
        precision, reason = choose_precision(
            plan.network,
            lambda: new_model(plan, inputs),
            training.images[positions],
            training.labels[positions],
        )
    events.info(f"Precision: {precision}; {reason}.")
    return precision
