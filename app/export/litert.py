"""Export a Keras model to LiteRT, and run it without importing TensorFlow.

Importing TensorFlow takes seconds; a LiteRT interpreter starts in a tenth of one. The LiteRT model
is float32 and takes any batch size.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.errors import AppError
from app.keras_startup import quiet_stderr
from app.processes import num_threads

if TYPE_CHECKING:
    import keras

TOLERANCE = 1e-5  # largest difference of an output from Keras's

# An interpreter serves one caller at a time, and uses all cores for it: a lock costs no speed.
# It is held during a fork, so that no child inherits an interpreter in the middle of its work.
_ONE_AT_A_TIME = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_ONE_AT_A_TIME.acquire,
        after_in_parent=_ONE_AT_A_TIME.release,
        after_in_child=_ONE_AT_A_TIME.release,
    )


class LiteRTModel:
    """A LiteRT model in memory, safe for threads.

    Args:
        path: `.tflite` file.

    Raises:
        AppError: If the file is no LiteRT model of one image input and one output.
    """

    def __init__(self, path: Path):
        from ai_edge_litert.interpreter import Interpreter

        self._path = path
        try:
            # The first interpreter of a process announces its delegate.
            with quiet_stderr():
                self._interpreter = Interpreter(
                    model_content=path.read_bytes(), num_threads=num_threads()
                )
                (self._input,) = self._interpreter.get_input_details()
                (self._output,) = self._interpreter.get_output_details()
                self._interpreter.allocate_tensors()
        except (OSError, RuntimeError, ValueError) as error:
            raise AppError(
                f"'{path}' cannot be loaded as a LiteRT model: {error}.",
                "Expected the LiteRT file that training wrote.",
                "Delete it; the Keras model in the same folder is used instead.",
            ) from None

    @property
    def input_shape(self) -> tuple[int, ...]:
        """`(H, W, C)` of one image."""
        return tuple(int(side) for side in self._input["shape"][1:])

    @property
    def num_outputs(self) -> int:
        """Number of output units."""
        return int(self._output["shape"][-1])

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the outputs `(B, units)` float32 for images `(B, H, W, C)` uint8.

        Raises:
            AppError: If LiteRT cannot run the model.
        """
        interpreter, index = self._interpreter, self._input["index"]
        with _ONE_AT_A_TIME:
            try:
                if tuple(self._input["shape"]) != images.shape:
                    interpreter.resize_tensor_input(index, images.shape)
                    with quiet_stderr():
                        interpreter.allocate_tensors()
                    (self._input,) = interpreter.get_input_details()
                interpreter.set_tensor(index, images.astype(np.float32))
                interpreter.invoke()
                return interpreter.get_tensor(self._output["index"])  # a copy
            except (RuntimeError, ValueError) as error:
                raise AppError(
                    f"'{self._path}' cannot be run by LiteRT: {error}.",
                    "Expected the LiteRT file that training wrote.",
                    "Delete it; the Keras model in the same folder is used instead.",
                    status=1,
                ) from None


def export_litert(model: keras.Model, source: Path, target: Path, samples: np.ndarray) -> str:
    """Write a model as a LiteRT file and compare it with Keras; delete it if it differs.

    Args:
        model: Keras model.
        source: `.keras` file of the same model.
        target: File to write.
        samples: `(B, H, W, C)` uint8 images.

    Returns:
        The largest difference of an output, or `none: ` and why there is no LiteRT file.
    """
    from keras import ops

    reason = convert(source, target)
    if reason is not None:
        return f"none: {reason}"
    expected = ops.convert_to_numpy(model(samples, training=False))
    try:
        difference = float(np.abs(LiteRTModel(target)(samples) - expected).max())
        reason = f"it differed from Keras by {difference:.1e}"
    except AppError as error:
        difference, reason = float("inf"), error.received
    if not difference <= TOLERANCE:
        target.unlink()
        return f"none: {reason}"
    return f"differs from Keras by {difference:.1e} at most, on {len(samples)} images"


def convert(model: Path, target: Path) -> str | None:
    """Convert a `.keras` file into a LiteRT file.

    The converter is TensorFlow's. Under another Keras backend it runs in a process of its own.

    Args:
        model: `.keras` file.
        target: File to write.

    Returns:
        `None` if `target` was written, otherwise a human-readable reason.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        try:
            with quiet_stderr():
                _convert(model, target)
        except Exception as error:
            # The converter may raise anything. The model must be kept without its LiteRT file.
            target.unlink(missing_ok=True)
            return f"the converter failed: {(str(error) or repr(error)).splitlines()[0]}"
        return None
    command = [sys.executable, "-m", "app.export.litert", str(model), str(target)]
    environment = os.environ | {"KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    last_line = (done.stderr.strip().splitlines() or ["unknown error"])[-1]
    return f"TensorFlow, which converts the model, did not run: {last_line}"


def _convert(model: Path, target: Path) -> None:
    import keras
    import tensorflow as tf

    import app.keras2.layers
    import app.layers  # noqa: F401  both register layers

    network = keras.models.load_model(model, compile=False)
    # Through a SavedModel: the converter supports it best, and silently.
    with tempfile.TemporaryDirectory() as folder:
        network.export(folder, verbose=False)
        target.write_bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


if __name__ == "__main__":
    _convert(Path(sys.argv[1]), Path(sys.argv[2]))
