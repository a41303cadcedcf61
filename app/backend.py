"""Starting Keras without its backend's chatter.

TensorFlow and LiteRT write notices to file descriptor 2 from C++, below Python's `sys.stderr`
and before any log level applies, so the descriptor itself is turned away while they start.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from app.errors import AppError


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Hold back what native code writes to standard error; show it only if the body raises."""
    try:
        original = os.dup(2)
    except OSError:  # standard error is closed: silent anyway
        yield
        return
    sys.stderr.flush()
    with tempfile.TemporaryFile() as captured:
        os.dup2(captured.fileno(), 2)
        try:
            yield
        except BaseException:
            sys.stderr.flush()
            captured.seek(0)
            os.write(original, captured.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(original, 2)
            os.close(original)


def start_keras() -> None:
    """Import Keras and wake its backend, silently; later imports of Keras are free.

    Raises:
        AppError: If the backend that is asked for is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        with quiet_stderr():
            import keras

            # The first operation makes the backend look for devices and say so.
            keras.ops.zeros((1,))
            # `fit` looks for TensorFlow's datasets on every backend, and so would wake it later.
            with suppress(ImportError):
                import tensorflow  # noqa: F401
        # It advises against tracing many functions, which training many networks has to do.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
    except ModuleNotFoundError as error:
        raise AppError(
            f"The Keras backend cannot be imported: {error}.",
            "Expected TensorFlow (the default), or the backend named by $KERAS_BACKEND.",
            "Install it: pip install -e . for TensorFlow, pip install -e '.[jax]' for JAX.",
        ) from None
