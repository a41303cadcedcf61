"""Errors that a client may read: received, expected, fix; without paths of this machine."""

from __future__ import annotations

import re
from typing import Any

from app.errors import AppError

# Absolute ones, of POSIX, Windows or a home folder, and what stands in quotes with them.
_PATH = re.compile(
    r"'(?:/|~|[A-Za-z]:[\\/]|\\\\|\.\.?[\\/])[^']*'|(?<![\w/.])/(?:[\w.-]+/)+[\w.-]*"
)


class PublicError(AppError):
    """An error that is answered to a client.

    Args:
        received: What was received and why it cannot be used.
        expected: What is accepted.
        fix: Next step.
        http_status: Status of the answer.

    Attributes:
        request_id: Request of a socket that it answers, if that is known.
    """

    def __init__(self, received: str, expected: str = "", fix: str = "", *, http_status: int = 400):
        super().__init__(received, expected, fix)
        self.http_status = http_status
        self.request_id: int | str | None = None


def error_json(error: AppError, hidden: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return an error as the JSON of an answer: `{"error", "expected", "fix"}`.

    Args:
        error: Error to report.
        hidden: Texts, such as paths of the models, that are left out.
    """

    def public(text: str) -> str:
        for secret in sorted(hidden, key=len, reverse=True):
            text = text.replace(secret, "…")
        return _PATH.sub("'…'", text)

    parts = {"expected": public(error.expected), "fix": public(error.fix)}
    return {"error": public(error.received)} | {key: text for key, text in parts.items() if text}


INTERNAL = PublicError(
    "The server failed at this request.", "", "Its own messages say more.", http_status=500
)
