"""What a page has to know of a dataset before a network is chosen for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.config import RunSettings
from app.data.dataset import SPLIT_NAMES
from app.reporting import SILENT
from app.stack.presets import presets
from app.stack.stack import stack_to_json
from app.training.plan import make_plan
from app.web.training.mailbox import Event


def prepare(settings: RunSettings, send: Callable[[Event], None]) -> dict[str, Any]:
    """Load a dataset and return what it holds, its recipe's defaults, and networks to begin with.

    Args:
        settings: Settings, of which the dataset and the size of its images count.
        send: Called with an event when that may take long.

    Raises:
        AppError: If the dataset cannot be loaded.
    """
    send(Event("progress", {"task": f"loading {settings.dataset}", "done": 0, "total": 0}))
    plan = make_plan(settings, SILENT)
    plan.dataset.require_one_label("Training in the browser")
    height, width = plan.image_size
    shape = (height, width, plan.dataset.channels)
    return {
        "dataset": plan.dataset.display_name,
        "source": plan.dataset.source,
        "classes": list(plan.dataset.class_names),
        "image": list(shape),
        "counts": {name: len(plan.dataset.split(name)) for name in SPLIT_NAMES},
        "defaults": {
            "epochs": len(plan.sides), "batch_size": plan.batch_size,
            "learning_rate": plan.optimization.learning_rate,
            "weight_decay": plan.optimization.weight_decay,
            "augment": plan.configuration["augment"], "optimizer": plan.optimization.optimizer,
        },
        "presets": {
            name: stack_to_json(stack) for name, stack in presets(shape, plan.num_classes).items()
        },
    }  # fmt: skip
