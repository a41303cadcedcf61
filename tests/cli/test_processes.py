"""Where a process of a run belongs: flags, variables of launchers, and errors."""

import socket

import pytest

from app.cli.processes import place_of, places_here
from app.cli.train import build_parser, main
from app.errors import AppError
from app.training import distribution
from app.training.distribution import Place, join


@pytest.fixture(autouse=True)
def no_launcher(monkeypatch):
    for name in ("KERAS_DISTRIBUTION_PROCESS_ID", "JAX_PROCESS_ID", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)


def place(*arguments):
    return place_of(build_parser().parse_args(arguments))


def test_flags_say_where_a_process_belongs():
    assert place() is None
    assert place("--processes", "4") is None  # starts them here
    given = place("--processes", "4", "--process-id", "3", "--coordinator", "10.0.0.2:5000")
    assert given == Place(4, 3, "10.0.0.2:5000")


@pytest.mark.parametrize(
    ("variables", "flags"),
    [
        (
            {
                "KERAS_DISTRIBUTION_PROCESS_ID": "1",
                "KERAS_DISTRIBUTION_NUM_PROCESSES": "2",
                "KERAS_DISTRIBUTION_JOB_ADDRESSES": "one:5000,two:5000",
            },
            (),
        ),
        (
            {
                "JAX_PROCESS_ID": "1",
                "JAX_NUM_PROCESSES": "2",
                "JAX_COORDINATOR_ADDRESS": "one:5000",
            },
            (),
        ),
        ({"SLURM_PROCID": "1", "SLURM_NTASKS": "2"}, ("--coordinator", "one:5000")),
        (
            {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"},
            ("--coordinator", "one:5000"),
        ),
    ],
)
def test_launchers_say_it_by_variables(monkeypatch, variables, flags):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert place(*flags) == Place(2, 1, "one:5000")


def test_a_task_of_slurm_without_a_coordinator_trains_alone(monkeypatch):
    monkeypatch.setenv("SLURM_PROCID", "0")
    monkeypatch.setenv("SLURM_NTASKS", "1")
    assert place() is None


@pytest.mark.parametrize(
    ("flags", "received"),
    [
        ("--process-id 1", "--process-id 1 without --coordinator"),
        ("--coordinator one:5000 --processes 2", "without --process-id"),
        ("--coordinator one:5000 --process-id 0", "without --processes"),
        ("--coordinator one --processes 2 --process-id 0", "--coordinator 'one'"),
        ("--coordinator one:99999 --processes 2 --process-id 0", "--coordinator 'one:99999'"),
        ("--coordinator one:5000 --processes 2 --process-id 2", "--process-id 2 of --processes 2"),
        ("--processes 0", "--processes 0"),
        ("--processes 1000", "--processes 1000"),
    ],
)
def test_what_does_not_fit_is_refused(flags, received):
    with pytest.raises(AppError) as caught:
        place(*flags.split())
    assert received in caught.value.received
    assert caught.value.expected


def test_a_launcher_with_words_for_numbers(monkeypatch):
    monkeypatch.setenv("SLURM_PROCID", "first")
    with pytest.raises(AppError, match="SLURM_PROCID is 'first'"):
        place("--coordinator", "one:5000")


def test_processes_of_this_machine_have_one_coordinator_and_a_device_each():
    places = places_here(3)
    assert [place.index for place in places] == [0, 1, 2]
    assert [place.device for place in places] == [0, 1, 2]
    assert len({place.coordinator for place in places}) == 1


def test_tensorflow_is_refused_with_the_reason(monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert main(["--processes", "2"]) == 2
    error = capsys.readouterr().err
    assert "--processes with the backend tensorflow" in error
    assert "KERAS_BACKEND=jax" in error


@pytest.fixture
def jax(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")


def test_a_port_in_use_is_refused(jax):
    """JAX itself would end the process by a segmentation fault."""
    family = socket.AF_INET6 if socket.has_ipv6 else socket.AF_INET
    with socket.socket(family) as taken:
        taken.bind(("", 0))
        taken.listen()
        with pytest.raises(AppError, match="Address already in use"):
            join(Place(2, 0, f"localhost:{taken.getsockname()[1]}"))


def test_a_coordinator_that_does_not_answer_is_reported(jax, monkeypatch):
    """JAX itself would abort the process."""
    monkeypatch.setattr(distribution, "PATIENCE", 0)
    with pytest.raises(AppError, match=r"did not meet at 127\.0\.0\.1:9: Connection refused"):
        join(Place(2, 1, "127.0.0.1:9"))


def test_a_machine_whose_name_means_another_one_to_the_others(jax, monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "own")
    addresses = {"own": "127.0.1.1", "one": "10.0.0.1"}
    monkeypatch.setattr(socket, "gethostbyname", addresses.__getitem__)
    with pytest.raises(AppError, match="This machine's name 'own'") as caught:
        join(Place(2, 1, "one:5000"))
    assert "/etc/hosts" in caught.value.fix
