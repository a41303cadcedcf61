"""Print the receptive field of each layer, with and without pooling.

  python -m app lecture receptive-field catsdogs-best

A window of F cells adds F − 1 steps of its input to the receptive field; a
stride makes the step of all later layers longer. Slide: "Why pooling?".
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument(
        "model", metavar="MODEL", help="folder of a saved model, its name, or a file"
    )


def show(parsed: argparse.Namespace) -> None:
    """Print a row per layer that widens the view, and what pooling adds."""
    from app.cli.lecture.output import print_wrapped
    from app.cli.tables import print_table
    from app.keras_startup import start_keras

    start_keras()
    from app.classifier import load
    from app.classifier.layer_kinds import role_of, window_of
    from app.insight.architecture import is_chain
    from app.insight.receptive_fields import receptive_fields
    from app.lecture.receptive_field import PIXEL, through_window
    from app.lecture.sizes import format_shape

    model = load(parsed.model).inspect()
    fields = receptive_fields(model)
    rows = []
    seen, unpooled = PIXEL, PIXEL  # across
    for part in model.layers:
        window, field = window_of(part.layer), fields.get(part.path)
        if window is None or field is None:
            continue
        pooling = role_of(part.layer) == "pooling"
        seen = field.columns
        if not pooling:
            unpooled = through_window(
                unpooled, window.sizes[1], window.strides[1], dilation=window.dilation[1]
            )
        rows.append((
            part.path, "pooling" if pooling else "convolution", format_shape(window.sizes),
            format_shape(window.strides), format_shape(field.size), f"{seen.step}",
        ))  # fmt: skip
    if not rows:
        windows = any(role_of(part.layer) == "convolution" for part in model.layers)
        print_wrapped(
            f"What a cell of {model.name} sees is not known: its convolutions are not of images."
            if windows
            else f"No layer of {model.name} looks at a window: each unit sees the whole image."
        )
        return
    print(f"{model.name}, images of {format_shape(model.image_size)}: what a cell sees, in pixels")
    print_table(
        ["layer", "kind", "window", "stride", "sees", "step"], rows,
        right="window|stride|sees|step",
    )  # fmt: skip
    if unpooled.size < seen.size and is_chain(model.keras_model):
        print_wrapped(
            f"Without pooling, the same convolutions would see {unpooled.size} pixels across "
            f"instead of {seen.size}."
        )
