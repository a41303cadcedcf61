"""The test images, used for the runs of the selected setting alone, once each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.classifier import load
from app.config import RunSettings
from app.data.registry import default_data_dir
from app.evaluate import evaluate
from app.files import atomic_file
from app.metrics import Evaluation
from app.references import is_reference
from app.reporting import Reporter
from app.storage.card import read_card
from app.storage.folder import CARD


def metrics_of(found: Evaluation) -> dict[str, float]:
    """Return what a card holds of an evaluation."""
    return {
        "accuracy": found.accuracy,
        "balanced_accuracy": found.balanced_accuracy,
        "loss": found.loss,
    }


def test_models(folders: Sequence[Path], base: RunSettings, reporter: Reporter) -> None:
    """Evaluate finished runs on the test images, and write the results on their cards.

    Args:
        folders: Folders of the saved models.
        base: Settings of all runs.
        reporter: Reporter for messages and progress.

    Raises:
        AppError: If a model or the test images cannot be read.
    """
    # A card must not decide which code runs; the user's command may.
    dataset = base.dataset if is_reference(base.dataset) else None
    data_dir = Path(base.data_dir) if base.data_dir else default_data_dir()
    for number, folder in enumerate(folders, 1):
        reporter.info(f"Test images, for the selected setting: {number} of {len(folders)} …")
        found = evaluate(
            load(folder, raw=True), dataset=dataset, split="test", data_dir=data_dir,
            reporter=reporter,
        ).evaluation  # fmt: skip
        card = read_card(folder / CARD)
        test = metrics_of(found)
        with atomic_file(folder / CARD) as path:
            replace(card, metrics={**card.metrics, "test": test}).write(path)
