"""The runs of a trainer, one after the other: each is `train`, as `train.py` calls it."""

from __future__ import annotations

import json
import shutil
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from app.config import RunSettings
from app.data.dataset import Dataset
from app.data.registry import DATASETS
from app.errors import AppError
from app.stack.network import build_network
from app.stack.stack import parse_stack
from app.training.run import train
from app.training.summary import Outcome
from app.web.errors import INTERNAL, error_json
from app.web.training.commands import Command
from app.web.training.control import Abandoned, Control
from app.web.training.live import Live
from app.web.training.mailbox import Event
from app.web.training.prepare import prepare
from app.web.training.process import Folders
from app.web.training.saving import NETWORK, keep_model


class _Ended(NamedTuple):
    request: _Request
    outcome: Outcome
    weights: Mapping[str, Sequence[np.ndarray]]


@dataclass
class _Request:
    """What a `start` asked for, and what happened to it since.

    Attributes:
        command: The `start`.
        weights: Weights to begin with, by layer; those of other layers or shapes are new.
        dataset: Dataset in the place of the one that the command names.
        resume: Whether the run goes on after its last finished epoch.
    """

    command: Command
    weights: Mapping[str, Sequence[np.ndarray]] = field(default_factory=dict)
    dataset: Dataset | None = None
    resume: bool = False


class Runs:
    """Trains what it is told to.

    Args:
        control: Commands of the page.
        send: Called with each event.
        folders: Where it reads and writes.
    """

    def __init__(self, control: Control, send: Callable[[Event], None], folders: Folders):
        self._control = control
        self._send = send
        self._folders = folders
        self._number = 0
        self._ended: _Ended | None = None  # the run that came to its end
        self._known: dict[str, dict[str, Any]] = {}  # what was prepared

    def work(self) -> None:
        """Train what is asked for, one run after the other."""
        self._send(Event("state", {"state": "idle"}))
        request: _Request | None = None
        while True:
            if request is None:
                command = self._control.next()
                if command.kind == "prepare":
                    self._answer(command, self._prepared(command))
                    continue
                request = self._begun(command)
            if request is not None:
                request = self._run(request)

    def _begun(self, command: Command) -> _Request | None:
        """Return what begins with a command while nothing trains."""
        if command.kind == "start":
            ended = self._ended.weights if self._ended and command.values["keep_weights"] else {}
            self._answer(command, {"kept": sorted(ended)})
            return _Request(command, ended)
        if self._ended is None or command.kind not in ("save", "rewind"):
            error = {"error": "Nothing trains.", "fix": "Start a network first."}
            self._answer(command, error)
            return None
        request, outcome, _ = self._ended
        if command.kind == "save":
            self._save(command, request, outcome)
            return None
        self._answer(command, {})
        return replace(request, resume=False)

    def _prepared(self, command: Command) -> dict[str, Any]:
        """Return what the page has to know of a dataset before a network is chosen."""
        values = command.values["settings"]
        key = json.dumps(values, sort_keys=True)
        if key in self._known:
            return self._known[key]
        try:
            prepared = prepare(self._settings(values), self._send)
        except AppError as error:
            return error_json(error)
        finally:
            self._send(Event("progress", {"task": "", "done": 0, "total": 0}))
        if values.get("dataset") in DATASETS:  # a folder may change
            self._known[key] = prepared
        return prepared

    def _settings(self, values: Mapping[str, Any], **further: Any) -> RunSettings:
        return RunSettings(
            **values, schedule="constant", precision="float32", deterministic=True, tta=False,
            data_dir=self._folders.data_dir, output=str(self._folders.scratch), **further,
        )  # fmt: skip

    def _answer(self, command: Command, values: Mapping[str, Any]) -> None:
        self._send(Event.answer(command, values))

    def _run(self, request: _Request) -> _Request | None:
        """Train until the end or another command; return what comes next."""
        if not request.resume:
            self._number += 1
            self._control.stop()
            shutil.rmtree(self._folders.scratch, ignore_errors=True)  # of runs that are over
        self._ended = None
        live = Live(self._number, self._control, self._send, self._answer, self._prepared)
        self._send(Event("state", {"state": "loading"}))
        try:
            outcome = self._train(request, live)
        except Abandoned as end:
            return self._after(request, end.command, live)
        except AppError as error:
            self._failed(live, error_json(error))
            return None
        except Exception:
            traceback.print_exc(file=sys.stderr)
            self._failed(live, error_json(INTERNAL))
            return None
        if live.to_save is None:
            self._ended = _Ended(request, outcome, _weights(live.model))
            self._send(Event("state", {"state": "ended"}))
            return None
        self._save(live.to_save, request, outcome)
        return replace(request, resume=True)

    def _train(self, request: _Request, live: Live) -> Outcome:
        values = request.command.values
        stack = parse_stack(values["layers"])
        settings = self._settings(
            values["settings"], name=f"run-{self._number}", resume=request.resume
        )

        def build(shape: tuple[int, int, int], classes: int, _: float) -> keras.Model:
            network = build_network(stack, shape, classes)
            _begin_with(request.weights, network)
            return network

        # What the card says of it is true of the file that is saved next to it.
        build.__module__, build.__name__ = Path(NETWORK).stem, "build"
        return train(settings, build=build, listeners=[live], dataset=request.dataset)

    def _after(self, request: _Request, command: Command, live: Live) -> _Request | None:
        """Return what follows a run that was left."""
        if command.kind == "start":
            weights = _weights(live.model) if command.values["keep_weights"] else {}
            self._answer(command, {"kept": sorted(weights)})
            return _Request(command, weights)
        if command.kind == "rewind":
            self._answer(command, {})
            return replace(request, resume=False)
        if command.kind == "drop":
            left = live.dataset_without(command.values["positions"])
            self._answer(command, {"images": len(left.train)})
            return _Request(request.command, _weights(live.model), left)
        self._answer(command, {})
        self._send(Event("state", {"state": "idle"}))
        return None

    def _failed(self, live: Live, error: dict[str, Any]) -> None:
        if live.to_save is not None:
            self._answer(live.to_save, error)
        self._send(Event("state", {"state": "failed", **error}))

    def _save(self, command: Command, request: _Request, outcome: Outcome) -> None:
        stack = parse_stack(request.command.values["layers"])
        try:
            keep_model(outcome.folder, self._folders.models / command.values["name"], stack)
        except AppError as error:
            self._answer(command, error_json(error))
        else:
            facts = {"epoch": outcome.card.training["best_epoch"]}
            facts |= {"accuracy": outcome.validation.accuracy}
            self._answer(command, {"name": command.values["name"], **facts})


def _weights(network: keras.Model) -> dict[str, list[np.ndarray]]:
    return {layer.name: layer.get_weights() for layer in network.layers if layer.weights}


def _begin_with(weights: Mapping[str, Sequence[np.ndarray]], network: keras.Model) -> None:
    """Give layers the weights of layers of the same name, where all shapes agree."""
    for layer in network.layers:
        given = weights.get(layer.name, ())
        if [array.shape for array in given] == [one.shape for one in layer.get_weights()]:
            layer.set_weights(given)
