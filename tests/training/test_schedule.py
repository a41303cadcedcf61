import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import RunConfig
from app.training.compilation import compile_model
from app.training.recipes import resolve
from app.training.schedule import WarmUpCosine


@given(
    st.floats(1e-5, 1.0),
    st.integers(1, 50),
    st.integers(1, 200),
    st.floats(0.0, 1.0),
)
def test_the_rates_are_those_of_keras(rate, warm_up, decay, alpha):
    settings = {
        "initial_learning_rate": rate / 10,
        "decay_steps": decay,
        "alpha": alpha,
        "warmup_target": rate,
        "warmup_steps": warm_up,
    }
    ours, theirs = WarmUpCosine(**settings), keras.optimizers.schedules.CosineDecay(**settings)
    steps = sorted({0, warm_up - 1, warm_up, warm_up + 1, warm_up + decay, warm_up + decay + 7})
    np.testing.assert_allclose(
        [float(keras.ops.convert_to_numpy(ours(step))) for step in steps],
        [float(keras.ops.convert_to_numpy(theirs(step))) for step in steps],
        rtol=1e-5,
        atol=1e-6 * rate,
    )


def test_a_schedule_survives_saving():
    schedule = WarmUpCosine(0.01, 90, warmup_target=0.1, warmup_steps=10)
    again = WarmUpCosine.from_config(schedule.get_config())
    assert float(again(55)) == float(schedule(55))


@pytest.mark.parametrize("missing", [{}, {"warmup_target": 0.1}, {"warmup_steps": 3}])
def test_without_a_warm_up_it_is_refused_at_once(missing):
    with pytest.raises(ValueError, match="at least one step"):
        WarmUpCosine(0.01, 90, **missing)


def test_networks_are_compiled_with_it_and_their_optimiser_is_built():
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    config = resolve(RunConfig(dataset="mnist"))
    compile_model(network, config, num_classes=2, steps=10, soft=False)
    assert network.optimizer.built
    assert isinstance(network.optimizer._learning_rate, WarmUpCosine)
