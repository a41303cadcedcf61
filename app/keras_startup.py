"""Start Keras without the messages of its backend.

TensorFlow and LiteRT write notices to file descriptor 2 from C++, below Python's `sys.stderr`
and before any log level applies, so the descriptor itself is redirected while they start.
"""

from __future__ import annotations

import io
import logging
import os
import platform
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TextIO

from app.errors import AppError
from app.signals import ending_at_once

_LOG = logging.getLogger(__name__)


class _Redirection:
    """The descriptor of standard error, redirected while at least one block needs it.

    The descriptor belongs to the whole process: the first of several threads redirects it, and the
    last one restores it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._original = -1
        self._captured: IO[bytes] = io.BytesIO()

    def enter(self) -> None:
        """Redirect the descriptor, unless it is redirected already; an OSError if it is closed."""
        with self._lock:
            if self._users == 0:
                _flush()
                self._original = os.dup(2)
                self._captured = tempfile.TemporaryFile()  # noqa: SIM115  closed by `leave`
                os.dup2(self._captured.fileno(), 2)
            self._users += 1

    def show(self) -> None:
        """Write the captured text to the original descriptor."""
        with self._lock:
            _flush()
            self._captured.seek(0)
            with suppress(OSError):  # a full disk, a terminal that has gone
                os.write(self._original, self._captured.read())
            self._captured.seek(0)
            self._captured.truncate()

    def leave(self) -> None:
        """Restore the descriptor if no other block needs it redirected."""
        with self._lock:
            self._users -= 1
            if self._users == 0:
                _flush()
                os.dup2(self._original, 2)
                os.close(self._original)
                self._captured.close()


def _flush() -> None:
    if sys.stderr is not None:  # closed by the caller (`2>&-`)
        sys.stderr.flush()


_redirection = _Redirection()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Capture what native code writes to standard error; show it only if the body fails.

    An `AppError` says all there is to say, and an interruption is no failure.
    """
    try:
        _redirection.enter()
    except OSError:  # standard error is closed: silent anyway
        yield
        return
    try:
        yield
    except AppError:
        raise
    except Exception:
        _redirection.show()
        raise
    finally:
        _redirection.leave()


@contextmanager
def hidden_native_messages() -> Iterator[None]:
    """Discard what native code writes to standard error, and show what Python writes.

    Image decoders, such as libtiff, report each damaged file there.
    """
    original = sys.stderr
    if original is None or not _is_standard_error(original):
        with quiet_stderr():
            yield
        return
    with os.fdopen(
        os.dup(2), "w", buffering=1, encoding=original.encoding, errors=original.errors
    ) as stream:
        sys.stderr = stream
        try:
            with quiet_stderr():
                yield
        finally:
            sys.stderr = original


def _is_standard_error(stream: TextIO) -> bool:
    try:
        return stream.fileno() == 2
    except (OSError, ValueError):  # no file, or closed
        return False


def start_keras() -> None:
    """Import Keras and initialize its backend silently; later imports of Keras are free.

    The first call takes seconds, which is logged.

    Raises:
        AppError: If the requested backend is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if platform.machine() in ("x86_64", "AMD64"):
        # TensorFlow leaves oneDNN off on processors without AVX-512, where it is faster
        # than Eigen, too (benchmarks/onednn.py).
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    if "keras" not in sys.modules:
        _LOG.info("starting Keras …")
    try:
        with ending_at_once(), quiet_stderr():
            import keras

            # The first operation makes the backend look for devices and log them.
            keras.ops.zeros((1,))
            # `fit` looks for TensorFlow's datasets on every backend, which would import it later.
            with suppress(ImportError):
                import tensorflow  # noqa: F401
        # It warns about tracing many functions, which training many networks requires.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
    except ModuleNotFoundError as error:
        raise AppError(
            f"The Keras backend cannot be imported: {error}.",
            "Expected TensorFlow (the default), or the backend named by $KERAS_BACKEND.",
            "Install it: pip install -e . for TensorFlow, pip install -e '.[jax]' for JAX.",
        ) from None
