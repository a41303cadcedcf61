"""Sizes and parameters of stacks, against Keras."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import AppError
from app.stack.kinds import KINDS
from app.stack.sizes import size_stack
from app.stack.stack import parse_stack, stack_to_json


def description(kind: str) -> st.SearchStrategy:
    values = {}
    for name, argument in KINDS[kind].arguments.items():
        if isinstance(argument.default, bool):
            values[name] = st.booleans()
        elif argument.names:
            values[name] = st.sampled_from(argument.names)
        elif isinstance(argument.default, float):
            values[name] = st.floats(0.1, 0.9)
        else:
            values[name] = st.integers(1, 4)
    return st.fixed_dictionaries({"layer": st.just(kind)}, optional=values)


DESCRIPTIONS = st.sampled_from(sorted(KINDS)).flatmap(description)


def stacks():
    """Return random stacks, of which many do not fit."""
    maps = st.lists(DESCRIPTIONS.filter(lambda one: KINDS[one["layer"]].of_maps), max_size=4)
    return maps.map(lambda layers: [*layers, {"layer": "Flatten"}])


@settings(max_examples=40)
@given(stacks(), st.integers(4, 16), st.integers(1, 3), st.integers(2, 5))
def test_sizes_are_those_of_keras(layers, side, channels, classes):
    from app.stack.network import build_network, stack_of

    stack = parse_stack(layers)
    rows = size_stack(stack, (side, side + 1, channels), classes)
    if any(row.problem for row in rows):
        with pytest.raises(AppError):
            build_network(stack, (side, side + 1, channels), classes)
        return
    network = build_network(stack, (side, side + 1, channels), classes)
    for row, layer in zip(rows, network.layers, strict=True):
        assert (None, *row.shape) == tuple(layer.output.shape), row
        assert row.parameters == layer.count_params(), row
        assert row.name == layer.name or row is rows[-1]
    assert stack_of(network) == stack


@given(st.lists(DESCRIPTIONS, max_size=6))
def test_a_stack_survives_json(layers):
    stack = parse_stack(layers)
    assert parse_stack(stack_to_json(stack)) == stack
    assert len({layer.name for layer in stack}) == len(stack)


def test_the_numbers_of_the_lecture():
    """Slides: 32×32×3 with ten 5×5 filters, padding 2: 760 weights; shared and not shared."""
    layers = [{"layer": "Conv2D", "filters": 10, "kernel_size": 5, "padding": "same"}]
    (row, *_) = size_stack(parse_stack([*layers, {"layer": "Flatten"}]), (32, 32, 3), 10)
    assert (row.shape, row.parameters, row.shared) == ((32, 32, 10), 760, 760)
    assert row.unshared == 32 * 32 * 760
    strided = [{"layer": "Conv2D", "filters": 96, "kernel_size": 11, "strides": 4}]
    (row, *_) = size_stack(parse_stack(strided), (227, 227, 3), 2)
    assert row.shape == (55, 55, 96)
    assert row.formula == "(227 − 11 + 2·0) / 4 + 1 = 55"


@pytest.mark.parametrize(
    ("layers", "number", "problem"),
    [
        ([{"layer": "Conv2D", "kernel_size": 9}], 0, "A window of 9×9 does not fit on 8×8."),
        ([{"layer": "Flatten"}, {"layer": "Conv2D"}], 1, "This layer needs maps"),
        ([{"layer": "Dense"}], 0, "This layer needs a vector"),
        ([{"layer": "Conv2D"}], 1, "This layer needs a vector"),
        ([{"layer": "Cropping2D", "cropping": 4}], 0, "Nothing is left of 8×8."),
        (
            [{"layer": "Flatten"}, *[{"layer": "Dense", "units": 4096}] * 4],
            2, "The network would have",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_where_it_stands(layers, number, problem):
    rows = size_stack(parse_stack(layers), (8, 8, 1), 10)
    assert [bool(row.problem) for row in rows].index(True) == number
    assert rows[number].problem.startswith(problem)
    assert rows[number].fix


def test_less_pooling_is_advised_only_where_something_has_reduced_the_image():
    wide = {"layer": "Conv2D", "kernel_size": 50}
    first = size_stack(parse_stack([wide]), (28, 28, 1), 10)[0]
    assert first.fix == "Use up to 28×28 or padding 'same'."
    later = size_stack(parse_stack([{"layer": "MaxPooling2D"}, wide]), (28, 28, 1), 10)[1]
    assert later.fix == "Use up to 14×14 or padding 'same', or less pooling before."


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("Conv2D", "no list of layers"),
        ([{"layer": "Conv2d"}], "Did you mean 'Conv2D'"),
        ([{"layer": "Lambda"}], "is of the kind 'Lambda'"),
        ([{"filters": 3}], "is of the kind None"),
        ([{"layer": "Conv2D", "filters": 0}], "filters is 0"),
        ([{"layer": "Conv2D", "filters": True}], "filters is True"),
        ([{"layer": "Conv2D", "filters": 1.5}], "filters is 1.5"),
        ([{"layer": "Conv2D", "activation": "exec"}], "activation is 'exec'"),
        ([{"layer": "Conv2D", "use_bias": 1}], "use_bias is 1"),
        ([{"layer": "Dropout", "rate": 1.0}], "rate is 1.0"),
        ([{"layer": "Dropout", "rate": float("nan")}], "rate is nan"),
        ([{"layer": "Flatten", "units": 3}], "'units' is no argument"),
        ([{"layer": "Flatten"}] * 65, "65 layers"),
    ],
)
def test_a_bad_stack_is_refused(layers, message):
    with pytest.raises(AppError, match=r".*".join(message.split())):
        parse_stack(layers)
