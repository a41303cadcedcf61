"""A curve of too many points: each is the mean of the batches that it stands for."""

import numpy as np
import pytest

from app.web.training.curve import MOST_POINTS, averaged
from app.web.training.mailbox import Event


def curve_of(first, last):
    """Return a point per batch, whose loss is known."""
    steps = np.arange(first, last + 1)
    return {"step": steps.tolist(), "loss": np.sin(steps / 50).tolist()}


@pytest.mark.parametrize("parts", [[5_117], [1_999, 2, 1, 3_115], [37] * 150, [2_001], [4_001, 2]])
@pytest.mark.parametrize("start", [0, 4_690])
def test_each_point_is_the_mean_of_the_batches_after_the_point_before(parts, start):
    whole = Event("metrics", {"run": 1, **curve_of(start + 1, start + parts[0])})
    end = start + parts[0]
    for count in parts[1:]:
        part = Event("metrics", {"run": 1, **curve_of(end + 1, end + count)})
        whole, end = part.after(whole), end + count
    found = averaged({"step": whole.values["step"], "loss": whole.values["loss"]})
    steps = found["step"]
    assert MOST_POINTS / 2 <= len(steps) <= MOST_POINTS
    assert steps[-1] == end
    loss = np.array([np.nan, *curve_of(1, end)["loss"]])
    means = [loss[a + 1 : b + 1].mean() for a, b in zip([start, *steps], steps, strict=False)]
    assert found["loss"] == pytest.approx(means)


def test_a_short_curve_stays_as_it_is():
    curve = curve_of(1, MOST_POINTS)
    assert averaged(curve) == curve
