"""What is told of an optimizer's step adds up to the change of the weights."""

import numpy as np
import pytest

RATE, DECAY = 0.01, 0.05


@pytest.mark.parametrize("name", ["adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize("decay", [0.0, DECAY])
def test_the_parts_of_a_step_add_up_to_the_change(keras, name, decay):
    from app.training import optimizers
    from app.web.training.optimizer_step import step_arrays, step_facts

    random = np.random.default_rng(3)
    weights = [keras.Variable(random.normal(size=(3, 3, 1, 2)), name=f"w{k}") for k in range(2)]
    optimizer = getattr(optimizers, name)(RATE, decay)
    optimizer.build(weights)
    for _ in range(5):
        gradients = [random.normal(size=(3, 3, 1, 2)).astype(np.float32) for _ in weights]
        before = keras.ops.convert_to_numpy(weights[1])
        optimizer.apply(gradients, weights)
    change = keras.ops.convert_to_numpy(weights[1]) - before
    facts, arrays = step_facts(optimizer), step_arrays(optimizer, 1)
    rate, gradient = facts["learning_rate"], gradients[1]
    step = {
        "adamw": lambda: -rate * arrays["average"] / arrays["spread"],
        "sgd": lambda: facts["memory"][0] * arrays["velocity"] - rate * gradient,
        "rmsprop": lambda: -rate * gradient / arrays["spread"],
    }[name]()
    np.testing.assert_allclose(change, step - rate * facts["weight_decay"] * before, atol=1e-6)
    assert (facts["optimizer"].lower(), facts["weight_decay"]) == (name, pytest.approx(decay))
    assert rate == pytest.approx(RATE)
    if name == "adamw":  # the step may have the sign of this gradient: earlier ones count, too
        assert (np.sign(step) == np.sign(gradient)).any()
