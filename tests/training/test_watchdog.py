"""What ends a process that waits for others in vain."""

import threading
import time

import pytest

from app.training.callbacks.watchdog import Watchdog


@pytest.mark.parametrize("validation", [False, True], ids=["training", "validation"])
@pytest.mark.parametrize(
    ("steps_done", "is_watched"),
    [(0, False), (1, True), (2, True), (3, False), (4, True)],
    ids=["first step", "second", "third", "last, which may be smaller", "after the last"],
)
def test_steps_are_watched_unless_they_may_compile(steps_done, is_watched, validation):
    gave_up = threading.Event()
    watchdog = Watchdog(0.05, 4, lambda waited: gave_up.set())
    watchdog.set_params({"steps": 9 if validation else 4})
    watchdog.on_train_begin()
    watchdog.on_epoch_begin(0)
    if validation:
        watchdog.on_test_begin()
    for batch in range(steps_done):
        (watchdog.on_test_batch_end if validation else watchdog.on_train_batch_end)(batch)
    assert gave_up.wait(30 if is_watched else 0.5) == is_watched
    watchdog.on_train_end()


def test_the_second_step_may_take_as_long_as_the_first():
    gave_up = threading.Event()
    watchdog = Watchdog(0.05, 4, lambda waited: gave_up.set())
    watchdog.set_params({"steps": 9})
    watchdog.on_train_begin()
    watchdog.on_epoch_begin(0)
    time.sleep(0.3)
    watchdog.on_train_batch_end(0)
    assert not gave_up.wait(0.6)
    assert gave_up.wait(30)  # ten times as long
    watchdog.on_train_end()
