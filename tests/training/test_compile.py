import keras
import numpy as np
import pytest
import sklearn.metrics as sk

from app.config import RunSettings
from app.training.compile import (
    Targets,
    compile_model,
    soft_binary_accuracy,
    subset_accuracy,
    training_targets,
)
from app.training.plan import Optimization
from app.training.recipes import resolve


def test_training_targets():
    labels = np.array([0, 2, 1])
    assert training_targets(labels, 3, soft=False) is labels
    np.testing.assert_array_equal(training_targets(labels, 3, soft=True), np.eye(3)[labels])
    np.testing.assert_array_equal(training_targets(np.array([0, 1]), 2, soft=True), [0.0, 1.0])


def test_the_larger_share_counts():
    shares = np.array([[0.7], [0.2], [1.0], [0.0]], np.float32)
    answers = np.array([[0.9], [0.4], [0.4], [0.6]], np.float32)
    found = keras.ops.convert_to_numpy(soft_binary_accuracy(shares, answers))
    np.testing.assert_array_equal(found, [1, 1, 0, 0])


@pytest.mark.slow
def test_a_network_learns_from_shares():
    images = np.repeat([0.0, 1.0], 8).reshape(16, 1).astype(np.float32)
    shares = np.where(images > 0.5, 0.8, 0.1).astype(np.float32)[:, 0]
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, "sigmoid")])
    optimization = Optimization.of(resolve(RunSettings(learning_rate=0.5)))
    compile_model(model, optimization, Targets(2, soft=True), steps=60)
    history = model.fit(images, shares, epochs=60, batch_size=16, verbose=0).history
    assert history["accuracy"][-1] == 1
    assert model.evaluate(images, shares, verbose=0, return_dict=True)["accuracy"] == 1


@pytest.mark.slow
def test_any_number_of_labels_are_independent_decisions():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(40, 3)).astype(np.float32)
    labels = inputs[:, :2] > 0
    targets = training_targets(labels, 2, soft=False)
    assert targets.dtype == np.float32
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, "sigmoid")])
    optimization = Optimization.of(resolve(RunSettings(learning_rate=0.3)))
    compile_model(model, optimization, Targets(2, multi_label=True), steps=40)
    history = model.fit(inputs, targets, epochs=40, batch_size=40, verbose=0).history
    assert history["accuracy"][-1] > history["accuracy"][0]
    found = model.evaluate(inputs, targets, verbose=0, return_dict=True)
    outputs = model.predict(inputs, verbose=0)
    np.testing.assert_allclose(found["accuracy"], sk.accuracy_score(labels, outputs > 0.5))
    losses = [sk.log_loss(labels[:, k], outputs[:, k].astype(float)) for k in range(2)]
    np.testing.assert_allclose(found["loss"], np.mean(losses), rtol=1e-4)
    mixed = 0.7 * targets + 0.3 * targets[::-1]
    right = keras.ops.convert_to_numpy(subset_accuracy(mixed, targets))
    np.testing.assert_array_equal(right, 1)
