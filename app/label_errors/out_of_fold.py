"""Out-of-fold probabilities: each image is predicted by a network that was not trained on it.

The images are divided into stratified folds (`app.data.folds`). For each fold, a network is trained
on the others from new weights, and predicts the fold after its last epoch, so that the labels of
the fold choose nothing. The result of a fold is kept in a file, with which an interrupted check
goes on.
"""

from __future__ import annotations

import time
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from app.augmentation.tta import mean_over_views, views_of
from app.config import RunSettings
from app.data.dataset import Split
from app.data.folds import stratified
from app.files import atomic_file
from app.reporting import SILENT, Reporter, format_duration
from app.training.recipes import resolve
from app.training.small_run import SmallRun, probabilities_of


@dataclass(frozen=True)
class OutOfFold:
    """How images are predicted out of fold.

    Attributes:
        settings: Settings of each fold's training.
        class_names: Names of the classes.
        folds: Number of folds.
        store: Folder of the files with the results of folds.
    """

    settings: RunSettings
    class_names: tuple[str, ...]
    folds: int
    store: Path

    def probabilities(self, images: Split, reporter: Reporter = SILENT) -> np.ndarray:
        """Return the probabilities `(N, K)` of images in memory.

        Args:
            images: `(N, H, W, C)` images of the size of the settings; at least as many of each
                class as there are folds.
            reporter: Reporter for messages and progress.
        """
        key = f"{images.fingerprint()} {self.folds} {resolve(self.settings).model_settings()}"
        found = np.zeros((len(images), len(self.class_names)), np.float32)
        for number, (training, held_out) in enumerate(stratified(images.labels, self.folds), 1):
            path = self.store / f"fold-{number}-of-{self.folds}.npz"
            kept = _read(path, key)
            began = time.monotonic()
            if kept is None:
                kept = self.predicted(images.take(training), images.pixels[held_out])
                with atomic_file(path) as temporary, temporary.open("wb") as file:
                    np.savez(file, key=np.array(key), probabilities=kept)
            found[held_out] = kept
            right = (kept.argmax(axis=1) == images.labels[held_out]).mean()
            reporter.info(
                f"Fold {number} of {self.folds}: {right:.1%} of {len(held_out):,} labels are "
                f"predicted ({format_duration(time.monotonic() - began)})."
            )
        return found

    def predicted(self, training: Split, images: np.ndarray) -> np.ndarray:
        """Return the probabilities `(M, K)` that a network trained on other images predicts.

        Args:
            training: `(N, H, W, C)` images with labels.
            images: `(M, H, W, C)` images to predict.
        """
        config = resolve(self.settings)
        network, _ = SmallRun(self.settings, self.class_names).train(training)
        views = views_of(asdict(config), images.shape[1:3])
        return mean_over_views(lambda batch: probabilities_of(network, batch), images, views)


def _read(path: Path, key: str) -> np.ndarray | None:
    """Return the result of a fold; `None` if there is none of these images and settings."""
    try:
        with np.load(path) as stored:
            return stored["probabilities"] if str(stored["key"]) == key else None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
