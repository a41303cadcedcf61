import keras
import numpy as np
import pytest

from app.config import RunSettings
from app.training.compile import Targets, compile_model
from app.training.optimizers import SGD, AdamW, Muon, RMSprop, muon
from app.training.plan import Optimization
from app.training.recipes import resolve
from tests.layers.references import array

CosineDecay = keras.optimizers.schedules.CosineDecay
SETTINGS = {
    "SGD": {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    "AdamW": {"weight_decay": 0.05},
    "RMSprop": {"weight_decay": 0.01},
}


class Counted(CosineDecay):
    """Says how often it was asked."""

    asked = 0

    def __call__(self, step):
        self.asked += 1
        return super().__call__(step)


def schedule(kind=CosineDecay):
    return kind(0.01, 20, warmup_target=0.1, warmup_steps=5)


def trained(optimizer):
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(5, "relu"), keras.layers.Dense(1)]
    )
    network.compile(optimizer=optimizer, loss="mse")
    optimizer.build(network.trainable_variables)
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(96, 4)), rng.normal(size=(96, 1))
    network.fit(inputs, targets, batch_size=8, epochs=1, shuffle=False, verbose=0)
    return network


@pytest.mark.parametrize("rate", [schedule, lambda: 0.01], ids=["cosine", "constant"])
@pytest.mark.parametrize("ours", [SGD, AdamW, RMSprop])
def test_they_change_weights_as_keras_s_do(ours, rate):
    settings = SETTINGS[ours.__name__]
    theirs = getattr(keras.optimizers, ours.__name__)
    one = trained(ours(rate(), **settings))
    other = trained(theirs(rate(), **settings))
    for weight, expected in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-5, atol=1e-7)


def test_a_step_asks_for_the_rate_once_and_not_once_per_weight():
    counts = []
    for kind in (AdamW, keras.optimizers.AdamW):
        rate = schedule(Counted)
        trained(kind(rate, **SETTINGS["AdamW"]))
        counts.append(rate.asked)
    ours, theirs = counts
    assert ours >= 1
    assert theirs == 5 * ours  # once for the update, and for each of four weights


def test_between_steps_the_rate_is_the_next_one_s():
    network = trained(SGD(schedule()))
    expected = schedule()(12)
    assert float(array(network.optimizer.learning_rate)) == pytest.approx(float(array(expected)))
    constant = SGD(0.5)
    constant.learning_rate = 0.25
    assert float(array(constant.learning_rate)) == 0.25


def test_a_step_that_fails_leaves_no_rate_behind():
    network = trained(SGD(schedule()))
    with pytest.raises(ValueError):  # noqa: PT011 - Keras's own
        network.optimizer.apply([np.zeros(3)])
    assert network.optimizer._rate is None


@pytest.mark.parametrize(
    ("name", "kind"), [("adamw", AdamW), ("sgd", SGD), ("rmsprop", RMSprop), ("muon", Muon)]
)
def test_networks_are_compiled_with_them_and_a_warm_up(name, kind):
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    config = resolve(RunSettings(dataset="mnist", optimizer=name))
    compile_model(network, Optimization.of(config), Targets(2), steps=40)
    assert type(network.optimizer) is kind
    assert network.optimizer.built
    rates = [float(array(network.optimizer._learning_rate(step))) for step in (0, 2, 4, 22, 40)]
    highest = config.learning_rate
    # Linear from a tenth during the first tenth of the steps, then half a cosine.
    expected = [highest / 10, 0.55 * highest, highest, highest / 2, 0]
    np.testing.assert_allclose(rates, expected, atol=1e-6 * highest)


def updated(optimizer, start, gradients):
    variable = keras.Variable(start)
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
    return array(variable)


def test_muon_of_a_kernel_is_keras_s_muon_of_its_matrix():
    rng = np.random.default_rng(0)
    start, *gradients = rng.normal(size=(4, 3, 3, 4, 5)).astype(np.float32)
    settings = {"weight_decay": 0.05, "adam_weight_decay": None, "adam_beta_2": 0.99, "ns_steps": 3}
    found = updated(muon(0.1, 0.05), start, gradients)
    expected = updated(
        keras.optimizers.Muon(0.1, **settings),
        start.reshape(-1, 5),
        [one.reshape(-1, 5) for one in gradients],
    )
    np.testing.assert_allclose(found.reshape(-1, 5), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("shape", [(4, 3), (6,)])
def test_muon_of_other_weights_is_adam(shape):
    rng = np.random.default_rng(1)
    start, *gradients = rng.normal(size=(4, *shape)).astype(np.float32)
    found = updated(muon(0.1, 0.05), start, gradients)
    expected = updated(keras.optimizers.Adam(0.1, beta_2=0.99), start, gradients)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_muon_makes_an_update_that_is_nearly_orthogonal():
    kernel = np.random.default_rng(2).normal(size=(3, 3, 16, 8)).astype(np.float32)
    near = array(Muon(0.1).zeropower_via_newtonschulz5(keras.ops.convert_to_tensor(kernel), 5))
    singular = np.linalg.svd(near.reshape(-1, 8), compute_uv=False)
    assert 0.6 < singular.min() <= singular.max() < 1.3  # Keras's coefficients do not converge to 1
