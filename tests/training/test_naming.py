"""Which folder a run claims, and which one it goes on with."""

import errno
import json
from dataclasses import asdict, replace

import pytest

from app.config import RunConfig, RunSettings
from app.data.digits import load_digits
from app.errors import AppError
from app.training.checkpoint import Checkpoint, State
from app.training.naming import _differences, claim_folder
from app.training.recipes import resolve

SPLITS = load_digits()


def config(output, **changes) -> RunConfig:
    return resolve(RunSettings(dataset="digits", recipe="fast", output=str(output), **changes))


def stopped_run(output, name, run) -> None:
    """Leave what a run leaves that was stopped after its first epoch."""
    folder = output / f"{name}.unfinished"
    folder.mkdir(parents=True)
    state = State(run.model_settings(), SPLITS.fingerprints(), "float32", epoch=1)
    (folder / "state.json").write_text(json.dumps(asdict(state)))


def claimed_name(run) -> str:
    folder, checkpoint = claim_folder(run, SPLITS)
    checkpoint.release()
    return folder.name


def test_a_stopped_run_is_found_behind_free_names(tmp_path):
    run = config(tmp_path)
    stopped_run(tmp_path, "digits-fast-10", config(tmp_path, epochs=77))
    stopped_run(tmp_path, "digits-fast-9", run)
    stopped_run(tmp_path, "digits-fast-other", run)
    assert claimed_name(replace(run, resume=True)) == "digits-fast-9"
    assert claimed_name(replace(run, resume=True, name="digits-fast-other")) == "digits-fast-other"
    with pytest.raises(
        AppError, match=r"There is no unfinished run to resume in .*'digits-fast-9'"
    ):
        claim_folder(config(tmp_path, epochs=5, resume=True), SPLITS)


def test_a_run_without_a_finished_epoch_leaves_its_name_free(tmp_path):
    run = config(tmp_path)
    _, checkpoint = claim_folder(run, SPLITS)
    checkpoint.start(State(run.model_settings(), SPLITS.fingerprints(), "float32"))
    checkpoint.release()
    assert not list(tmp_path.iterdir())
    assert claimed_name(run) == "digits-fast"


def test_a_killed_first_epoch_leaves_its_name_free(tmp_path):
    folder = tmp_path / "digits-fast.unfinished"
    folder.mkdir()
    (folder / "lock").touch()  # of a process that is gone
    assert claimed_name(config(tmp_path)) == "digits-fast"


def test_without_locks_a_run_that_has_begun_keeps_its_name(tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(fcntl, "flock", unsupported)
    run = config(tmp_path)
    folder, checkpoint = claim_folder(run, SPLITS)
    assert folder.name == "digits-fast"
    checkpoint.start(State(run.model_settings(), SPLITS.fingerprints(), "float32"))
    assert claimed_name(run) == "digits-fast-2"
    checkpoint.release()


def test_who_gives_up_twice_takes_nothing_from_the_next(tmp_path):
    first, second = (Checkpoint(tmp_path / "run.unfinished") for _ in range(2))
    assert first.claim()
    assert not second.claim()
    first.release()
    assert second.claim()
    first.release()
    assert (tmp_path / "run.unfinished" / "lock").exists()
    second.release()


def test_a_trailing_slash_is_no_other_dataset(tmp_path):
    run = RunSettings(dataset="photos/", output=str(tmp_path))
    assert run == RunSettings(dataset="photos", output=str(tmp_path))
    assert RunSettings(dataset="catsdogs/").dataset == "./catsdogs"  # a folder of that name
    assert RunSettings(dataset="./catsdogs").dataset == "./catsdogs"
    assert _differences({"dataset": "photos/"}, run) == ""  # of an earlier program
    assert _differences({}, run) == ""  # of another one
