"""`--watch`: one picture after every epoch, and an animation of them."""

import numpy as np
import pytest
from PIL import Image

from app.config import RunSettings
from app.errors import AppError
from app.training import snapshots
from app.training.listeners import Console
from app.training.run import train
from tests.reporters import RecordingReporter

pytestmark = pytest.mark.slow


def config(data, output, **settings):
    return RunSettings(**{
        "dataset": str(data), "model": "modern", "image_size": 32, "epochs": 2, "batch_size": 8,
        "augment": "none", "precision": "float32", "output": str(output), "name": "watched",
        "watch": str(data / "disc" / "0.png"), **settings,
    })  # fmt: skip


def test_train_watch_with_progressive_resizing_writes_pictures_and_animation(shapes, tmp_path):
    folder = tmp_path / "models" / "watched.watched"
    folder.mkdir(parents=True)
    (folder / "epoch-0009.png").write_bytes(b"of another run")
    reporter = RecordingReporter()
    growing = config(shapes, tmp_path / "models", start_size=16, epochs=3)
    outcome = train(growing, listeners=[Console(reporter)])
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["animation.gif", "epoch-0001.png", "epoch-0002.png", "epoch-0003.png"]
    with Image.open(folder / "animation.gif") as animation:
        assert animation.n_frames == 3
        assert animation.width == 800
    sizes = set()
    for name in names[1:]:
        with Image.open(folder / name) as picture:
            sizes.add(picture.size)
    assert len(sizes) == 1
    assert f"Watched: {folder / 'animation.gif'}." in reporter.lines
    assert "watch" not in outcome.card.configuration
    assert "--watch" not in outcome.card.command


def test_train_watch_does_not_change_the_history(shapes, tmp_path):
    """A dense network, which has neither maps nor Grad-CAM, with dropout and augmentation."""
    histories = []
    for name, watch in (("with", str(shapes / "disc" / "0.png")), ("without", None)):
        output = tmp_path / name
        settings = {"model": "dense", "dropout": 0.5, "augment": "lecture", "watch": watch}
        outcome = train(config(shapes, output, **settings), listeners=[])
        rows = (outcome.folder / "history.csv").read_text().splitlines()[1:]
        histories.append([[float(value) for value in row.split(",")[:5]] for row in rows])
    assert (tmp_path / "with" / "watched.watched" / "animation.gif").exists()
    assert not (tmp_path / "without" / "watched.watched").exists()
    np.testing.assert_allclose(histories[0], histories[1], rtol=1e-4)


def test_train_watch_missing_image_raises_before_training(shapes, tmp_path):
    reporter = RecordingReporter()
    with pytest.raises(AppError, match=r"--watch 'no.jpg' cannot be used"):
        train(config(shapes, tmp_path, watch="no.jpg"), listeners=[Console(reporter)])
    assert list(tmp_path.iterdir()) == [shapes]
    assert reporter.lines == []


def test_train_watch_unwritable_picture_warns_and_finishes(shapes, tmp_path, monkeypatch):
    def fail(figure, path):
        raise AppError("The disk is full.")

    monkeypatch.setattr(snapshots, "save", fail)
    reporter = RecordingReporter()
    outcome = train(
        config(shapes, tmp_path, model="dense", epochs=1),
        listeners=[Console(reporter)],
    )
    assert outcome.card.finished
    assert "--watch: The disk is full." in reporter.warnings
