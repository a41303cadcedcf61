"""Copy full results of the experiments into the package, for `lecture all --quick`.

  python benchmarks/lab_results.py FOLDER

FOLDER is the output folder of `python -m app lecture all -o FOLDER`, or of the slides' `lab`
commands with `-o FOLDER/lab`, `-o FOLDER/lab/trained` and so on. Entries of commands without a
finding there stay unchanged; those of commands that no slide has are dropped. The table of
processor times at the end of `app/lecture/README.md` is regenerated.
"""

import argparse
import json
from pathlib import Path

from PIL import Image

from app.lab.shipped import INDEX, RESULTS, times_table
from app.lecture.slides import SLIDES
from app.lecture.slides.slide import FOLDER, Example

_QUALITY = 85
_README = RESULTS.parents[1] / "lecture" / "README.md"


def copy_result(example: Example, folder: Path) -> dict[str, object] | None:
    """Copy the figures of one command and return its index entry, or `None`."""
    pictures = [folder / Path(picture).relative_to(FOLDER) for picture in example.figures]
    name = example.command.split()[1]
    output = Path(example.command.split(" -o ")[1]).relative_to(FOLDER)
    record = folder / output / f"{name}.json"
    if not record.is_file() or not all(picture.is_file() for picture in pictures):
        return None
    content = json.loads(record.read_text("utf-8"))
    if content.get("quick") or not content.get("finding"):
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
    folder = parser.parse_args().folder
    path = RESULTS / INDEX
    index = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    RESULTS.mkdir(exist_ok=True)
    commands = []
    for slide in SLIDES:
        for example in slide.examples:
            if example.command.startswith("lab "):
                entry = copy_result(example, folder)
                if entry is not None:
                    index[example.command] = entry
                print(f"{'unchanged' if entry is None else 'copied'}: {example.command}")
                commands.append(example.command)
    # One line per command.
    lines = [f"{json.dumps(command)}: {json.dumps(entry, ensure_ascii=False)}"
             for command, entry in index.items() if command in commands]  # fmt: skip
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    write_times()


if __name__ == "__main__":
    main()
