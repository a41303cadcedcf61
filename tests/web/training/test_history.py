"""What a viewer who comes late is told of a run that was stopped and went on."""

import numpy as np

from app.web.training.history import History
from app.web.training.mailbox import Event


def test_a_run_that_goes_on_from_an_epoch_forgets_what_came_after_it():
    history = History()
    history.add(Event("network", {"run": 1, "step": 0}))
    history.add(Event("metrics", {"run": 1, "step": [1, 2, 3, 4, 5], "loss": [5, 4, 3, 2, 1]}))
    changes = [{"step": 2, "dropout": 0.1}, {"step": 4, "dropout": 0.3}]
    history.add(Event("changes", {"run": 1, "changes": changes}))
    for step in (2, 4):
        history.add(Event(f"snapshot/{step}", {"step": step, "epoch": 0}, {"k": np.zeros(1)}))
    history.add(Event("network", {"run": 1, "step": 3}))
    history.add(Event("metrics", {"run": 1, "step": [4], "loss": [9]}))
    told = {event.topic: event.values for event in history.events()}
    assert told["metrics"] == {"run": 1, "step": [1, 2, 3, 4], "loss": [5, 4, 3, 9]}
    assert told["changes"]["changes"] == changes[:1]
    assert told["snapshots"]["steps"] == [2]
