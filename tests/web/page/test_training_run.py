"""What the page knows of a run that trains, without a trainer."""

import pytest

pytestmark = pytest.mark.slow
POINTS = """
async () => {
  const { initialRun, reduceRun } = await import("/static/training/run.js");
  const events = [
    { topic: "network", run: 1, step: 0 },
    { topic: "metrics", run: 1, step: [1, 2, 3], loss: [3, 2, 1], accuracy: [0, 0, 1] },
    { topic: "network", run: 1, step: 2 },
    { topic: "metrics", run: 1, step: [3], loss: [9], accuracy: [0] },
  ];
  return events.reduce(reduceRun, initialRun()).points;
}
"""


def test_curves_go_on_from_where_a_stopped_run_does(watched, server):
    watched.page.goto(server.url)
    points = watched.page.evaluate(POINTS)
    assert points == {"step": [1, 2, 3], "loss": [3, 2, 9], "accuracy": [0, 0, 0]}
