"""The volumes of a network, as a figure."""

from __future__ import annotations

from app.insight.architecture import Volume, is_chain, volumes
from app.insight.opened_model import OpenedModel
from app.plots.architecture import DrawnVolume, architecture_drawing
from app.plots.style import Figure


def architecture_figure(model: OpenedModel) -> Figure:
    """Draw the volumes W×H×D through a network, with weights and receptive fields."""
    found = volumes(model)
    total = model.keras_model.count_params()
    chained = is_chain(model.keras_model)
    note = (
        "Width × height × depth; sides are drawn by their square roots. RF: receptive field, the "
        "pixels of the image that one value depends on. +: layers that keep the shape."
    )
    return architecture_drawing(
        [DrawnVolume(v.role, v.shape, _lines(v, model.image_size)) for v in found],
        chained=chained,
        title=f"{model.name}: {total:,} weights, {len(model.class_names)} classes",
        note=note
        if chained
        else f"{note} The network branches: layers in the order of computation.",
    )


def _lines(volume: Volume, image_size: tuple[int, int]) -> tuple[str, ...]:
    first, *others = volume.names
    lines = [first, volume.size]
    if volume.role != "input":
        lines += [
            f"{volume.parameters:,} weights" if volume.parameters else "no weights",
            f"RF {_field(volume, image_size)}",
        ]
    if others:
        lines.append("+ " + (", ".join(others) if len(others) < 3 else f"{len(others)} layers"))
    return tuple(lines)


def _field(volume: Volume, image_size: tuple[int, int]) -> str:
    if volume.field is not None:
        rows, columns = volume.field.size
        whole = rows >= image_size[0] and columns >= image_size[1]
        return "whole image" if whole else f"{columns}×{rows} px"
    if len(volume.shape) == 1:  # flattened values stay what they were
        return "unchanged" if volume.role == "other" else "whole image"
    return "unknown"
