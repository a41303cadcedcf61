"""Commands: what is accepted, and what is refused with a reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.errors import PublicError
from app.web.training.commands import COMMANDS, Command, parse_command

LAYERS = [{"layer": "Flatten"}]


def parsed(**content):
    return parse_command(json.dumps({"id": 1, **content}))


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ({"command": "play"}, {}),
        ({"command": "step"}, {"batches": 1}),
        ({"command": "set", "dropout": 0}, {"dropout": 0.0}),
        ({"command": "save", "name": "mine"}, {"name": "mine"}),
        ({"command": "drop", "positions": [3]}, {"positions": [3]}),
        ({"command": "wheel", "take": True}, {"take": True}),
        (
            {"command": "start", "layers": LAYERS, "epochs": 2},
            {"settings": {"epochs": 2}, "layers": LAYERS, "keep_weights": False},
        ),
    ],
)  # fmt: skip
def test_a_command_is_read(content, values):
    command = parsed(**content)
    assert command == Command(1, content["command"], values)
    assert Command.from_bytes(command.to_bytes()) == command


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"command": "fly"}, "unknown"),
        ({"command": "play", "id": None}, "no usable id"),
        ({"command": "play", "id": True}, "no usable id"),
        ({"command": "play", "speed": 3}, "does not take"),
        ({"command": "step", "batches": 0}, "'batches'"),
        ({"command": "step", "batches": "many"}, "'batches'"),
        ({"command": "set"}, "Nothing is set"),
        ({"command": "set", "learning_rate": 0}, "'learning_rate'"),
        ({"command": "set", "dropout": True}, "'dropout'"),
        ({"command": "set", "strength": 1e999}, "'strength'"),
        ({"command": "save", "name": "../mine"}, "--name"),
        ({"command": "save", "name": ".mine"}, "--name"),
        ({"command": "save"}, "no usable name"),
        ({"command": "drop", "positions": []}, "No images"),
        ({"command": "drop", "positions": [-1]}, "'position'"),
        ({"command": "start", "layers": LAYERS, "dataset": "os:system"}, "names Python code"),
        ({"command": "start", "layers": LAYERS, "augment": "a.b:c"}, "names Python code"),
        ({"command": "start", "layers": LAYERS, "output": "/tmp"}, "does not take"),
        ({"command": "start", "layers": LAYERS, "epochs": 1.5}, "'epochs'"),
        ({"command": "start", "layers": LAYERS, "epochs": 0}, "--epochs"),
        ({"command": "start", "layers": [{"layer": "Lambda"}]}, "'Lambda'"),
        ({"command": "start"}, "no list of layers"),
        ({"command": "snapshot", "step": -1}, "'step'"),
    ],
)
def test_a_bad_command_is_refused(content, message):
    with pytest.raises(PublicError) as caught:
        parsed(**content)
    assert message in str(caught.value)
    assert caught.value.request_id == (1 if "id" not in content else None)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=9), x, max_size=3),
    max_leaves=8,
)  # fmt: skip
_NAMES = st.sampled_from(["batches", "learning_rate", "name", "positions", "take", "step", "layers",
                          "dataset", "epochs", "keep_weights", "count"])  # fmt: skip


@given(st.sampled_from(sorted(COMMANDS)), st.dictionaries(_NAMES, _JSON, max_size=4))
def test_whatever_comes_is_a_command_or_an_error(kind, values):
    try:
        command = parsed(command=kind, **values)
    except PublicError:
        return
    assert Command.from_bytes(command.to_bytes()).kind == kind


@given(st.text(max_size=40) | st.just("[" * 100_000))
def test_garbage_is_an_error(text):
    with pytest.raises(PublicError):
        parse_command(text)
