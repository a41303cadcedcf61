"""Live runs are the runs of `train.py`, bit for bit, however they are paused and steered."""

import numpy as np
import pytest

from tests.web.training.conftest import start

pytestmark = pytest.mark.slow


def last_weights(driver, after=0):
    snapshots = driver.snapshots(after)
    return snapshots[max(snapshots)]


def same(one, other) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


def test_pauses_and_a_rewind_change_nothing_bit_for_bit(driver, data):
    start(driver, data)
    assert driver.tell("play")["ok"]
    driver.wait("state", state="ended")
    whole, curve = last_weights(driver), driver.curve()
    assert curve["step"] == list(range(1, len(curve["step"]) + 1))

    after = len(driver.events)
    start(driver, data)
    driver.steps(1)
    driver.steps(4)
    driver.tell("play")
    driver.tell("pause")
    rewound = len(driver.events)
    driver.tell("rewind")
    driver.wait("state", rewound, state="paused")
    driver.steps(3)
    driver.tell("play")
    driver.wait("state", after, state="ended")
    assert same(last_weights(driver, rewound), whole)
    assert driver.curve(rewound) == curve
