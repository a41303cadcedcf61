"""Commands of the page to the trainer: text messages of JSON, each checked before it goes anywhere.

    size    {layers, image, classes}   shape, formula and parameters of each layer, and its Python;
                                       `image` is [height, width, channels], `classes` a number
    prepare {dataset, image_size}      load a dataset: classes, images, networks to begin with
    start   {dataset, layers, …}       build a network and load its data; it waits for `play`
            settings: those of `SETTINGS`; keep_weights: whether layers of the same name and shape
            go on with the weights of the network before
    play    {}                         train until something else is said
    pause   {}                         stop after the batch
    step    {batches}                  train so many batches, then pause
    set     {learning_rate, …}         change settings of `LIVE` at the next batch
    rewind  {}                         back to the same initial weights, paused
    cancel  {}                         forget the run
    save    {name}                     save the best epoch so far as a model; training goes on
    dissect {layer}                    one step in slow motion, while paused: an event `dissection`
    hardest {count}                    the training images with the largest loss, while paused
    drop    {positions}                train without these images, from the weights as they are
    wheel   {take}                     take the wheel if it is free, or let go of it
    snapshot {step}                    the weights after so many steps, as an event `snapshot/ID`

Each is `{"id", "command", …}`, and is answered by an event of the topic `answer` with `id`, `ok`
and, if it failed, `error`, `expected` and `fix`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from app.config import RunSettings
from app.errors import AppError
from app.references import is_reference
from app.setting import Range
from app.stack.stack import parse_stack
from app.web.errors import PublicError
from app.web.protocol import is_id, is_integer

SETTINGS = (
    "dataset", "epochs", "batch_size", "optimizer", "learning_rate", "weight_decay",
    "label_smoothing", "image_size", "augment", "seed", "limit",
)  # fmt: skip
# What a run changes without a new beginning, and the ranges.
LIVE = {
    "learning_rate": Range(0.0, 10.0, above=True),
    "weight_decay": Range(0.0, 10.0),
    "dropout": Range(0.0, 1.0, below=True),
    "strength": Range(0.0, 2.0),
}
MOST_IMAGES = 500
_LONGEST_TEXT = 500
_LARGEST_SIDE, _MOST_CLASSES = 4096, 10_000


@dataclass(frozen=True)
class Command:
    """A valid command.

    Attributes:
        id: What its answer repeats.
        kind: One of `COMMANDS`.
        values: Its values.
    """

    id: int | str
    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Return the command as the trainer reads it."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Command:
        """Return a command that `to_bytes` wrote."""
        return cls(**json.loads(content))


def parse_command(text: str) -> Command:
    """Return the command in a message of a client.

    Raises:
        PublicError: If it is none; its attribute `request_id` is what the answer repeats.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise PublicError("The message cannot be read.", "Expected a command as a JSON object.")
    command_id, kind = content.pop("id", None), content.pop("command", None)
    try:
        if not is_id(command_id):
            raise PublicError("The command has no usable id.", "Expected a number or a short text.")
        if not isinstance(kind, str) or kind not in COMMANDS:
            raise PublicError("The command is unknown.", f"Expected one of: {', '.join(COMMANDS)}.")
        return Command(command_id, kind, COMMANDS[kind](content))
    except AppError as error:
        public = PublicError(error.received, error.expected, error.fix)
        public.request_id = command_id if is_id(command_id) else None
        raise public from None


def _nothing(content: dict[str, Any]) -> dict[str, Any]:
    _only(content, ())
    return {}


def _size(content: dict[str, Any]) -> dict[str, Any]:
    _only(content, ("layers", "image", "classes"))
    parse_stack(content.get("layers"))
    image = content.get("image")
    if not isinstance(image, list) or len(image) != 3:
        raise PublicError("`image` has an unusable value.", "Expected height, width, channels.")
    shape = [_whole(side, "image", 1, _LARGEST_SIDE) for side in image]
    classes = _whole(content.get("classes"), "classes", 2, _MOST_CLASSES)
    return {"layers": content["layers"], "image": shape, "classes": classes}


def _prepare(content: dict[str, Any]) -> dict[str, Any]:
    _only(content, ("dataset", "image_size", "limit"))
    return {"settings": _settings(content)}


