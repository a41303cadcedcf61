"""Copy full results of the experiments into the package, for `lecture all --quick`.

  python benchmarks/lab_results.py FOLDER

FOLDER is the output folder of `python -m app lecture all -o FOLDER`, or of the slides' `lab`
commands with `-o FOLDER/lab`, `-o FOLDER/lab/trained` and so on. Entries of commands without a
finding there stay unchanged; those of commands that no slide has are dropped. The table of
processor times at the end of `app/lecture/README.md` is regenerated. With `--times`, FOLDER is a
repetition: only its processor times are copied, and the largest difference to the shipped rows is
printed.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from PIL import Image

from app.lab.shipped import INDEX, RESULTS, times_table
from app.lab.store import SECONDS
from app.lecture.slides import SLIDES
from app.lecture.slides.slide import FOLDER, Example

_QUALITY = 85
_README = RESULTS.parents[1] / "lecture" / "README.md"


def copy_result(example: Example, folder: Path) -> dict[str, object] | None:
    """Copy the figures of one command and return its index entry, or `None`."""
    pictures = [folder / Path(picture).relative_to(FOLDER) for picture in example.figures]
    output = output_of(example)
    content = read_result(example, folder)
    if content is None or not all(picture.is_file() for picture in pictures):
        return None
    figures = []
    for picture in pictures:
        target = f"{'-'.join((*output.parts[1:], picture.stem))}.webp"
        with Image.open(picture) as image:
            image.convert("RGB").save(RESULTS / target, quality=_QUALITY, method=6)
        figures.append(target)
    return {
        **content["measured"],
        "finding": content["finding"],
        "figures": figures,
        "rows": content["rows"],
    }


def output_of(example: Example) -> Path:
    """Return the folder of a command's output, relative to FOLDER."""
    return Path(example.command.split(" -o ")[1]).relative_to(FOLDER)


def read_result(example: Example, folder: Path) -> dict[str, Any] | None:
    """Return what a full run of a command has written, or `None`."""
    record = folder / output_of(example) / f"{example.command.split()[1]}.json"
    if not record.is_file():
        return None
    content: dict[str, Any] = json.loads(record.read_text("utf-8"))
    return None if content.get("quick") or not content.get("finding") else content


def copy_time(entry: dict[str, Any], repeated: dict[str, Any]) -> float:
    """Copy a repetition's processor time; return the largest difference of numbers from 0 to 1."""
    if [list(row) for row in entry["rows"]] != [list(row) for row in repeated["rows"]]:
        raise SystemExit("The repetition has other rows.")
    entry[SECONDS] = repeated["measured"][SECONDS]
    return max(
        (
            abs(one[name] - other[name])
            for one, other in zip(entry["rows"], repeated["rows"], strict=True)
            for name in one
            if isinstance(one[name], float) and isinstance(other[name], float)
            and 0 <= one[name] <= 1
        ),
        default=0.0,
    )  # fmt: skip


def write_times() -> None:
    """Write the processor times at the end of the README of the lecture."""
    table = times_table()
    heading = table.splitlines()[0]
    above = _README.read_text("utf-8").partition(heading)[0]
    _README.write_text(above + table, "utf-8")


def main() -> None:
    """Write the index and the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="output folder of the experiments")
    parser.add_argument("--times", action="store_true", help="copy processor times alone")
    arguments = parser.parse_args()
    folder = arguments.folder
    path = RESULTS / INDEX
    index = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    RESULTS.mkdir(exist_ok=True)
    commands = []
    for slide in SLIDES:
        for example in slide.examples:
            command = example.command
            if not command.startswith("lab "):
                continue
            commands.append(command)
            if arguments.times:
                repeated = read_result(example, folder)
                if repeated is not None and command in index:
                    print(f"differs by {copy_time(index[command], repeated):.4f}: {command}")
                continue
            entry = copy_result(example, folder)
            if entry is not None:
                index[command] = entry
            print(f"{'unchanged' if entry is None else 'copied'}: {command}")
    # One line per command.
    lines = [f"{json.dumps(command)}: {json.dumps(entry, ensure_ascii=False)}"
             for command, entry in index.items() if command in commands]  # fmt: skip
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    write_times()


if __name__ == "__main__":
    main()
