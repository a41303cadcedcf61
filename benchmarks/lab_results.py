"""Put full results of the experiments into the package, where `lecture all --quick` shows them.

  python benchmarks/lab_results.py FOLDER

FOLDER is where `python -m app lecture all -o FOLDER` was run, or the slides' `lab` commands with
`-o FOLDER/lab`, `-o FOLDER/lab/trained` and `-o FOLDER/lab/photographs`. Commands without a
finding there are left as they are.
"""

import argparse
import json
from pathlib import Path

from PIL import Image

from app.cli.lecture.slides import FOLDER, SLIDES, Demonstration
from app.lab.shipped import INDEX, RESULTS

_QUALITY = 85


def take(one: Demonstration, folder: Path) -> dict[str, object] | None:
    """Copy the figures of one command; return its entry of the index, or `None`."""
    pictures = [folder / Path(picture).relative_to(FOLDER) for picture in one.pictures]
    name = one.command.split()[1]
    place = Path(one.command.split(" -o ")[1]).relative_to(FOLDER)
    record = folder / place / f"{name}.json"
    if not record.is_file() or not all(picture.is_file() for picture in pictures):
        return None
    content = json.loads(record.read_text("utf-8"))
    if content.get("quick") or not content.get("finding"):
        return None
    figures = []
    for picture in pictures:
        target = f"{'-'.join((*place.parts[1:], picture.stem))}.webp"
        with Image.open(picture) as image:
            image.convert("RGB").save(RESULTS / target, quality=_QUALITY, method=6)
        figures.append(target)
    return {
        **content["measured"],
        "finding": content["finding"],
        "figures": figures,
        "rows": content["rows"],
    }


def main() -> None:
    """Write the index and the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    path = RESULTS / INDEX
    index = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    RESULTS.mkdir(exist_ok=True)
    for slide in SLIDES:
        for one in slide.shown_by:
            if one.command.startswith("lab "):
                entry = take(one, folder)
                if entry is not None:
                    index[one.command] = entry
                print(f"{'kept' if entry is None else 'taken'}: {one.command}")
    # A line for each command.
    lines = [f"{json.dumps(command)}: {json.dumps(one, ensure_ascii=False)}"
             for command, one in index.items()]  # fmt: skip
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
