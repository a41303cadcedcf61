"""Print the receptive field of each layer, and what pooling is for, in numbers.

  python -m app lecture receptive-field catsdogs-lecture

The receptive field of a unit is the part of the image that it depends on. A
window of F cells enlarges it by F − 1 jumps; the jump is the product of the
strides so far, so a stride enlarges the fields of all later layers, in a
convolution as in pooling. It is theoretical: most of the effect comes from its
middle (Luo et al. 2016). Slide: "Why pooling?".
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument(
        "model", metavar="MODEL", help="folder of a saved model, its name, or a file"
    )


def show(parsed: argparse.Namespace) -> None:
    """Print a row per layer that enlarges the field, and what pooling changes."""
    from app.cli.lecture.output import print_wrapped
    from app.cli.tables import print_table
    from app.keras_startup import start_keras

    start_keras()
    from app.classifier import load
    from app.classifier.layer_kinds import role_of, window_of
    from app.insight.receptive_fields import receptive_fields
    from app.insight.without_pooling import dense_inputs, unpooled_field
    from app.lecture.sizes import format_shape, format_size

    model = load(parsed.model).inspect()
    fields = receptive_fields(model)
    rows = []
    across = 0
    for part in model.layers:
        window, field = window_of(part.layer), fields.get(part.path)
        if window is None or field is None:
            continue
        across = field.columns.size
        kind = "pooling" if role_of(part.layer) == "pooling" else "convolution"
        rows.append((
            part.path, kind, format_shape(window.sizes), format_shape(window.strides),
            format_shape(field.size), f"{field.columns.step}",
        ))  # fmt: skip
    if not rows:
        windows = any(role_of(part.layer) == "convolution" for part in model.layers)
        print_wrapped(
            f"The receptive fields of {model.name} are unknown: its convolutions are not of images."
            if windows
            else f"No layer of {model.name} has a window: each unit depends on the whole image."
        )
        return
    size = format_shape(model.image_size)
    print(f"{model.name}, images of {size}: theoretical receptive fields, in pixels")
    print_table(
        ["layer", "kind", "window", "stride", "receptive field", "jump"], rows,
        right="window|stride|receptive field|jump",
    )  # fmt: skip
    unpooled, dense = unpooled_field(model), dense_inputs(model)
    if unpooled is not None and unpooled < across:
        print_wrapped(
            f"1. Pooling enlarges the receptive field: the same convolutions without it would see "
            f"{unpooled} pixels across instead of {across}.",
            "   ",
        )
    if dense is not None:
        pooled, plain = dense.weights
        print_wrapped(
            "2. It reduces the weights of the dense layer: Flatten and "
            f"Dense({dense.units}) have {dense.with_pooling:,} · {dense.units} = {pooled:,} "
            f"weights. Without pooling, there would be {format_size(dense.without_pooling)} · "
            f"{dense.units} = {plain:,}.",
            "   ",
        )
        print_wrapped(
            "3. It makes features less sensitive to small shifts: `lecture equivariance` "
            "measures it.",
            "   ",
        )
