"""Clusters that cannot be used, and what is said about them."""

import pytest

from app.errors import AppError
from app.sweep.cluster import connection
from app.sweep.cluster.connection import connect, text_of_failure
from tests.sweep.cluster.dask_processes import require_dask


@pytest.mark.parametrize(
    "address",
    ["", "192.168.0.5:8786", "tcp://host", "http://host:8786", "tcp://:8786", "tcp://a/b:1"],
)
def test_an_address_of_another_form_is_refused(address, monkeypatch):
    monkeypatch.setattr(connection, "find_spec", lambda name: True)
    with pytest.raises(AppError, match="--scheduler is") as refusal:
        connect(address)
    assert "tcp://HOST:PORT" in refusal.value.expected


def test_without_dask_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(connection, "find_spec", lambda name: None)
    with pytest.raises(AppError, match="Dask is not installed") as refusal:
        connect("tcp://127.0.0.1:8786")
    assert refusal.value.fix == "Install it: pip install -e '.[cluster]'"


def test_a_scheduler_that_does_not_answer_is_reported(monkeypatch):
    require_dask()
    monkeypatch.setattr(connection, "_SECONDS", 0.5)
    with pytest.raises(AppError, match="No Dask scheduler answers at tcp:") as error:
        connect("tcp://127.0.0.1:1")
    assert error.value.status == 1


def test_a_run_that_is_given_up_is_reported_with_the_number_of_its_workers():
    require_dask()
    from distributed import KilledWorker

    text = text_of_failure(KilledWorker("key", None, 3))
    assert text.startswith("4 workers died while they trained it")
    assert text_of_failure(OSError("No space left\non device")) == (
        "On a worker: OSError: No space left."
    )
