"""What the oracle computes with Keras. Each job yields one or more parts of its answer.

A job is a function of the opened model, the arrays and the options of a request; it yields
`(values that JSON can hold, arrays)`. Between two parts, other jobs run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from app.classifier.inspected_model import InspectedModel
from app.export.page import NotLowerable, describe, lower, program_bytes
from app.insight.choices import OCCLUSION_CELLS
from app.insight.grad_cam import grad_cam
from app.insight.occlusion import Occluder, occlusion_parts
from app.insight.saliency import saliency
from app.web.content import SampleChoice, content_of, embed
from app.web.operations import operation_outputs
from app.web.single_file import page_text

Part = tuple[dict[str, Any], dict[str, np.ndarray]]
Options = Mapping[str, Any]
Arrays = Mapping[str, np.ndarray]


def _prepare(model: InspectedModel, _: Arrays, options: Options) -> Iterator[Part]:
    model = replace(model, name=options["name"])
    server_only, program = "", b""
    try:
        program = program_bytes(lower(model.keras_model, describe(model)))
    except NotLowerable as error:
        server_only = error.received
    facts = {
        "classes": list(model.class_names),
        "image": [*model.image_size, model.channels],
        "outputs": model.kind,
        "parameters": int(model.keras_model.count_params()),
        "server_only": server_only,
    }
    yield facts, {"program": np.frombuffer(program, np.uint8)}


def _outputs(model: InspectedModel, arrays: Arrays, _: Options) -> Iterator[Part]:
    yield {}, {"outputs": model.outputs(arrays["images"])}


def _activations(model: InspectedModel, arrays: Arrays, options: Options) -> Iterator[Part]:
    paths = [*options.get("layers", ()), *options.get("operations", ())]
    if "layer" in options:
        paths.append(options["layer"])
    yield {}, operation_outputs(model, arrays["pixels"], paths)


def _grad_cam(model: InspectedModel, arrays: Arrays, options: Options) -> Iterator[Part]:
    layer = options.get("layer") or model.last_conv_layer.path
    heat = grad_cam(model, arrays["pixels"], options.get("class"), layer)
    yield {"layer": layer}, {"map": heat}


def _saliency(model: InspectedModel, arrays: Arrays, options: Options) -> Iterator[Part]:
    method = options.get("method", "gradient")
    heat = saliency(model, arrays["pixels"], options.get("class"), method=method)
    yield {"method": method}, {"map": heat}


def _occlusion(model: InspectedModel, arrays: Arrays, options: Options) -> Iterator[Part]:
    pixels = arrays["pixels"]
    cells = min(options.get("cells", OCCLUSION_CELLS), *pixels.shape[:2])
    for heat in occlusion_parts(model, pixels, options.get("class"), Occluder(cells)):
        known = int(np.isfinite(heat).sum())
        yield {"filled": known, "total": heat.size}, {"map": heat}


def _page(model: InspectedModel, _: Arrays, options: Options) -> Iterator[Part]:
    named = replace(model, name=options["name"])
    embedded = embed(named, SampleChoice(data_dir=Path(options["data_dir"])))
    text = page_text([options["name"]], content_of([embedded])).encode()
    yield {}, {"page": np.frombuffer(text, np.uint8)}


Job = Callable[[InspectedModel, Arrays, Options], Iterator[Part]]
JOBS: dict[str, Job] = {
    "prepare": _prepare,
    "outputs": _outputs,
    "activations": _activations,
    "grad_cam": _grad_cam,
    "saliency": _saliency,
    "occlusion": _occlusion,
    "page": _page,
}
