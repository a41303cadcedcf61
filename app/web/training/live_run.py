"""The run of a server, those who watch it, and the one of them who steers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from app.data.registry import DATASETS
from app.registries import AUGMENTATIONS, OPTIMIZERS
from app.stack.kinds import kinds_to_json
from app.stack.python_code import python_code
from app.stack.sizes import size_stack
from app.stack.stack import parse_stack
from app.web.child import Child
from app.web.errors import PublicError, error_json
from app.web.training import process
from app.web.training.commands import Command
from app.web.training.history import History
from app.web.training.mailbox import Event

# What settings of a run may be called by, and what datasets hold whose names do not say it.
NAMES = {
    "dataset": list(DATASETS),
    "about": {name: source.description for name, source in DATASETS.items()},
    "optimizer": list(OPTIMIZERS), "augment": list(AUGMENTATIONS),
}  # fmt: skip
_ALONE_SECONDS = 60.0  # without a viewer, training pauses
_DESERTED_SECONDS = 1800.0  # then the process ends


class Watcher(Protocol):
    """Who watches a run."""

    def put(self, event: Event) -> None:
        """Take an event, to be sent as soon as there is time."""


class LiveRun:
    """One run at a time, many viewers, one of whom steers.

    All methods belong to one event loop.

    Args:
        models_folder: Folder in which models are saved.
        data_dir: Folder of the datasets.
        main: Function that the process of the trainer runs, as `app.web.training.process.run`.
        patience: Seconds without a viewer before training pauses, and before the process ends.

    Attributes:
        on_saved: Called with the folder of each saved model, before the viewer hears of it.
    """

    def __init__(
        self,
        models_folder: Path,
        data_dir: Path,
        *,
        main: Callable[[Connection, str, str], None] = process.run,
        patience: tuple[float, float] = (_ALONE_SECONDS, _DESERTED_SECONDS),
    ):
        arguments = (str(models_folder), str(data_dir))
        self._child = Child("trainer", main, arguments, self._receive, self._report_end)
        self._models_folder = models_folder
        self._history = History()
        self.on_saved: Callable[[Path], Awaitable[None]] | None = None
        self._saving: asyncio.Future[None] | None = None
        self._watchers: dict[Watcher, None] = {}
        self._driver: Watcher | None = None
        self._asked: dict[int, tuple[Watcher, int | str]] = {}
        self._number = 0
        self._patience = patience
        self._alone: asyncio.Task[None] | None = None

    @property
    def process_id(self) -> int | None:
        """Number of the trainer's process, if it runs."""
        return self._child.process_id

    def join(self, watcher: Watcher) -> None:
        """Let someone watch: what has happened so far comes first."""
        if self._alone is not None:
            self._alone.cancel()
            self._alone = None
        self._child.start()
        watcher.put(Event("kinds", {"kinds": kinds_to_json(), "names": NAMES}))
        for event in self._history.events():
            watcher.put(event)
        self._watchers[watcher] = None
        self._tell_who_drives()

    def leave(self, watcher: Watcher) -> None:
        """Forget a viewer; who steered lets go of the wheel."""
        self._watchers.pop(watcher, None)
        self._asked = {n: asked for n, asked in self._asked.items() if asked[0] is not watcher}
        if self._driver is watcher:
            self._driver = None
            self._tell_who_drives()
        if not self._watchers and self._alone is None:
            self._alone = asyncio.ensure_future(self._wait_alone())

    async def obey(self, watcher: Watcher, command: Command) -> None:
        """Pass a command on to the trainer, or answer it.

        Raises:
            PublicError: If it is not for this viewer to give.
        """
        if command.kind == "size":
            self._answer_size(watcher, command)
            return
        if command.kind == "snapshot":
            snapshot = self._history.snapshot(command.values["step"])
            values = {**snapshot.values, "id": command.id}
            watcher.put(replace(snapshot, topic=f"snapshot/{command.id}", values=values))
            return
        if command.kind == "wheel":
            self._set_driver(watcher, take=command.values["take"])
            watcher.put(Event.answer(command, {}))
            return
        if self._driver is None and command.kind != "prepare":
            self._set_driver(watcher, take=True)
        if self._driver not in (None, watcher):
            raise PublicError(
                "Someone else steers this run.", "Expected the one who started it.",
                "Watch, or take over when the wheel is free.", http_status=409,
            )  # fmt: skip
        self._child.start()
        self._number += 1
        self._asked[self._number] = (watcher, command.id)
        await self._child.send(replace(command, id=self._number).to_bytes())

    def _answer_size(self, watcher: Watcher, command: Command) -> None:
        stack = parse_stack(command.values["layers"])
        height, width, channels = command.values["image"]
        rows = size_stack(stack, (height, width, channels), command.values["classes"])
        values = {"rows": [asdict(row) for row in rows], "python": python_code(stack)}
        watcher.put(Event.answer(command, values))

    async def close(self) -> None:
        """End the trainer."""
        if self._alone is not None:
            self._alone.cancel()
        await self._child.close()

    def _set_driver(self, watcher: Watcher, *, take: bool) -> None:
        if self._driver not in (None, watcher):
            raise PublicError(
                "Someone else steers this run.", "Expected a free wheel.", http_status=409
            )
        self._driver = watcher if take else None
        self._tell_who_drives()

    def _tell_who_drives(self) -> None:
        for watcher in self._watchers:
            yours, free = self._driver is watcher, self._driver is None
            facts = {"yours": yours, "free": free, "watching": len(self._watchers)}
            watcher.put(Event("wheel", facts))

    def _receive(self, message: bytes) -> None:
        event = Event.parse(message)
        if event.topic.startswith("answer/"):
            if event.values.get("command") == "save" and event.values["ok"]:
                self._saving = asyncio.ensure_future(self._offer(event))
            else:
                self._pass_on(event)
            return
        self._tell(event)

    async def _offer(self, answer: Event) -> None:
        try:
            if self.on_saved is not None:
                await self.on_saved(self._models_folder / answer.values["name"])
        finally:
            self._pass_on(answer)

    def _pass_on(self, answer: Event) -> None:
        watcher, command_id = self._asked.pop(answer.values["id"], (None, ""))
        if watcher is not None:
            values = {**answer.values, "id": command_id}
            watcher.put(Event(f"answer/{command_id}", values, answer.arrays))

    def _tell(self, event: Event) -> None:
        self._history.add(event)
        if event.topic.startswith("snapshot/"):
            event = self._history.steps()
        for watcher in self._watchers:
            watcher.put(event)

    def _report_end(self) -> None:
        """Say that the process ended by itself, and answer those who wait."""
        error = PublicError(
            "The process that trains has ended.", "Memory may have run out.", "Start again."
        )
        facts: Mapping[str, Any] = error_json(error)
        for number, (watcher, command_id) in list(self._asked.items()):
            del self._asked[number]
            watcher.put(Event(f"answer/{command_id}", {"id": command_id, "ok": False, **facts}))
        self._tell(Event("state", {"state": "failed", **facts}))

    async def _wait_alone(self) -> None:
        alone, deserted = self._patience
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(alone)
            await self._child.send(Command(0, "pause").to_bytes())
            await asyncio.sleep(max(0.0, deserted - alone))
            await self._child.end()
