"""Whole training runs on a small folder of images."""

import csv
import json
import os
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from app.cli.train import build_parser
from app.config import RunSettings, settings
from app.data.batches import Batches
from app.errors import AppError
from app.storage.card import read_card
from app.storage.folder import read_history
from app.training.events import Events, Listener
from app.training.listeners import Console
from app.training.plan import make_plan
from app.training.recipes import resolve
from app.training.run import train
from app.training.run_folder import claim_folder
from app.training.summary import Outcome
from app.training.variables_file import save_variables
from tests.conftest import latin_1, write_shapes
from tests.reporters import RecordingReporter

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def config(data, output, **changes) -> RunSettings:
    return replace(
        RunSettings(
            dataset=str(data), model="dense", image_size=16, epochs=3, batch_size=8,
            learning_rate=3e-3, augment="lecture", dropout=0.3, precision="float32",
            output=str(output),
        ),
        **changes,
    )  # fmt: skip


class StopIn(Listener):
    """Stops in the first batch of an epoch, counted from 1."""

    def __init__(self, epoch: int):
        self.epoch = 1
        self.last = epoch
        self.asked = False

    def on_epoch(self, row):
        self.epoch = row["epoch"] + 1

    def on_batch(self, done, total):
        self.asked = self.epoch == self.last

    def should_stop(self):
        return self.asked


def quietly(run: RunSettings, *listeners: Listener):
    reporter = RecordingReporter()
    outcome = train(run, listeners=[Console(reporter), *listeners])
    return outcome, reporter.lines, reporter.warnings


def claim(run: RunSettings, dataset=None):
    plan = make_plan(run, Events(), dataset=dataset)
    return claim_folder(plan.folder, plan.settings, plan.fingerprints)


def command(data, output, *flags) -> list[str]:
    return [
        sys.executable, str(ROOT / "train.py"), "--dataset", str(data), "--output", str(output),
        "--model", "modern", "--image-size", "16", "--batch-size", "8", "--augment", "lecture",
        "--dropout", "0.3", "--precision", "float32", "--deterministic", "--seed", "1", *flags,
    ]  # fmt: skip


def weights(folder: Path) -> list[np.ndarray]:
    return keras.models.load_model(folder / "model.keras").get_weights()


@dataclass(frozen=True)
class FinishedRun:
    """A finished run of three epochs, what it printed and its parent folder; read only."""

    outcome: Outcome
    lines: list[str]
    warnings: list[str]
    models: Path

    @property
    def folder(self) -> Path:
        return self.models / "shapes-modern"

    def history(self) -> list[dict[str, float]]:
        with (self.folder / "history.csv").open() as file:
            return [
                {name: float(value or 0) for name, value in row.items()}
                for row in csv.DictReader(file)
            ]


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> FinishedRun:
    root = tmp_path_factory.mktemp("finished")
    models = root / "models"
    run = config(write_shapes(root / "shapes"), models, model="modern")
    return FinishedRun(*quietly(run), models)


def test_train_writes_the_files_of_a_model(finished):
    assert finished.outcome.folder == finished.folder
    assert sorted(p.name for p in finished.folder.iterdir()) == [
        "card.json", "curves.png", "history.csv", "model.keras", "model.tflite",
    ]  # fmt: skip
    assert [p.name for p in finished.models.iterdir()] == ["shapes-modern"]


def test_train_card_has_the_outcome(finished):
    card = read_card(finished.folder / "card.json")
    assert card == finished.outcome.card
    assert card.class_names == ("across", "disc", "down")
    assert card.finished
    assert card.metrics["test"]["accuracy"] == finished.outcome.test.accuracy
    assert card.images == {"train": 24, "validation": 6, "test": 6}
    assert "differs from Keras by" in card.twin


def test_train_small_splits_warn(finished):
    assert len(finished.warnings) == 2
    assert all("only 6" in warning for warning in finished.warnings)


def test_train_command_of_the_card_gives_its_settings(finished):
    card = finished.outcome.card
    words = shlex.split(card.command)
    parsed = build_parser().parse_args(words[words.index("train.py") + 1 :])
    repeated = resolve(RunSettings(**{s.name: getattr(parsed, s.name) for s in settings()}))
    assert repeated.model_settings() == {
        name: card.configuration[name] for name in repeated.model_settings()
    }


def test_train_prints_a_line_per_epoch(finished):
    assert sum("/3 " in line for line in finished.lines) == 3


