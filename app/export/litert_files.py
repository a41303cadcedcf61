"""LiteRT files for other programs: float32, or with weights of 16 or 8 bits.

The class names are in the file itself, as LiteRT's metadata has its associated files: a zip archive
behind the network, with `labels.txt`. `unzip` and Python's `zipfile` read it.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import numpy as np

from app.export.portable import (
    INPUT,
    OUTPUT,
    Outputs,
    Portable,
    conversion_error,
    write_saved_model,
)
from app.keras_startup import quiet_stderr

LABELS = "labels.txt"


def write_float32(exported: Portable, target: Path, _: np.ndarray) -> None:
    """Write a LiteRT file with float32 weights."""
    _write(exported, target)


def write_float16(exported: Portable, target: Path, _: np.ndarray) -> None:
    """Write a LiteRT file with float16 weights; it computes in float32."""
    import tensorflow as tf

    _write(exported, target, {"supported_types": [tf.float16]})


def write_int8(exported: Portable, target: Path, calibration: np.ndarray) -> None:
    """Write a LiteRT file with int8 weights and, where LiteRT has such kernels, activations.

    Args:
        exported: Network to write.
        target: File to write.
        calibration: `(B, H, W, C)` uint8 training images; the range of each activation is that on
            these.

    Raises:
        AppError: As of all formats, if the converter fails.
    """
    _write(exported, target, {}, calibration)


def open_litert_file(path: Path) -> Outputs:
    """Return the function of a LiteRT file, on one thread, so that times can be compared."""
    from ai_edge_litert.interpreter import Interpreter

    with quiet_stderr():
        run = Interpreter(str(path), num_threads=1).get_signature_runner()
    return lambda images: run(**{INPUT: images})[OUTPUT]


def _write(
    exported: Portable,
    target: Path,
    quantization: dict[str, object] | None = None,
    calibration: np.ndarray | None = None,
) -> None:
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        write_saved_model(exported, Path(folder), with_classes=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if quantization is not None:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            for name, value in quantization.items():
                setattr(converter.target_spec, name, value)
        if calibration is not None:
            converter.representative_dataset = lambda: ([one[np.newaxis]] for one in calibration)
        try:
            with quiet_stderr():
                content = converter.convert()
        except Exception as error:  # the converter may raise anything
            raise conversion_error("LiteRT", "onnx", error) from None
    target.write_bytes(content)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(LABELS, "\n".join(exported.class_names))
