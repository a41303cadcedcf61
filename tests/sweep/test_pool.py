"""Runs in processes of their own."""

import os
import signal
import time

import pytest

from app.config import RunSettings
from app.errors import AppError
from app.processes import num_cores
from app.sweep.design import Design
from app.sweep.pool import Pool, default_jobs
from app.sweep.workers import ENDS
from tests.conftest import write_shapes


def test_jobs_share_the_cores():
    assert 1 <= default_jobs(2) <= 2
    assert default_jobs(10**6) <= num_cores()
    assert Pool(1).threads == num_cores()
    assert Pool(1_000).threads == 1


@pytest.mark.parametrize("jobs", [0, -1, 2_000])
def test_a_number_of_jobs_out_of_range_is_refused(jobs):
    with pytest.raises(AppError, match=f"--jobs is {jobs}"):
        Pool(jobs)


def ends(pool, count):
    found = []
    limit = time.monotonic() + 120
    while len(found) < count and time.monotonic() < limit:
        found += [event for event in pool.events(0.5) if event.kind in ENDS]
    return found


@pytest.mark.slow
def test_a_run_that_fails_or_is_killed_leaves_the_others_alone(tmp_path):
    base = RunSettings(
        dataset=str(write_shapes(tmp_path / "shapes")), model="dense", image_size=8, epochs=1,
        batch_size=16, augment="none", precision="float32", tta=False,
    )  # fmt: skip
    good, bad = Design(base, grid={"epochs": (1, 2)}).runs(tmp_path)
    (tmp_path / "runs" / bad.name).mkdir(parents=True)  # which is no model's folder
    pool = Pool(1)
    try:
        pool.start(bad)
        (failed,) = ends(pool, 1)
        assert failed.kind == "failed"
        assert "is taken" in failed.details["error"]
        pool.start(good)
        time.sleep(0.2)
        os.kill(pool._workers[0].process.pid, signal.SIGKILL)
        (killed,) = ends(pool, 1)
        assert "signal 9; perhaps the memory" in killed.details["error"]
        pool.start(good)
        (done,) = ends(pool, 1)
        assert done.kind == "done"
        assert done.details["finished"]
    finally:
        pool.close()
    assert pool.busy == 0