def test_train_history_has_a_row_per_epoch_and_marks_the_best(finished):
    rows = finished.history()
    best_epoch = finished.outcome.card.training["best_epoch"]
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert [row["epoch"] for row in rows if row["saved"]] == [best_epoch]


def test_train_saves_the_epoch_of_the_best_validation_accuracy(finished):
    card = finished.outcome.card
    best = max(finished.history(), key=lambda row: (row["val_accuracy"], -row["val_loss"]))
    assert best["epoch"] == card.training["best_epoch"]
    assert card.metrics["validation"]["accuracy"] == pytest.approx(best["val_accuracy"])


def test_train_card_has_no_absolute_path(shapes, tmp_path, monkeypatch):
    monkeypatch.chdir(shapes.parent)
    outcome, _, _ = quietly(config("shapes", tmp_path / "models", epochs=1))
    assert str(tmp_path) not in (outcome.folder / "card.json").read_text()


def test_train_same_seed_gives_the_same_weights(shapes, tmp_path):
    first, _, _ = quietly(config(shapes, tmp_path / "a", model="modern", epochs=1))
    second, _, _ = quietly(config(shapes, tmp_path / "b", model="modern", epochs=1))
    other, _, _ = quietly(config(shapes, tmp_path / "c", model="modern", epochs=1, seed=5))
    for a, b in zip(weights(first.folder), weights(second.folder), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
    assert any(
        not np.allclose(a, b, atol=1e-2)
        for a, b in zip(weights(first.folder), weights(other.folder), strict=True)
    )


def test_train_unreadable_image_is_skipped_and_listed(shapes, tmp_path):
    (shapes / "disc" / "3.png").write_text("no image")
    outcome, _, warnings = quietly(config(shapes, tmp_path / "models", epochs=1))
    assert outcome.card.skipped == 1
    assert "disc/3.png" in (outcome.folder / "skipped.csv").read_text()
    assert any("Skipped 1 of 36" in warning for warning in warnings)
    assert (shapes / "disc" / "3.png").exists()


def test_train_file_names_not_in_utf_8(shapes, tmp_path):
    (shapes / "disc" / latin_1("Müll.png")).write_text("no image")
    outcome, _, warnings = quietly(config(shapes, tmp_path / latin_1("ü"), epochs=1))
    assert r"disc/M\udcfcll.png" in (outcome.folder / "skipped.csv").read_text("utf-8")
    assert r"disc/M\udcfcll.png" in "".join(warnings)
    with pytest.raises(AppError, match="UTF-8"):
        config(shapes, tmp_path, name=latin_1("ü"))
    with pytest.raises(AppError, match="cannot be written"):
        quietly(config(shapes.rename(tmp_path / latin_1("ä")), tmp_path / "models"))


def test_train_tta_without_other_views_warns(shapes, tmp_path):
    run = config(shapes, tmp_path / "models", epochs=1, image_size=40, augment="none", tta=True)
    _, _, warnings = quietly(run)
    assert any("--tta changes nothing" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("changes", "best"),
    [({"tta": True}, 6), ({"tta": True, "precision": "bfloat16"}, 6), ({"tta": False}, 1)],
)
def test_train_tta_compares_the_best_and_the_last_epoch(
    shapes, tmp_path, monkeypatch, changes, best
):
    from app.figures.training_curves import training_curves as curves
    from app.training import finalize

    def with_a_lucky_first(plan, checkpoint, inputs, events, **others):
        for path in checkpoint.folder.glob("best-*"):
            path.unlink()
        untrained = plan.build()
        save_variables(checkpoint.best_variables(1), untrained.variables)
        checkpoint._write_state(replace(checkpoint.read(), best_epoch=1, best_accuracy=1.0))
        return finish(plan, checkpoint, inputs, events, **others)

    finish = finalize.finalize
    monkeypatch.setattr(finalize, "finalize", with_a_lucky_first)
    titles = []
    monkeypatch.setattr(
        "app.training.finalize.training_curves",
        lambda history, title, saved: (
            titles.append((title, saved)) or curves(history, title, saved)
        ),
    )
    run = config(shapes, tmp_path / "m", model="modern", epochs=6, augment="none", **changes)
    outcome, lines, _ = quietly(run)
    assert outcome.card.training["best_epoch"] == best
    # The terminal, the history, the picture and the text of the report name the same epoch.
    rows = read_history(outcome.folder / "history.csv")
    assert [row["epoch"] for row in rows if row["saved"]] == [best]
    starred = [line for line in lines if "*" in line]
    if changes["tta"]:
        assert starred[-1].startswith("  6/6     saved: val. acc. ")
        assert "(mean of 5 views; epoch 1: " in starred[-1]
        chosen = "epoch 6 of 6 (mean of 5 views; epochs 1 and 6 compared)"
    else:
        assert not any("saved:" in line for line in lines)
        chosen = "epoch 1 of 6"
    assert outcome.card.saved_epoch == chosen
    ((title, saved),) = titles
    assert chosen in title
    assert f"{outcome.validation.accuracy:.2%}" in title
    assert (saved["epoch"], saved["accuracy"]) == (best, outcome.validation.accuracy)
    accuracy = outcome.card.metrics["validation"]["accuracy"]
    assert accuracy > 0.6 if best == 6 else accuracy < 0.6


def test_train_streams_from_disk(shapes, tmp_path):
    outcome, lines, _ = quietly(config(shapes, tmp_path / "models", epochs=1, cache="stream"))
    assert outcome.card.finished
    assert any("streamed from disk" in line for line in lines)


def test_train_early_stopping_ends_the_run(shapes, tmp_path):
    run = config(shapes, tmp_path / "m", epochs=30, early_stopping=1, learning_rate=1e-9)
    outcome, lines, _ = quietly(run)
    assert outcome.card.training["epochs"] < 30
    assert outcome.card.finished
    assert any("No better epoch" in line for line in lines)


def test_train_limit_takes_as_many_of_each_class(shapes, tmp_path):
    outcome, _, _ = quietly(config(shapes, tmp_path / "m", epochs=1, limit=6))
    assert outcome.card.images["train"] == 6


def test_train_mixed_images(shapes, tmp_path):
    outcome, _, _ = quietly(config(shapes, tmp_path / "m", epochs=2, augment="strong"))
    assert outcome.card.finished
    assert outcome.card.configuration["augment"] == "strong"


def test_train_augment_auto_saves_its_ranges(shapes, tmp_path):
    outcome, _, _ = quietly(config(shapes, tmp_path / "m", augment="auto"))
    with (outcome.folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    assert {name for name in rows[0] if name.startswith("range_")} >= {"range_rotation"}
    assert (outcome.folder / "ranges.png").stat().st_size > 10_000


def test_train_refuses_an_unknown_augmentation_before_reading(tmp_path):
    with pytest.raises(AppError, match="'lektion'"):
        quietly(config(tmp_path / "no data", tmp_path / "m", augment="lektion"))


def test_train_bfloat16_saves_float32(shapes, tmp_path):
    outcome, _, _ = quietly(
        config(shapes, tmp_path / "m", model="modern", epochs=1, precision="bfloat16")
    )
    model = keras.models.load_model(outcome.folder / "model.keras")
    assert {layer.dtype_policy.name for layer in model.layers} == {"float32"}
    assert outcome.card.training["precision"] == "bfloat16"


def test_train_resumed_run_keeps_the_measured_precision(shapes, tmp_path, monkeypatch):
    from app.training import start

    asked = []

    def choose(name, *_others):
        asked.append(name)
        return "bfloat16", "measured"

    monkeypatch.setattr(start, "choose_precision", choose)
    run = config(shapes, tmp_path / "m", epochs=2, precision="auto")
    stopped, lines, _ = quietly(run, StopIn(2))
    assert "Precision: bfloat16; measured." in lines
    assert "--precision bfloat16" in stopped.card.command
    outcome, _, _ = quietly(replace(run, resume=True))
    assert asked == ["dense"]  # the resumed run keeps the choice
    assert outcome.card.training["precision"] == "bfloat16"
    assert outcome.card.configuration["precision"] == "auto"


def test_train_resumed_after_a_kill_gives_the_same_model(shapes, tmp_path):
    """Killed without warning, resumed: history and weights as of a run that was never stopped."""
    flags = ("--epochs", "4", "--start-size", "12")
    whole = subprocess.run(
        command(shapes, tmp_path / "whole", *flags), capture_output=True, text=True, check=False
    )
    assert whole.returncode == 0, whole.stderr

    victim = subprocess.Popen(
        command(shapes, tmp_path / "killed", *flags),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    for line in victim.stdout:
        if line.lstrip().startswith("2/4"):
            os.kill(victim.pid, signal.SIGKILL)
            break
    victim.stdout.close()
    assert victim.wait() == -signal.SIGKILL
    unfinished = tmp_path / "killed" / "shapes-modern.unfinished"
    state = json.loads((unfinished / "state.json").read_text())
    assert 2 <= state["epoch"] < 4
    assert len(read_history(unfinished / "history.csv")) >= state["epoch"]

    resumed = subprocess.run(
        command(shapes, tmp_path / "killed", *flags, "--resume"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert resumed.returncode == 0, resumed.stderr
    assert f"Resuming after epoch {state['epoch']}" in resumed.stdout
    assert not unfinished.exists()
    one, other = (tmp_path / name / "shapes-modern" for name in ("whole", "killed"))
    timing = ("seconds", "images_per_second")
    histories = [
        [
            {k: v for k, v in row.items() if k not in timing}
            for row in read_history(f / "history.csv")
        ]
        for f in (one, other)
    ]
    assert histories[0] == histories[1]
    for a, b in zip(weights(one), weights(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_train_interrupted_saves_the_best_epoch(shapes, tmp_path):
    process = subprocess.Popen(
        command(shapes, tmp_path / "models", "--model", "dense", "--epochs", "500"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in process.stdout:
        if line.lstrip().startswith("2/500"):
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "--resume" in err
    assert "Traceback" not in err
    folder = tmp_path / "models" / "shapes-dense"
    card = read_card(folder / "card.json")
    assert not card.finished
    assert card.metrics["test"] is None
    assert card.metrics["validation"] is not None
    assert (tmp_path / "models" / "shapes-dense.unfinished" / "state.json").exists()


def test_drop_later_rows_of_a_history_with_missing_rows(tmp_path):
    from app.training.checkpoint import Checkpoint, State

    checkpoint = Checkpoint(tmp_path)
    checkpoint._write_state(State({}, {}, "float32", epoch=2))
    checkpoint._append({"epoch": 1, "loss": 0.5})
    with pytest.raises(AppError, match="has 1 whole rows") as caught:
        checkpoint.drop_later_rows()
    assert "--overwrite" in caught.value.fix
    checkpoint._append({"epoch": 2, "loss": 0.4})
    checkpoint._append({"epoch": 3, "loss": 0.3})
    checkpoint.drop_later_rows()
    assert [row["epoch"] for row in read_history(tmp_path / "history.csv")] == [1, 2]


def test_train_interrupted_while_saving_can_be_resumed(shapes, tmp_path, monkeypatch):
    run = config(shapes, tmp_path / "models", epochs=1)

    def stop(*_arguments, **_keywords):
        raise KeyboardInterrupt

    reporter = RecordingReporter()
    with monkeypatch.context() as patch:
        patch.setattr("app.storage.saving.write_history", stop)
        with pytest.raises(KeyboardInterrupt):
            train(run, listeners=[Console(reporter)])
    assert "repeat the command with --resume" in reporter.warnings[-1]
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["shapes-dense.unfinished"]
    outcome, _, _ = quietly(replace(run, resume=True))
    assert outcome.card.finished


@pytest.mark.parametrize(("side", "warned"), [(40, False), (60, False), (64, True)])
def test_make_plan_image_size_above_the_images_warns(shapes, side, warned):
    from app.data.folder import load_folder

    reporter = RecordingReporter()
    events = Events([Console(reporter)])
    make_plan(
        RunSettings(dataset=str(shapes), image_size=side), events, dataset=load_folder(shapes)
    )
    assert bool(reporter.warnings) == warned
    if warned:
        assert "at most 40 pixels" in reporter.warnings[0]
        assert "3 times as long" in reporter.warnings[0]


def test_train_stopped_repeat_keeps_the_finished_model(shapes, tmp_path, monkeypatch):
    run = config(shapes, tmp_path / "models", epochs=2)
    before, _, _ = quietly(run)
    old = (before.folder / "model.keras").read_bytes()

    with pytest.raises(AppError, match="finished model, which stays") as caught:
        quietly(run, StopIn(2))
    assert caught.value.status == 130
    assert (before.folder / "model.keras").read_bytes() == old
    assert read_card(before.folder / "card.json").finished


def test_claim_folder_two_runs_get_two_names(shapes, tmp_path):
    run = config(shapes, tmp_path / "models")
    first, second = claim(run), claim(run)
    assert first.model_folder.name == "shapes-dense"
    assert second.model_folder.name == "shapes-dense-2"
    with pytest.raises(AppError, match="another process"):
        claim(replace(run, name="shapes-dense"))
    first.release()
    second.release()
    assert not list((tmp_path / "models").iterdir())


@pytest.mark.parametrize("name", [None, "mine", "mine-standin"])
def test_claim_folder_stand_in_is_in_the_name(tmp_path, name):
    from app.data.digits import load_digits

    dataset = replace(load_digits(), name="mnist", stand_in=True)
    checkpoint = claim(RunSettings(name=name, output=str(tmp_path)), dataset)
    checkpoint.release()
    assert checkpoint.model_folder.name == ("mine-standin" if name else "mnist-modern-standin")


def test_train_overwrite_refuses_a_folder_without_model(shapes, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(AppError, match="is no saved model") as caught:
        quietly(config(shapes, tmp_path, name="thesis", overwrite=True))
    assert "--overwrite" not in caught.value.fix
    assert (tmp_path / "thesis" / "chapter.txt").exists()


@pytest.mark.parametrize(
    ("precision", "fix"),
    [("float32", "lower --learning-rate"), ("bfloat16", "or --precision float32")],
)
def test_recorder_loss_not_finite_is_an_error(tmp_path, precision, fix):
    from app.training.callbacks.recorder import Recorder
    from app.training.checkpoint import Checkpoint, State

    checkpoint = Checkpoint(tmp_path)
    checkpoint.start(State({}, {}, precision))
    batches = Batches(np.zeros((8, 9, 9, 1), np.uint8), np.arange(8) % 2, 4, sides=[9] * 3)
    recorder = Recorder(checkpoint, batches, None, Events())
    logs = {"accuracy": 0.5, "loss": float("nan"), "val_accuracy": 0.5, "val_loss": 0.7}
    with pytest.raises(AppError, match=fix):
        recorder.on_epoch_end(0, logs)
    assert checkpoint.read().epoch == 0
    assert not checkpoint.history()


def test_train_refuses_a_limit_below_the_number_of_classes(shapes, tmp_path):
    with pytest.raises(AppError, match="3 classes"):
        quietly(config(shapes, tmp_path, limit=2))


def test_train_full_disk_keeps_the_old_model_and_can_be_resumed(shapes, tmp_path, monkeypatch):
    """While the folder is written the disk fills up: the old model stays, the run can go on."""
    run = config(shapes, tmp_path / "models", epochs=1)
    before, _, _ = quietly(run)
    old = (before.folder / "model.keras").read_bytes()

    def full(*_arguments, **_keywords):
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr("app.storage.saving.write_history", full)
        with pytest.raises(AppError, match="No space left") as caught:
            quietly(run)
    assert caught.value.status == 1
    assert (before.folder / "model.keras").read_bytes() == old
    assert sorted(p.name for p in (tmp_path / "models").iterdir()) == [
        "shapes-dense", "shapes-dense.unfinished",
    ]  # fmt: skip
    resumed, _, _ = quietly(replace(run, resume=True))
    assert resumed.card.finished


def test_train_refuses_an_output_that_is_no_folder(shapes, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(AppError, match="is a file"):
        quietly(config(shapes, tmp_path / "file"))
    with pytest.raises(AppError, match="Cannot write"):
        quietly(config(shapes, tmp_path / "file" / "below"))


def test_train_refuses_tensorboard_that_is_not_installed(shapes, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(AppError, match="pip install"):
        quietly(config(shapes, tmp_path / "m", tensorboard=True))
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda values: values | {"0": np.zeros((1, 2), np.float32)}, r"shape \(1, 2\), not"),
        (lambda values: dict(list(values.items())[:3]), "11 of 14 variables are missing"),
        (None, "cannot be read"),
    ],
)
def test_train_resume_refuses_a_checkpoint_of_another_version(
    shapes, tmp_path, monkeypatch, change, reason
):
    run = config(shapes, tmp_path, model="dense", epochs=1)

    def stopped(*_arguments, **_keywords):
        raise AppError("Stopped.")

    with monkeypatch.context() as patch:
        patch.setattr("app.training.finalize.finalize", stopped)
        with pytest.raises(AppError, match="Stopped"):
            quietly(run)
    (last,) = tmp_path.glob("shapes-dense.unfinished/last-*.safetensors")
    if change is None:
        last.write_bytes(last.read_bytes()[:-100])
    else:
        save_file(change(load_file(last)), last)
    with pytest.raises(AppError, match=reason) as caught:
        quietly(replace(run, resume=True))
    assert "--overwrite" in str(caught.value)
    assert last.exists()
