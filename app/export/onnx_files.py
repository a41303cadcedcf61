"""ONNX files for other programs, with the class names in their metadata."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np

from app.export.portable import CLASSES, INPUT, OUTPUT, Outputs, Portable, conversion_error
from app.keras_startup import quiet_stderr


def write_onnx(exported: Portable, target: Path, _: np.ndarray) -> None:
    """Write an ONNX file: input `images`, output `probabilities`, metadata `classes` as JSON.

    Raises:
        AppError: If the converter fails.
    """
    import onnx

    network = exported.network
    network(np.zeros((1, *exported.image_shape), np.uint8))  # Keras exports what has been called
    try:
        with quiet_stderr(), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of NumPy's, in Keras's converter
            network.export(str(target), format="onnx", verbose=False)
    except Exception as error:  # the converter may raise anything
        raise conversion_error("ONNX", "litert", error) from None
    model = onnx.load(str(target))
    _name_output(model.graph)
    for end in (*model.graph.input, *model.graph.output):
        end.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.helper.set_model_props(model, {CLASSES: json.dumps(exported.class_names)})
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def open_onnx(path: Path) -> Outputs:
    """Return the function of an ONNX file, on one thread, so that times can be compared."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda images: session.run([OUTPUT], {INPUT: images})[0]


def _name_output(graph: object) -> None:
    """Give the only output its name, wherever the graph mentions it."""
    (output,) = graph.output  # type: ignore[attr-defined]
    old, output.name = output.name, OUTPUT
    for node in graph.node:  # type: ignore[attr-defined]
        for names in (node.input, node.output):
            names[:] = [OUTPUT if name == old else name for name in names]
