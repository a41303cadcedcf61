"""Training with a user's network and listeners, and stopping it from another thread."""

import subprocess
import sys
import threading
from pathlib import Path

import keras
import pytest

from app.config import RunSettings
from app.errors import AppError
from app.storage.card import read_card
from app.training.events import Events, Listener, StopRequested
from app.training.run import train

ROOT = Path(__file__).parents[2]


def build_tiny(shape, num_classes, dropout):
    """A user's network."""
    return keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(4, 3, strides=2, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(num_classes, "softmax"),
        ]
    )


class Recording(Listener):
    """Remembers all events; stops after some epochs, if at all."""

    def __init__(self):
        self.names, self.rows, self.batches, self.figures = [], [], [], []
        self.stop = threading.Event()
        self.stopper = threading.Thread()

    def on_plan(self, plan):
        self.names.append("plan")
        self.plan = plan

    def on_fit_begin(self):
        self.names.append("fit begin")

    def on_batch(self, done, total):
        self.batches.append((done, total))

    def on_epoch(self, row):
        self.names.append("epoch")
        self.rows.append(dict(row))

    def on_figure(self, name, figure):
        self.figures.append((name, type(figure).__name__))

    def on_fit_end(self):
        self.names.append("fit end")

    def on_end(self, outcome):
        self.names.append("end")
        self.outcome = outcome

    def should_stop(self):
        return self.stop.is_set()


class StoppedByAThread(Recording):
    """Lets another thread ask for the stop, and waits until it has."""

    def on_epoch(self, row):
        super().on_epoch(row)
        if row["epoch"] == 2:
            self.stopper = threading.Thread(target=self.stop.set)
            self.stopper.start()
            self.stopper.join()


def config(data, output, **settings) -> RunSettings:
    return RunSettings(**{
        "dataset": str(data), "image_size": 16, "epochs": 3, "batch_size": 8, "augment": "none",
        "tta": False, "precision": "float32", "output": str(output), **settings,
    })  # fmt: skip


@pytest.mark.slow
def test_train_with_a_builder_reports_every_event(shapes, tmp_path, capsys):
    recording = Recording()
    outcome = train(config(shapes, tmp_path), build=build_tiny, listeners=[recording])
    assert recording.names == ["plan", "fit begin", *["epoch"] * 3, "fit end", "end"]
    assert recording.outcome is outcome
    assert recording.plan.dataset.class_names == outcome.card.class_names
    assert recording.batches == [(1, 3), (2, 3), (3, 3)] * 3
    assert [row["epoch"] for row in recording.rows] == [1, 2, 3]
    assert {row["epochs"] for row in recording.rows} == {3}
    assert recording.rows[-1]["seconds_left"] == 0
    assert recording.rows[0]["is_best"] == 1
    assert recording.figures == [("curves", "Figure")]
    columns = {"epochs", "is_best", "seconds_left"}
    assert {name for row in outcome.history for name in row}.isdisjoint(columns)
    assert outcome.folder.name == "shapes-test_events-build_tiny"
    assert outcome.card.finished
    reference = f"{build_tiny.__module__}:build_tiny"
    assert outcome.card.configuration["model"] == reference
    assert f"--model {reference}" in outcome.card.command
    model = keras.models.load_model(outcome.folder / "model.keras")
    assert model.count_params() == build_tiny((16, 16, 3), 3, 0.0).count_params()
    assert capsys.readouterr().out == ""  # nobody listens on the console


@pytest.mark.slow
def test_train_stopped_by_another_thread_keeps_the_best_and_resumes(shapes, tmp_path):
    recording = StoppedByAThread()
    run = config(shapes, tmp_path, epochs=6)
    stopped = train(run, build=build_tiny, listeners=[recording])
    assert len(recording.rows) == 2
    assert recording.batches[-1] == (1, 3)  # the batch after the request
    assert not stopped.card.finished
    assert stopped.test is None
    assert stopped.card.training["epochs"] == 2
    resumed = Recording()
    again = config(shapes, tmp_path, epochs=6, resume=True)
    outcome = train(again, build=build_tiny, listeners=[resumed])
    assert [row["epoch"] for row in resumed.rows] == [3, 4, 5, 6]
    assert outcome.card.finished
    assert len(outcome.history) == 6
    assert read_card(outcome.folder / "card.json") == outcome.card
    assert [path.name for path in tmp_path.iterdir() if path != shapes] == [
        "shapes-test_events-build_tiny"
    ]


def test_train_stopped_while_images_are_decoded_leaves_nothing(shapes, tmp_path):
    recording = Recording()
    recording.stop.set()
    with pytest.raises(AppError, match="before the first epoch") as caught:
        train(config(shapes, tmp_path / "models"), build=build_tiny, listeners=[recording])
    assert caught.value.status == 130
    assert recording.names == ["plan"]
    assert not list((tmp_path / "models").iterdir())


@pytest.mark.slow
def test_train_gives_the_callbacks_of_listeners_to_keras(shapes, tmp_path):
    class Learning(Listener):
        history = keras.callbacks.History()

        def callbacks(self):
            return [self.history]

    outcome = train(config(shapes, tmp_path), build=build_tiny, listeners=[Learning()])
    assert Learning.history.history["loss"] == [row["loss"] for row in outcome.history]


def test_progress_raises_when_a_listener_asks_to_stop():
    seen = []

    class Impatient(Listener):
        def on_progress(self, task, done, total, in_bytes):
            seen.append((task, done, total))

        def should_stop(self):
            return seen[-1][1] == 2

    with pytest.raises(StopRequested), Events([Impatient()]).progress("counting") as update:
        for done in range(5):
            update(done, 5)
    assert seen == [("counting", 0, 5), ("counting", 1, 5), ("counting", 2, 5), ("counting", 5, 5)]


def test_fitting_ends_for_every_listener_when_it_fails():
    first, second = Recording(), Recording()
    with pytest.raises(ZeroDivisionError), Events([first, second]).fitting():
        raise ZeroDivisionError
    assert first.names == second.names == ["fit begin", "fit end"]


def test_plan_imports_no_keras():
    code = "import sys, app.training.plan, app.training.run; sys.exit('keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0