def _settings(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a run, checked as far as it goes without Keras and data."""
    settings = {name: content[name] for name in SETTINGS if content.get(name) is not None}
    for name, value in settings.items():
        wanted: tuple[type, ...] = _TYPES.get(name, (int, float))
        if not isinstance(value, wanted) or isinstance(value, bool) or not _is_short(value):
            raise PublicError(f"The setting '{name}' has an unusable value.", "Expected "
                              + ("a text." if wanted == (str,) else "a number."))  # fmt: skip
        if isinstance(value, str) and is_reference(value):
            # It would import a module that the page names.
            raise PublicError(f"The setting '{name}' names Python code.", "Expected a known name.")
    RunSettings(**settings)
    return settings


def _start(content: dict[str, Any]) -> dict[str, Any]:
    keep = content.get("keep_weights", False)
    _only(content, (*SETTINGS, "layers", "keep_weights"))
    if not isinstance(keep, bool):
        raise PublicError("`keep_weights` has an unusable value.", "Expected true or false.")
    settings = _settings(content)
    parse_stack(content.get("layers"))
    return {"settings": settings, "layers": content["layers"], "keep_weights": keep}


def _step(content: dict[str, Any]) -> dict[str, Any]:
    _only(content, ("batches",))
    return {"batches": _whole(content.get("batches", 1), "batches", 1, 100_000)}


def _set(content: dict[str, Any]) -> dict[str, Any]:
    _only(content, tuple(LIVE))
    if not content:
        raise PublicError("Nothing is set.", f"Expected any of: {', '.join(LIVE)}.")
    for name, value in content.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and math.isfinite(value) and LIVE[name].holds(value)):
            raise PublicError(f"'{name}' has an unusable value.", f"Expected {LIVE[name]}.")
    return {name: float(value) for name, value in content.items()}


def _dissect(content: dict[str, Any]) -> dict[str, Any]:
    _only(content, ("layer",))
    layer = content.get("layer")
    if not isinstance(layer, str) or not _is_short(layer):
        raise PublicError("No layer is named.", "Expected the name of a layer with a kernel.")
    return {"layer": layer}


def _save(content: dict[str, Any]) -> dict[str, Any]:
    _only(content, ("name",))
    name = content.get("name")
    if not isinstance(name, str) or not _is_short(name):
        raise PublicError("The model has no usable name.", "Expected a short text.")
    RunSettings(name=name)
    return {"name": name}


def _hardest(content: dict[str, Any]) -> dict[str, Any]:
    _only(content, ("count",))
    return {"count": _whole(content.get("count", 24), "count", 1, MOST_IMAGES)}


def _drop(content: dict[str, Any]) -> dict[str, Any]:
    _only(content, ("positions",))
    positions = content.get("positions")
    if not isinstance(positions, list) or not 0 < len(positions) <= MOST_IMAGES:
        raise PublicError("No images are named.", f"Expected up to {MOST_IMAGES} positions.")
    return {"positions": [_whole(one, "position", 0, 2**31) for one in positions]}


def _wheel(content: dict[str, Any]) -> dict[str, Any]:
    _only(content, ("take",))
    if not isinstance(content.get("take"), bool):
        raise PublicError("`take` has an unusable value.", "Expected true or false.")
    return {"take": content["take"]}


def _snapshot(content: dict[str, Any]) -> dict[str, Any]:
    _only(content, ("step",))
    return {"step": _whole(content.get("step"), "step", 0, 2**31)}


COMMANDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "size": _size,
    "prepare": _prepare,
    "start": _start,
    "play": _nothing,
    "pause": _nothing,
    "step": _step,
    "set": _set,
    "rewind": _nothing,
    "cancel": _nothing,
    "save": _save,
    "hardest": _hardest,
    "dissect": _dissect,
    "drop": _drop,
    "wheel": _wheel,
    "snapshot": _snapshot,
}
_TYPES: dict[str, tuple[type, ...]] = {
    "dataset": (str,), "augment": (str,), "optimizer": (str,), "epochs": (int,),
    "batch_size": (int,), "image_size": (int,), "seed": (int,), "limit": (int,),
}  # fmt: skip


def _only(content: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in content:
        if name not in names:
            raise PublicError(
                "The command does not take every one of these values.",
                f"Expected any of: {', '.join(names) or 'none'}.",
            )


def _whole(value: Any, name: str, low: int, high: int) -> int:
    if is_integer(value, low, high):
        return int(value)
    raise PublicError(
        f"'{name}' has an unusable value.", f"Expected a whole number from {low} to {high:,}."
    )


def _is_short(value: Any) -> bool:
    return not isinstance(value, str) or 0 < len(value) <= _LONGEST_TEXT
