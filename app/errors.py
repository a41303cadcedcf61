"""The exception whose message is shown to the user.

Errors that a user can cause are raised as `AppError` with three parts: what was received, what was
expected, how to fix it. The command line prints them without a traceback and exits with their
status.
"""

from __future__ import annotations


class AppError(Exception):
    """A problem that the user can fix.

    Args:
        received: Value that was given and why it cannot be used; one or two sentences.
        expected: Values that are accepted.
        fix: Next step, with a command if there is one.
        status: Exit status: 2 for wrong usage or input, 1 for a failure of the environment, such
            as a full disk or a broken connection.
    """

    def __init__(self, received: str, expected: str = "", fix: str = "", *, status: int = 2):
        super().__init__("\n".join(part for part in (received, expected, fix) if part))
        self.received = received
        self.expected = expected
        self.fix = fix
        self.status = status


class AppWarning(UserWarning):
    """A problem that does not stop the work."""
