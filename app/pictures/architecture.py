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
        "Width × height × depth, drawn by their square roots; a cell sees so many pixels of the "
        "image. +1: with one more layer that changes neither shape nor place."
    )
    return architecture_drawing(
        [DrawnVolume(v.role, v.shape, _lines(v, model.image_size)) for v in found],
        chained=chained,
        title=f"{model.name}: {total:,} weights, {len(model.class_names)} classes",
        note=note if chained else f"{note} The network branches: in the order of computation.",
    )


def _lines(volume: Volume, image_size: tuple[int, int]) -> tuple[str, ...]:
    if volume.role == "input":
        return volume.name, volume.size
    weights = f"{volume.parameters:,} weights" if volume.parameters else "no weights"
    if volume.field is not None:
        rows, columns = volume.field.size
        whole = rows >= image_size[0] and columns >= image_size[1]
        sees = "sees the whole image" if whole else f"sees {columns}×{rows}"
    elif len(volume.shape) == 1:  # flattened values stay what they were
        sees = "as before, in a row" if volume.role == "other" else "sees the whole image"
    else:
        sees = "sees unknown"
    return volume.name, volume.size, weights, sees
