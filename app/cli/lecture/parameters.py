"""Count the parameters of a layer, shared or not, of a model, or of dense layers.

  python -m app lecture parameters --input 227x227x3 --filter 11 --stride 4
                                   --padding 0 --filters 96
  python -m app lecture parameters catsdogs-best

Parameters are weights and biases. Sizes are W×H×D; arrays in Keras are
(H, W, D). Without arguments: a dense layer over the images of the lecture.
Slides: "Dense for images?", "Convolution: number of parameters", "CNN:
parameter sharing".
"""

from __future__ import annotations

import argparse

from app.cli.lecture.input import parse_volume
from app.errors import AppError
from app.lecture.sizes import format_size

_UNITS = 512  # of the lecture's dense layers
_LAYER_FLAGS = ("input", "filter", "stride", "padding", "filters")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the topic's arguments."""
    parser.add_argument("model", nargs="?", help="saved model: print a table of its layers")
    parser.add_argument("--input", metavar="WxHxD", help="size of the input")
    parser.add_argument("--filter", type=int, metavar="F", help="side of the filters")
    parser.add_argument("--stride", type=int, metavar="S", help="stride (default: 1)")
    parser.add_argument(
        "--padding", type=int, metavar="P", help="zeros on either side (default: 0)"
    )
    parser.add_argument("--filters", type=int, metavar="K", help="number of filters")


def show(parsed: argparse.Namespace) -> None:
    """Print the counts, step by step."""
    given = [flag for flag in _LAYER_FLAGS if getattr(parsed, flag) is not None]
    if parsed.model and given:
        raise AppError(
            f"A model and --{given[0]}.", "Expected a saved model, or the numbers of one layer."
        )
    if parsed.model:
        _show_model(parsed.model)
    elif given:
        missing = [f"--{flag}" for flag in ("input", "filter", "filters") if flag not in given]
        if missing:
            raise AppError(
                f"{', '.join(missing)} missing.",
                "Expected --input, --filter and --filters.",
                "Example: --input 227x227x3 --filter 11 --stride 4 --filters 96",
            )
        stride = 1 if parsed.stride is None else parsed.stride
        _show_layer(
            parse_volume(parsed.input), parsed.filter, stride, parsed.padding or 0, parsed.filters
        )
    else:
        _show_dense((32, 32, 3))
        _show_dense((200, 200, 3))


def _show_layer(
    volume: tuple[int, int, int], filter_size: int, stride: int, padding: int, filters: int
) -> None:
    from app.lecture.parameters import count_layer

    count = count_layer(volume, filter_size, stride, padding, filters)
    width, height, depth = count.output
    size, per_filter = f"{width}×{height}×{depth}", count.weights_per_filter
    before = format_size(volume)
    print(f"{before}, F = {filter_size}, S = {stride}, P = {padding}, K = {filters}")
    print(f"  output      {size} = {count.neurons:,} neurons")
    window = f"{filter_size}×{filter_size}×{volume[2]}"
    print(f"  each has    {window} = {per_filter:,} weights, and 1 bias")
    print(f"  not shared  {count.neurons:,} × {per_filter + 1:,} = {count.unshared:,}")
    print(
        f"  shared      {filters} × {per_filter:,} = {count.shared_weights:,} + {filters} biases = "
        f"{count.shared:,}: {count.unshared / count.shared:,.0f} times fewer"
    )


def _show_dense(volume: tuple[int, int, int]) -> None:
    from app.lecture.parameters import dense_weights

    size, weights = format_size(volume), dense_weights(volume)
    print(f"A dense neuron over {size}: {weights:,} weights; a layer of {_UNITS} neurons:")
    print(f"  {_UNITS} × ({weights:,} + 1 bias) = {_UNITS * (weights + 1):,} parameters")


def _show_model(name: str) -> None:
    from app.cli.tables import print_table
    from app.keras_startup import start_keras

    start_keras()
    from app.classifier import load
    from app.insight.architecture import volumes

    model = load(name).inspect()
    rows = []
    for volume in volumes(model):
        rows.append((volume.all_names, volume.role, volume.size, f"{volume.parameters:,}"))
    total = model.keras_model.count_params()
    print_table(
        ["layers", "kind", "output W×H×D", "parameters"],
        [*rows, ("all", "", "", f"{total:,}")],
        right="output W×H×D|parameters",
    )
