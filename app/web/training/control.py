"""How the process that trains is steered: commands come in one thread, batches end in another."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from app.web.training.commands import Command


class Abandoned(Exception):
    """The run is to be left as it is: a new beginning, a rewind or an end was asked for.

    Args:
        command: What asked for it.
    """

    def __init__(self, command: Command):
        super().__init__(command.kind)
        self.command = command


class Control:
    """The commands that wait, and whether training goes on.

    Attributes:
        playing: Whether training goes on until something else is said.
        steps_left: Batches to train before training pauses, if it is not `playing`.
    """

    def __init__(self) -> None:
        self._waiting: deque[Command] = deque()
        self._changed = threading.Condition()
        self.playing = False
        self.steps_left = 0

    def put(self, command: Command) -> None:
        """Let a command wait; called from the thread that reads."""
        with self._changed:
            self._waiting.append(command)
            self._changed.notify()

    def next(self) -> Command:
        """Return the next command, and wait for it."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            return self._waiting.popleft()

    @property
    def is_paused(self) -> bool:
        """Whether the next batch has to wait."""
        return not self.playing and self.steps_left == 0

    def before_batch(self, obey: Callable[[Command], None], on_pause: Callable[[], None]) -> None:
        """Obey what waits, and return when the next batch may begin.

        Args:
            obey: Called with each command, in the thread that trains; it may raise.
            on_pause: Called once if the batch has to wait.
        """
        told = False
        while self._waiting or self.is_paused:
            if not self._waiting and not told:
                on_pause()
                told = True
            obey(self.next())
        self.steps_left = max(0, self.steps_left - 1)

    def stop(self) -> None:
        """Pause before the next batch."""
        self.playing, self.steps_left = False, 0
