"""Saving with tf_keras, and comparing what was opened with it."""

import warnings
from pathlib import Path

import keras
import numpy as np

from app.keras2.model_files import load_keras2_model
from tests.keras2.random_weights import randomize


def save(model, path: Path) -> Path:
    """Save a model of tf_keras, which advises against its own format."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save(path)
    return path


def assert_outputs(loaded, inputs, expected, atol: float = 1e-5) -> None:
    """Compare outputs, whatever their structure, relative to the largest above 1."""
    found = keras.tree.flatten(loaded(inputs, training=False))
    for one, wanted in zip(found, keras.tree.flatten(expected), strict=True):
        one, wanted = keras.ops.convert_to_numpy(one), np.asarray(wanted)
        scale = max(1.0, float(np.abs(wanted).max()))
        np.testing.assert_allclose(one, wanted, rtol=0, atol=atol * scale)


def assert_same(model, inputs, path: Path, atol: float = 1e-5, rewrite=None) -> keras.Model:
    """Save a model of tf_keras, open it without a warning, and compare the outputs."""
    randomize(model)
    expected = model(inputs, training=False)
    save(model, path)
    if rewrite is not None:
        path = rewrite(path, path.with_stem("rewritten"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = load_keras2_model(path)
    assert_outputs(loaded, inputs, expected, atol)
    return loaded
