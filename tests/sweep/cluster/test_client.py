"""Sweeps on a Dask cluster of this machine, one of whose workers is killed."""

import os

import pytest

from app.config import RunSettings
from app.errors import AppError
from app.storage.card import read_card
from app.sweep.cluster import client as client_module
from app.sweep.cluster.client import Cluster
from app.sweep.cluster.connection import check_site, connect
from app.sweep.cluster.task import Site
from app.sweep.design import Design
from app.sweep.sweep import run_sweep
from tests.conftest import write_shapes
from tests.sweep.cluster.dask_processes import DaskProcesses, require_dask
from tests.sweep.in_process import InProcess, Watching

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dask_processes(tmp_path_factory):
    require_dask()
    processes = DaskProcesses(tmp_path_factory.mktemp("dask"), workers=2)
    try:
        processes.wait()
        yield processes
    finally:
        processes.end()


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    """Four runs of a dense network on a folder of three classes."""
    data = write_shapes(tmp_path_factory.mktemp("data") / "shapes")
    base = RunSettings(
        dataset=str(data), model="dense", image_size=8, epochs=12, batch_size=4, augment="none",
        precision="float32", tta=False, workers=1,
    )  # fmt: skip
    return Design(base, seeds=(0, 1), grid={"learning_rate": (1e-2, 1e-6)})


@pytest.fixture(scope="module")
def local(keras, design, tmp_path_factory):
    return results(tmp_path_factory.mktemp("local"), design, InProcess())


def results(folder, design, workers, watch=None):
    """Return what a sweep measured, and what is on the cards of its runs."""
    state = run_sweep(folder, design, workers, watch or Watching())
    assert not state.errors
    cards, numbers = {}, {}
    for run in state.runs:
        measured = state.measurements[run.name]
        assert measured.folder == str(folder / "runs" / run.name)
        card = read_card(folder / "runs" / run.name / "card.json")
        settings = {**card.configuration, "resume": None}  # of the run that was interrupted: yes
        cards[run.name] = (card.finished, settings, card.fingerprints, measured.metric)
        numbers[run.name] = [
            measured.accuracy, measured.loss, measured.epoch, measured.epochs,
            measured.test_accuracy, measured.test_loss,
        ]  # fmt: skip
    return cards, numbers


def check_equal(found, expected):
    """Check the cards of two sweeps exactly, and their numbers as far as processors agree."""
    assert found[0] == expected[0]
    assert found[1].keys() == expected[1].keys()
    for name, numbers in expected[1].items():
        assert found[1][name] == pytest.approx(numbers, abs=1e-5), name


class Once(Watching):
    """Calls a function when the first run has finished an epoch."""

    def __init__(self, function):
        super().__init__()
        self._function = function

    def event(self, event):
        super().event(event)
        if event.kind == "epoch" and self._function is not None:
            function, self._function = self._function, None
            function(event.run.name)


def worker_of(cluster, name):
    """Return the process of the worker that performs a run."""
    key = cluster._tasks[name].future.key
    processing = cluster._client.processing()
    (address,) = [address for address, keys in processing.items() if key in keys]
    return cluster._client.run(os.getpid)[address]


def test_a_sweep_whose_worker_is_killed_has_the_results_of_a_local_one(
    dask_processes, design, local, tmp_path
):
    cluster = Cluster(dask_processes.address)
    assert cluster.summary.startswith("on 2 workers of tcp://")
    killed = []

    def kill(name):
        killed.append(name)
        dask_processes.kill_worker(worker_of(cluster, name))

    watching = Once(kill)
    check_equal(results(tmp_path / "sweep", design, cluster, watching), local)
    kinds = [kind for name, kind in watching.kinds if name == killed[0]]
    assert kinds.count("started") == 2, dask_processes.log()
    assert kinds[-1] == "done"
    assert not (tmp_path / "sweep" / ".cluster").exists()


def test_workers_that_do_not_see_the_folder_send_their_runs_and_stopped_ones_are_resumed(
    dask_processes, design, local, tmp_path, monkeypatch
):
    monkeypatch.setattr(client_module, "PROBE", str(tmp_path / "elsewhere"))
    asked = []
    monkeypatch.setattr("app.sweep.sweep.stop_requested", lambda: bool(asked))
    state = run_sweep(
        tmp_path / "sweep", design, Cluster(dask_processes.address), Once(asked.append)
    )
    assert state.stopped
    first = state.measurements[asked[0]]
    assert not first.finished
    assert (tmp_path / "sweep" / "runs" / f"{asked[0]}.unfinished").is_dir()
    stopped = asked.pop()
    watching = Watching()
    again = results(tmp_path / "sweep", design, Cluster(dask_processes.address), watching)
    check_equal(again, local)
    trained = watching.kinds.count((stopped, "epoch"))
    assert trained == design.base.epochs - first.epochs
    assert not list((tmp_path / "sweep" / "runs").glob("*.unfinished"))


def test_workers_with_other_packages_or_images_are_refused(dask_processes, design, monkeypatch):
    client = connect(dask_processes.address)
    try:
        for dataset, expected in (
            (design.base.dataset, "are not those of the sweep"),
            ("nowhere", "neither a dataset nor a folder"),
        ):
            base = RunSettings(dataset=dataset)
            with pytest.raises(AppError, match=expected):
                check_site(client, Site("mark", "/", "/", base, (("train", "0"),)))
    finally:
        client.close()
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(AppError, match="KERAS_BACKEND tensorflow, not jax"):
        connect(dask_processes.address)


def test_a_scheduler_that_goes_away_ends_the_sweep_with_a_way_to_go_on(
    dask_processes, design, tmp_path
):
    """The last test of this file: the cluster does not outlive it."""
    cluster = Cluster(dask_processes.address)
    with pytest.raises(AppError, match="is lost") as lost:
        run_sweep(
            tmp_path / "sweep", design, cluster, Once(lambda _: dask_processes.kill_scheduler())
        )
    assert lost.value.status == 1
    assert "repeat the command" in lost.value.fix
    assert not (tmp_path / "sweep" / ".cluster").exists()
