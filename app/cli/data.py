"""Download, check or describe a dataset, or write it as image files.

fetch downloads mnist or catsdogs. check reports unreadable files, duplicates,
small images, unusual modes and class balance; with --labels it looks for wrong
labels instead. info prints counts, sizes, source and splits. extract writes
images into a folder per class. pack writes all images into tar files with an
index, which train.py and all commands read as a dataset.
"""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.console import print_lines
from app.cli.label_check import add_label_options, check_label_options, report_labels
from app.cli.options import (
    PICTURES,
    add_data_dir,
    chosen_folder,
    data_dir_of,
    refuse_inside,
    refuse_to_overwrite,
)
from app.cli.tables import print_json, print_table
from app.errors import AppError
from app.reporting import CONSOLE, counted

if TYPE_CHECKING:
    import numpy as np

    from app.data.dataset import Dataset, Split
    from app.figures.canvas.style import Figure

_MOST_NAMED = 10
_SHEET_ROWS, _SHEET_COLUMNS = 12, 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, help_text, action in (
        ("fetch", "download a dataset", _fetch),
        ("check", "report damaged files, duplicates and class balance", _check),
        ("info", "describe a dataset", _info),
        ("extract", "write images into a folder per class", _extract),
        ("pack", "write images into tar files with an index, or verify them", _pack),
    ):
        command = actions.add_parser(name, help=help_text, description=help_text)
        command.add_argument(
            "dataset", metavar="DATASET|FOLDER", help="name of a dataset, or a folder"
        )
        add_data_dir(command)
        if name in ("check", "info"):
            command.add_argument("--json", action="store_true", help="print JSON")
        if name != "fetch":
            command.add_argument(
                "--protocol",
                default="full",
                choices=("lecture", "full"),
                help="protocol of catsdogs (default: full)",
            )
        if name == "check":
            add_label_options(command)
        if name == "info":
            command.add_argument(
                "-o",
                "--output",
                metavar="FILE",
                help=f"contact sheet: {', '.join(PICTURES)}",
            )
        if name == "pack":
            command.add_argument("-o", "--output", metavar="FOLDER", help="new folder of shards")
            command.add_argument(
                "--shard-size", type=int, default=256, metavar="MB",
                help="megabytes after which a shard ends (default: 256)",
            )  # fmt: skip
            command.add_argument(
                "--verify", action="store_true",
                help="read the folder of shards, and compare every image with the index",
            )  # fmt: skip
        if name == "extract":
            command.add_argument(
                "-o", "--output", metavar="FOLDER", required=True, help="new folder"
            )
            command.add_argument(
                "--split", default="train", choices=("train", "validation", "test", "all"),
                help="split to write (default: train)",
            )  # fmt: skip
            command.add_argument(
                "--limit", type=int, metavar="N",
                help="write only the first N images, balanced over the classes",
            )  # fmt: skip
        command.set_defaults(action=action)


def run(parsed: argparse.Namespace) -> int:
    """Run the action; return its exit status."""
    status: int = parsed.action(parsed)
    return status


def _fetch(parsed: argparse.Namespace) -> int:
    from app.data.registry import fetch

    data_dir = data_dir_of(parsed)
    fetch(parsed.dataset, data_dir, CONSOLE)
    print_lines(f"{parsed.dataset} is in '{data_dir}'.")
    return 0


def _check(parsed: argparse.Namespace) -> int:
    check_label_options(parsed)
    CONSOLE.info(f"checking {parsed.dataset} …")  # the libraries alone take a second
    data = _load(parsed)
    if data.stand_in or data.name in ("drawn", "drawn-faces"):
        CONSOLE.warning(
            f"note: {data.source}: these images come from the program or its libraries, so what "
            "is found here says nothing of your data."
        )
    if parsed.labels:
        report_labels(parsed, data)
        return 0

    from app.cli.audit_report import print_audit
    from app.data.audit.audit import audit

    with CONSOLE.progress("checking images") as update:
        found = audit(data, workers=os.cpu_count() or 1, progress=update)
    if parsed.json:
        print_json(found.to_json())
    else:
        print_audit(found, parsed.dataset)
    return 0


def _info(parsed: argparse.Namespace) -> int:
    from app.data.dataset import SPLIT_NAMES

    output = Path(parsed.output) if parsed.output else None
    if output is not None:
        refuse_to_overwrite(output, PICTURES)
    data = _load(parsed)
    counts = {name: data.counts(name) for name in SPLIT_NAMES}
    facts: dict[str, Any] = {
        "dataset": data.name,
        "source": data.source,
        "stand_in": data.stand_in,
        "class_names": list(data.class_names),
        "channels": data.channels,
        "images": counts,
        "sizes": _sizes(data.train),
        "fingerprints": data.fingerprints(),
    }
    if parsed.json:
        print_json(facts)
    else:
        sizes = facts["sizes"]
        print_lines(
            f"{data.display_name}: {data.source}; {'RGB' if data.channels == 3 else 'gray'}"
        )
        print_lines(
            f"Height {sizes['height'][0]} to {sizes['height'][1]}, width {sizes['width'][0]} to "
            f"{sizes['width'][1]} pixels (of {sizes['looked_at']:,} training images)"
        )
        print_table(
            ["class", *SPLIT_NAMES],
            [
                *(
                    [name, *(f"{counts[s][name]:,}" for s in SPLIT_NAMES)]
                    for name in counts["train"]
                ),
                ["images", *(f"{len(data.split(s)):,}" for s in SPLIT_NAMES)],
            ],
            right="train|validation|test",
        )
    if output is not None:
        from app.figure_files import save

        save(_figure(data, parsed.dataset), output)
        CONSOLE.info(f"wrote {output}")
    return 0


