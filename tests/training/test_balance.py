"""Runs on classes of different sizes."""

import keras
import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from app.cli.train import main
from app.config import RunSettings
from app.errors import AppError
from app.storage.card import read_card
from app.storage.folder import read_history
from app.training.balanced_accuracy import BalancedAccuracy
from app.training.run import train


@pytest.mark.parametrize("num_classes", [2, 4])
def test_balanced_accuracy_is_that_of_scikit_learn(num_classes):
    rng = np.random.default_rng(0)
    labels = rng.choice(num_classes, 90, p=[0.7, 0.3] if num_classes == 2 else [0.6, 0.3, 0.1, 0])
    units = 1 if num_classes == 2 else num_classes
    outputs = rng.uniform(size=(90, units)).astype(np.float32)
    predicted = (outputs[:, 0] > 0.5).astype(int) if units == 1 else outputs.argmax(axis=1)
    keep = predicted != 3  # scikit-learn warns of predicted classes that do not occur
    labels, outputs, predicted = labels[keep], outputs[keep], predicted[keep]
    expected = balanced_accuracy_score(labels, predicted)
    soft = labels.astype(np.float32) if units == 1 else np.eye(4, dtype=np.float32)[labels]
    for targets in (labels, labels[:, None], soft):
        metric = BalancedAccuracy(num_classes)
        for start in range(0, len(labels), 20):
            some = slice(start, start + 20)
            metric.update_state(targets[some], outputs[some], sample_weight=np.ones(1))
        assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


def unbalanced(shapes):
    for number in range(4, 12):
        (shapes / "disc" / f"{number}.png").unlink()
    return shapes


def settings(data, output, **changes):
    return RunSettings(
        **{
            "dataset": str(data), "model": "dense", "image_size": 16, "epochs": 2, "batch_size": 8,
            "learning_rate": 3e-3, "augment": "mixup=0.2", "precision": "float32",
            "output": str(output), "name": "m", "deterministic": True, **changes,
        }
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "classes"), [("auto", 3), ("weights", 3), ("weights", 2), ("none", 2)]
)
def test_train_unbalanced_selects_by_balanced_accuracy(shapes, tmp_path, method, classes):
    data = unbalanced(shapes)
    if classes == 2:
        (data / "down").rename(tmp_path / "elsewhere")
    outcome = train(settings(data, tmp_path / "models", balance=method), listeners=[])
    card = read_card(outcome.folder / "card.json")
    assert card.configuration["balance"] == method
    assert card.training["balance"] == {"auto": "sampling"}.get(method, method)
    assert card.training["selected_by"] == "balanced accuracy"
    assert card.metrics["validation"]["balanced_accuracy"] == outcome.validation.balanced_accuracy
    rows = read_history(outcome.folder / "history.csv")
    best = max(rows, key=lambda row: (row["val_balanced_accuracy"], -row["val_loss"]))
    assert best["epoch"] == card.training["best_epoch"]
    assert best["val_balanced_accuracy"] == pytest.approx(outcome.validation.balanced_accuracy)


@pytest.mark.slow
def test_train_resumed_with_sampling_is_the_uninterrupted_run(shapes, tmp_path):
    from tests.training.test_run import StopIn

    data = unbalanced(shapes)
    whole = train(settings(data, tmp_path / "a"), listeners=[])
    train(settings(data, tmp_path / "b"), listeners=[StopIn(2)])
    resumed = train(settings(data, tmp_path / "b", resume=True), listeners=[])
    one, other = (keras.models.load_model(o.folder / "model.keras") for o in (whole, resumed))
    for ours, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
def test_train_one_image_against_many_warns_and_says_what_is_done(shapes, tmp_path, capsys):
    for name, count in (("across", 3), ("disc", 1), ("down", 1)):
        for split in ("train", "validation", "test"):
            place = shapes / split / name
            place.mkdir(parents=True)
            for number in range(count if split == "train" else 1):
                pixels = (shapes / name / f"{number}.png").read_bytes()
                for copy in range(30 if name == "across" and split == "train" else 1):
                    (place / f"{number}-{copy}.png").write_bytes(pixels)
    command = [
        "--dataset", str(shapes), "--model", "dense", "--image-size", "16", "--epochs", "1",
        "--precision", "float32", "--output", str(tmp_path / "models"), "--name", "m",
    ]  # fmt: skip
    assert main(command) == 0
    captured = capsys.readouterr()
    assert "imbalanced: 90 of 'across', 1 of 'disc'" in captured.out
    assert "Each epoch samples all classes alike (--balance sampling)." in captured.out
    assert "the 1 training images of 'disc' is repeated 31 times" in captured.err


def test_balance_unknown_name_lists_the_known_ones():
    with pytest.raises(AppError, match="auto, none, weights, sampling"):
        RunSettings(balance="sample")
