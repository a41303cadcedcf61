"""The Python of a stack makes the same network; presets are the networks that they are named by."""

import ast

import numpy as np
import pytest

from app.registries import MODELS
from app.stack.python_code import python_code
from app.stack.stack import parse_stack

EVERYTHING = [
    {"layer": "Rescaling", "low": -1.0},
    {"layer": "Cropping2D"},
    {"layer": "Conv2D", "filters": 4, "strides": 2, "padding": "same", "use_bias": False},
    {"layer": "BatchNormalization", "momentum": 0.9},
    {"layer": "Activation", "activation": "elu"},
    {"layer": "DepthwiseConv2D", "kernel_initializer": "he_normal", "activation": "linear"},
    {"layer": "ResidualBlock", "filters": 6, "residuals": 2},
    {"layer": "LocallyConnected2D", "filters": 5, "kernel_size": 2},
    {"layer": "MaxPooling2D", "pool_size": 2, "strides": 1},
    {"layer": "AveragePooling2D", "pool_size": 2, "strides": 1, "padding": "same"},
    {"layer": "L2NormPooling2D", "pool_size": 1, "strides": 1},
    {"layer": "GlobalAveragePooling2D"},
    {"layer": "Dropout", "rate": 0.25},
    {"layer": "Dense", "units": 7, "activation": "tanh"},
]


def _built(code: str, shape: tuple[int, int, int], classes: int):
    names = {}
    exec(compile(code, "my_network.py", "exec"), names)
    return names["build"](shape, classes, 0.5)


def _configurations(network):
    return [(type(layer).__name__, layer.get_config()) for layer in network.layers]


@pytest.mark.parametrize("layers", [EVERYTHING, [{"layer": "Rescaling"}, {"layer": "Flatten"}]])
def test_the_code_makes_the_same_network(layers):
    from app.stack.network import build_network

    stack = parse_stack(layers)
    code = python_code(stack)
    assert max(map(len, code.splitlines())) <= 120
    assert "``" not in code
    assert ast.get_docstring(ast.parse(code))
    network, same = build_network(stack, (20, 20, 1), 3), _built(code, (20, 20, 1), 3)
    assert _configurations(same) == _configurations(network)
    for one, other in zip(network.weights, same.weights, strict=True):
        assert one.shape == other.shape


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "classes"), [((28, 28, 1), 10), ((150, 150, 3), 2)])
def test_presets_are_the_networks_of_their_names(shape, classes):
    from app.models import build_model
    from app.stack.network import build_network
    from app.stack.presets import presets

    found = presets(shape, classes)
    missing = set(MODELS) - set(found)
    assert missing <= {"compact", *(["local"] if shape[2] == 3 else [])}
    images = np.random.default_rng(0).integers(0, 256, (2, *shape)).astype(np.float32)
    for name, stack in found.items():
        if name == "convnetjs":
            continue
        own, network = build_network(stack, shape, classes), build_model(name, shape, classes, 0.3)
        assert own.count_params() == network.count_params(), name
        own.set_weights(network.get_weights())
        np.testing.assert_allclose(own(images), network(images), atol=2e-6)
        assert [layer.output.shape for layer in own.layers] == [
            layer.output.shape for layer in network.layers
        ]


def test_the_network_of_convnetjs():
    """The demo on MNIST prints 24×24 → 8 maps → 12×12 → 16 maps → 4×4 → 10 classes."""
    from app.stack.presets import presets
    from app.stack.sizes import size_stack

    rows = size_stack(presets((24, 24, 1), 10)["convnetjs"], (24, 24, 1), 10)
    shapes = [row.shape for row in rows if row.kind in ("Conv2D", "MaxPooling2D")]
    assert shapes == [(24, 24, 8), (12, 12, 8), (12, 12, 16), (4, 4, 16)]
    assert rows[-1].parameters == 256 * 10 + 10
