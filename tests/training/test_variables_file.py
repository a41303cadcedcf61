"""The values of a checkpoint, against networks that go on without one."""

import keras
import numpy as np
import pytest
from safetensors.numpy import save as safetensors_of

from app.config import RunSettings
from app.errors import AppError
from app.training.compile import Targets, compile_model
from app.training.plan import Optimization
from app.training.recipes import resolve
from app.training.variables_file import load_variables, save_variables


def network(optimizer):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.Input((6, 6, 1)), keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization(),
        keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(3, "softmax"),
    ])  # fmt: skip
    optimization = Optimization.of(resolve(RunSettings(optimizer=optimizer, learning_rate=0.02)))
    compile_model(model, optimization, Targets(3), steps=12)
    return model


def variables(model):
    return [*model.variables, *model.optimizer.variables]


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "rmsprop", "muon"])
def test_a_network_goes_on_as_if_it_had_not_stopped(tmp_path, optimizer):
    rng = np.random.default_rng(0)
    images, labels = rng.normal(size=(24, 6, 6, 1)), rng.integers(0, 3, 24)
    steps = {"batch_size": 8, "shuffle": False, "verbose": 0}
    whole = network(optimizer)
    whole.fit(images, labels, epochs=2, **steps)
    save_variables(tmp_path / "v.safetensors", variables(whole))
    other = network(optimizer)
    other.layers[0].kernel.assign(np.ones((3, 3, 1, 4)))
    load_variables(tmp_path / "v.safetensors", variables(other))
    for one, expected in zip(variables(other), variables(whole), strict=True):
        np.testing.assert_array_equal(one, expected)
    for model in (whole, other):
        model.fit(images, labels, epochs=2, **steps)  # dropout's random state is a variable, too
    for one, expected in zip(other.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(one, expected, rtol=1e-5, atol=1e-7)


def test_bfloat16_is_kept_exactly(tmp_path):
    value = keras.ops.cast(np.linspace(-3, 3, 7, dtype=np.float32), "bfloat16")
    one, other = (keras.Variable(start, dtype="bfloat16") for start in (value, 0 * value))
    save_variables(tmp_path / "v.safetensors", [one])
    load_variables(tmp_path / "v.safetensors", [other])
    assert keras.backend.standardize_dtype(other.dtype) == "bfloat16"
    np.testing.assert_array_equal(keras.ops.cast(other, "float32"), keras.ops.cast(one, "float32"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "header"),
        (b"{}" * 40, "header"),
        (safetensors_of({"0": np.zeros(2, np.float32)}), "1 of 2 variables are missing"),
        (safetensors_of({"a": np.zeros(2), "b": np.zeros(3)}), "2 of 2 variables are missing"),
        (safetensors_of({"0": np.zeros(2), "1": np.zeros(2)}), r"has the shape \(2,\), not \(3,\)"),
    ],
)
def test_damaged_and_foreign_files_change_nothing(tmp_path, content, problem):
    (tmp_path / "v.safetensors").write_bytes(content)
    given = [keras.Variable(np.ones(2)), keras.Variable(np.ones(3))]
    with pytest.raises(AppError, match=problem):
        load_variables(tmp_path / "v.safetensors", given)
    np.testing.assert_array_equal(given[0], np.ones(2))
