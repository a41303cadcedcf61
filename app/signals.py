"""Requests to stop: SIGINT (Ctrl-C), SIGTERM and SIGHUP (a closed terminal) are treated alike.

The first request raises `KeyboardInterrupt` in the main thread, or is only noted where a step must
not be interrupted. A second one ends the process at once. The exit status is 128 + the number of
the signal.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
# `timeout`, terminals and service managers signal a process and its group: one request.
_SAME_REQUEST = 0.5  # seconds


@dataclass
class _Request:
    number: int = 0  # of the signal; 0 for none
    since: float = 0.0
    noted_only: bool = False
    at_once: bool = False


_request = _Request()


@contextmanager
def stopping() -> Iterator[None]:
    """Handle requests to stop inside the block, if it runs in the main thread.

    A signal that the process inherited as ignored (`nohup`) stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    outermost = _handle not in before.values()
    for number, handler in before.items():
        if handler not in (signal.SIG_IGN, None):
            signal.signal(number, _handle)
    try:
        yield
    finally:
        if outermost and _request.number:
            # Other signals of the same request may follow. The default handler would kill the
            # process before it returns its status.
            time.sleep(max(0.0, _request.since + _SAME_REQUEST - time.monotonic()))
        for number, handler in before.items():
            if handler not in (signal.SIG_IGN, None):
                signal.signal(number, handler)
        if outermost:
            _request.number = 0


@contextmanager
def noting_requests() -> Iterator[None]:
    """Note a request inside the block instead of raising; the block calls `stop_requested`."""
    before, _request.noted_only = _request.noted_only, True
    try:
        with stopping():
            yield
    finally:
        _request.noted_only = before


@contextmanager
def ending_at_once() -> Iterator[None]:
    """Exit the process at the first request inside the block, without raising.

    For imports of native libraries, which can swallow an exception.
    """
    before, _request.at_once = _request.at_once, True
    try:
        yield
    finally:
        _request.at_once = before


def stop_requested() -> bool:
    """Return whether a signal has asked the process to stop."""
    return _request.number != 0


def stop_status() -> int:
    """Return the exit status of a process that was asked to stop: 130 for Ctrl-C."""
    return 128 + (_request.number or signal.SIGINT)


def _handle(number: int, _frame: FrameType | None) -> None:
    now = time.monotonic()
    again = _request.number != 0
    if _request.at_once or (again and now - _request.since > _SAME_REQUEST):
        os._exit(128 + number)
    if again:
        return
    _request.number, _request.since = number, now
    if not _request.noted_only:
        raise KeyboardInterrupt