def _extract(parsed: argparse.Namespace) -> int:
    from app.data.dataset import SPLIT_NAMES, Split
    from app.data.extracting import extract

    if parsed.limit is not None and parsed.limit < 1:
        raise AppError(f"--limit is {parsed.limit}.", "Expected a whole number of at least 1.")
    folder = chosen_folder(parsed.output)
    refuse_inside(folder, parsed.dataset)
    data = _load(parsed)
    data.require_one_label("data extract")
    names = SPLIT_NAMES if parsed.split == "all" else (parsed.split,)
    images = Split.concatenate([data.split(name) for name in names])
    if parsed.limit is not None:
        images = images.take_balanced(parsed.limit)
    extract(images, data.class_names, folder)
    print_lines(f"wrote {counted(len(images), 'image')} of {data.display_name} into '{folder}'.")
    return 0


def _pack(parsed: argparse.Namespace) -> int:
    from app.data.shards.loading import verify_shards
    from app.data.shards.packing import pack

    if parsed.verify == bool(parsed.output):
        raise AppError(
            "pack has both -o and --verify."
            if parsed.verify
            else "pack has neither -o nor --verify.",
            "Expected a dataset with -o FOLDER to write, or a folder of shards with --verify.",
        )
    if not 1 <= parsed.shard_size <= 1_000_000:
        raise AppError(
            f"--shard-size is {parsed.shard_size}.", "Expected from 1 to 1,000,000 megabytes."
        )
    if parsed.verify:
        with CONSOLE.progress("verifying images") as update:
            count = verify_shards(Path(parsed.dataset), update)
        print_lines(f"All {count:,} images in '{parsed.dataset}' are those that were packed.")
        return 0
    folder = chosen_folder(parsed.output)
    refuse_inside(folder, parsed.dataset)
    data = _load(parsed)
    data.require_one_label("data pack")
    with CONSOLE.progress("packing images") as update:
        unreadable = pack(data, folder, shard_bytes=1_000_000 * parsed.shard_size, progress=update)
    for name in unreadable[:_MOST_NAMED]:
        CONSOLE.warning(f"left out, as it cannot be read: {name}")
    if len(unreadable) > _MOST_NAMED:
        CONSOLE.warning(f"… and {len(unreadable) - _MOST_NAMED:,} more")
    print_lines(
        f"wrote {data.display_name} into '{folder}'. Next: --dataset {shlex.quote(str(folder))}"
    )
    return 0


def _load(parsed: argparse.Namespace) -> Dataset:
    from app.data.registry import load_dataset

    return load_dataset(
        parsed.dataset, data_dir_of(parsed), protocol=parsed.protocol, reporter=CONSOLE
    )


def _sizes(examples: Split) -> dict[str, Any]:
    """Return the least and greatest height and width in pixels, of a sample of files."""
    from app.data.sizes import sampled_sizes

    sizes = sampled_sizes(examples)
    widths, heights = zip(*sizes, strict=True) if sizes else ((0,), (0,))
    return {
        "height": [min(heights), max(heights)],
        "width": [min(widths), max(widths)],
        "looked_at": len(sizes),
    }


def _figure(data: Dataset, dataset: str) -> Figure:
    from app.figures.dataset import dataset_figure

    names = data.class_names[:_SHEET_ROWS]
    rows = {name: _sample(data.train, label) for label, name in enumerate(names)}
    if not any(rows.values()):
        raise AppError(
            f"None of the sampled images of '{dataset}' can be decoded.",
            fix=f"Look at them: python -m app data check {shlex.quote(dataset)}",
        )
    return dataset_figure(rows, dataset=data.display_name, num_classes=len(data.class_names))


def _sample(examples: Split, label: int) -> list[np.ndarray]:
    """Return up to a row of images of one class, spread evenly over its examples."""
    import numpy as np

    from app.data.dataset import members_of
    from app.data.decoding import UndecodableImage, load_image

    members = np.flatnonzero(members_of(examples.labels, label))
    chosen = np.linspace(0, len(members) - 1, min(_SHEET_COLUMNS, len(members)), dtype=int)
    pictures = []
    for image in examples.take(members[chosen]).images:
        try:
            pixels = image if isinstance(image, np.ndarray) else load_image(image, (160, 160))
        except UndecodableImage:
            continue
        pictures.append(pixels)
    return pictures
