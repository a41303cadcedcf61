"""Out-of-fold probabilities of a linear classifier on the features of a saved model.

The model computes the features of every image once; a logistic regression is fitted without each
fold, and predicts it. A model that was trained on the images would remember their labels, so that
of its own dataset the test images alone can be checked.
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from app.classifier.inspected_model import InspectedModel
from app.data.dataset import SPLIT_NAMES, Dataset, Split
from app.data.folds import stratified
from app.data.pixels import DecodedSplit
from app.data.registry import normal_dataset
from app.errors import AppError
from app.insight.embedding import hidden_features
from app.reporting import SILENT, Reporter

_INVERSE_PENALTY = 1e-3  # many features, and some labels wrong
_MOST_STEPS = 1_000


def unseen_images(
    model: InspectedModel, data: Dataset, dataset: str, reporter: Reporter = SILENT
) -> Split:
    """Return the images that a model was not trained on.

    Its own images are known by the name of the dataset, or by the names and sizes of the files, so
    also in a copied folder; they are not recognized where they were packed into shards later.

    Args:
        model: Model with a card; of one without a card, nothing is known.
        data: Dataset.
        dataset: Its name or folder.
        reporter: Reporter for messages.

    Raises:
        AppError: If the dataset is the model's own, and its test images have changed.
    """
    card = model.card
    if card is None:
        reporter.warning(
            f"note: {model.name} has no card: if it was trained on these images, it remembers "
            "their labels, and wrong ones are not found."
        )
    elif (
        normal_dataset(card.dataset) == normal_dataset(dataset)
        or card.fingerprints.get("train") == data.train.fingerprint()
    ):
        if card.fingerprints.get("test") != data.test.fingerprint():
            raise AppError(
                f"'{model.name}' was trained on '{dataset}', whose test images have changed since.",
                "Expected a model that was not trained on the images: it would remember their "
                "labels.",
                "Leave out --from.",
            )
        reporter.warning(
            f"note: {model.name} was trained on {dataset}: only the {len(data.test):,} test images "
            "are checked, which it has not seen."
        )
        return data.test
    return Split.concatenate([data.split(name) for name in SPLIT_NAMES])


def linear_probabilities(
    model: InspectedModel, decoded: DecodedSplit, folds: int, reporter: Reporter = SILENT
) -> np.ndarray:
    """Return out-of-fold probabilities `(N, K)`; classes count alike, whatever their sizes.

    Args:
        model: Model that was not trained on the images.
        decoded: `N` images of the model's size; at least as many of each class as there are folds.
        folds: Number of folds.
        reporter: Reporter for progress.
    """
    with reporter.progress(f"computing features with {model.name}") as update:
        features = hidden_features(model, decoded.images, update)
    classifier = make_pipeline(
        StandardScaler(),
        LogisticRegression(C=_INVERSE_PENALTY, class_weight="balanced", max_iter=_MOST_STEPS),
    )
    labels = decoded.examples.labels
    divided = stratified(labels, folds)
    return cross_val_predict(classifier, features, labels, cv=divided, method="predict_proba")
