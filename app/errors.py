"""The one exception that people are meant to read.

Whatever a user can get wrong ends as an `AppError` with three parts: what was received, what
was expected, how to fix it. The doors (`app/cli`, `train.py`) print it without a traceback and
exit with its status.
"""

from __future__ import annotations


class AppError(Exception):
    """A problem that its reader can fix.

    Args:
        received: What was given and why it cannot be used; one or two sentences.
        expected: What would have been accepted.
        fix: What to do next, a command where there is one.
        status: Exit status: 2 for wrong usage or input, 1 for a failure of the world
            (a full disk, a broken connection).
    """

    def __init__(self, received: str, expected: str = "", fix: str = "", *, status: int = 2):
        super().__init__("\n".join(part for part in (received, expected, fix) if part))
        self.received = received
        self.expected = expected
        self.fix = fix
        self.status = status


class AppWarning(UserWarning):
    """Something that a person should know, though the work goes on."""
