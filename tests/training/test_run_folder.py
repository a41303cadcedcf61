"""The folder that a run claims, and the one that it resumes."""

import errno
import json
from dataclasses import asdict

import pytest

from app.config import RunSettings
from app.data.digits import load_digits
from app.errors import AppError
from app.training.checkpoint import Checkpoint, State
from app.training.events import Events
from app.training.plan import Plan, make_plan
from app.training.run_folder import claim_folder, different_settings

DIGITS = load_digits()


def plan(output, **changes) -> Plan:
    config = RunSettings(dataset="digits", recipe="fast", output=str(output), **changes)
    return make_plan(config, Events(), dataset=DIGITS)


def claim(run: Plan) -> Checkpoint:
    return claim_folder(run.folder, run.settings, run.fingerprints)


def state(run: Plan, epoch: int = 0) -> State:
    return State(run.settings, run.fingerprints, "float32", epoch=epoch)


def stopped_run(output, name, run) -> None:
    """Write what is left of a run that was stopped after its first epoch."""
    folder = output / f"{name}.unfinished"
    folder.mkdir(parents=True)
    (folder / "state.json").write_text(json.dumps(asdict(state(run, epoch=1))))


def claimed_name(run) -> str:
    checkpoint = claim(run)
    checkpoint.release()
    return checkpoint.model_folder.name


def test_claim_to_resume_finds_a_run_behind_free_names(tmp_path):
    run = plan(tmp_path)
    stopped_run(tmp_path, "digits-fast-10", plan(tmp_path, epochs=77))
    stopped_run(tmp_path, "digits-fast-9", run)
    stopped_run(tmp_path, "digits-fast-other", run)
    assert claimed_name(plan(tmp_path, resume=True)) == "digits-fast-9"
    assert (
        claimed_name(plan(tmp_path, resume=True, name="digits-fast-other")) == "digits-fast-other"
    )
    with pytest.raises(
        AppError, match=r"There is no unfinished run to resume in .*'digits-fast-9'"
    ):
        claim(plan(tmp_path, epochs=5, resume=True))


def test_release_without_a_finished_epoch_frees_the_name(tmp_path):
    run = plan(tmp_path)
    checkpoint = claim(run)
    checkpoint.start(state(run))
    checkpoint.release()
    assert not list(tmp_path.iterdir())
    assert claimed_name(run) == "digits-fast"


def test_claim_after_a_killed_first_epoch_takes_the_name(tmp_path):
    folder = tmp_path / "digits-fast.unfinished"
    folder.mkdir()
    (folder / "lock").touch()  # of a process that is gone
    assert claimed_name(plan(tmp_path)) == "digits-fast"


def test_claim_without_locks_avoids_a_started_run(tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(fcntl, "flock", unsupported)
    run = plan(tmp_path)
    checkpoint = claim(run)
    assert checkpoint.model_folder.name == "digits-fast"
    checkpoint.start(state(run))
    assert claimed_name(run) == "digits-fast-2"
    checkpoint.release()


def test_release_twice_does_not_unlock_the_next_run(tmp_path):
    first, second = (Checkpoint(tmp_path / "run.unfinished") for _ in range(2))
    assert first.claim()
    assert not second.claim()
    first.release()
    assert second.claim()
    first.release()
    assert (tmp_path / "run.unfinished" / "lock").exists()
    second.release()


def test_different_settings_ignores_a_trailing_slash(tmp_path):
    run = RunSettings(dataset="photos/", output=str(tmp_path))
    assert run == RunSettings(dataset="photos", output=str(tmp_path))
    assert RunSettings(dataset="catsdogs/").dataset == "./catsdogs"  # a folder of that name
    assert RunSettings(dataset="./catsdogs").dataset == "./catsdogs"
    current = {"dataset": run.dataset, "image_size": 28, "final_size": 28}
    # Written by earlier versions.
    assert different_settings({"dataset": "photos/"}, current) == ""
    assert different_settings({"image_size": 28}, current) == ""
    assert different_settings({"image_size": 32}, current) == (
        "image-size 32, not 28; final-size 32, not 28"
    )
