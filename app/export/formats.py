"""The formats of exported networks: what writes, opens and runs them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from app.errors import AppError
from app.export import litert_files, onnx_files, portable
from app.export.portable import Outputs, Portable


class Format(NamedTuple):
    """A format of exported networks.

    Attributes:
        title: Display name.
        runtime: Program that runs it: `litert`, `onnx` or `tensorflow`.
        file: Name of the file or folder that holds the network.
        write: Writes a network: to a path, with images `(B, H, W, C)` uint8 for calibration.
        open: Opens what was written as a function from uint8 `(B, H, W, C)` to float32 `(B, K)`.
        modules: Modules that must be installed to write it.
        quantized: Whether it computes with integers, and needs images for calibration.
    """

    title: str
    runtime: str
    file: str
    write: Callable[[Portable, Path, np.ndarray], None]
    open: Callable[[Path], Outputs]
    modules: tuple[str, ...] = ()
    quantized: bool = False

    def require(self) -> None:
        """Check that what writes the format is installed.

        Raises:
            AppError: If it is not.
        """
        missing = [module for module in self.modules if find_spec(module) is None]
        if missing:
            raise AppError(
                f"{self.title} needs {', '.join(missing)}, which "
                f"{'is' if len(missing) == 1 else 'are'} not installed.",
                "Expected the packages of the extra 'onnx'.",
                "Install them: pip install -e '.[onnx]'",
            )


def _write_saved_model(exported: Portable, target: Path, _: np.ndarray) -> None:
    portable.write_saved_model(exported, target)


_LITERT = "model.tflite"
FORMATS = {
    "litert": Format(
        "LiteRT, float32", "litert", _LITERT, litert_files.write_float32,
        litert_files.open_litert_file,
    ),
    "litert-float16": Format(
        "LiteRT, float16", "litert", _LITERT, litert_files.write_float16,
        litert_files.open_litert_file,
    ),
    "litert-int8": Format(
        "LiteRT, int8", "litert", _LITERT, litert_files.write_int8,
        litert_files.open_litert_file, quantized=True,
    ),
    "onnx": Format(
        "ONNX", "onnx", "model.onnx", onnx_files.write_onnx, onnx_files.open_onnx,
        modules=("onnx", "tf2onnx", "onnxruntime"),
    ),
    "saved_model": Format(
        "TensorFlow SavedModel", "tensorflow", "saved_model", _write_saved_model,
        portable.open_saved_model,
    ),
}  # fmt: skip
