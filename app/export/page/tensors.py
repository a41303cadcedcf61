"""A program as one safetensors file: weights as tensors, everything else as JSON in its header."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from safetensors.numpy import save

from app.export.page.program import FORMAT, Program


def program_bytes(program: Program) -> bytes:
    """Return the safetensors file of a program; its metadata has the JSON under `program`."""
    text = json.dumps(header(program), allow_nan=False, separators=(",", ":"))
    return save(dict(program.tensors), {"program": text})


def header(program: Program) -> dict[str, Any]:
    """Return what the file says besides the weights."""
    about = program.description
    return {
        "format": FORMAT,
        "name": about.name,
        "classes": list(about.class_names),
        "image": dict(zip(("height", "width", "channels"), about.image_shape, strict=True)),
        "outputs": about.outputs,
        "mnist_style": about.mnist_style,
        "views": [asdict(view) for view in about.views],
        "temperature": about.temperature,
        "operations": [asdict(operation) for operation in program.operations],
    }
