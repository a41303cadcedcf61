"""A run on one fold, which leaves the test images alone."""

import pytest

from app.classifier import load
from app.config import RunSettings
from app.errors import AppError
from app.evaluate import evaluate
from app.training.run import train
from tests.reporters import RecordingReporter


@pytest.mark.slow
def test_run_on_a_fold_is_not_tested_and_its_card_knows_the_fold(shapes, tmp_path):
    settings = RunSettings(
        dataset=str(shapes), model="dense", image_size=16, epochs=1, augment="none",
        precision="float32", fold="2/3", output=str(tmp_path), name="fold",
    )  # fmt: skip
    outcome = train(settings, listeners=[], test=False)
    card = outcome.card
    assert card.finished
    assert card.metrics["test"] is None
    assert card.images["validation"] == pytest.approx(card.images["train"] / 2, abs=2)
    assert "--fold 2/3" in card.command
    reporter = RecordingReporter()
    found = evaluate(load(outcome.folder, raw=True), split="validation", reporter=reporter)
    assert found.evaluation.accuracy == pytest.approx(card.metrics["validation"]["accuracy"])
    assert not reporter.warnings  # the images are those of the card


def test_fold_that_does_not_exist_is_refused():
    with pytest.raises(AppError, match="--fold is '6/5'"):
        RunSettings(fold="6/5")
