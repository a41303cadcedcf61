"""What ends a process that waits for others in vain."""

import threading

import pytest

from app.training.callbacks.watchdog import Watchdog


@pytest.mark.parametrize(
    ("steps_done", "is_watched"),
    [(0, False), (1, True), (2, True), (3, False), (4, True)],
    ids=["first step", "second", "third", "last, which may be smaller", "end of the epoch"],
)
def test_steps_are_watched_unless_they_may_compile(steps_done, is_watched):
    gave_up = threading.Event()
    watchdog = Watchdog(0.05, lambda waited: gave_up.set())
    watchdog.set_params({"steps": 4})
    watchdog.on_train_begin()
    watchdog.on_epoch_begin(0)
    for batch in range(steps_done):
        watchdog.on_train_batch_end(batch)
    assert gave_up.wait(30 if is_watched else 0.5) == is_watched
    watchdog.on_train_end()
