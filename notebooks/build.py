"""Write the notebooks from their sources and the texts of the slides.

  python notebooks/build.py

A source is a script with cells (`# %%`). A cell `{{Title}}` becomes the claim, formula, what the
commands compare and the prediction of the slide with that title, `{{question: Title}}` what to see,
the question and its answer, so that there is one text for notebooks and the HTML document.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import jupytext
import nbformat

FOLDER = Path(__file__).resolve().parent
SOURCES = sorted((FOLDER / "sources").glob("*.py"))
sys.path.insert(0, str(FOLDER.parent))

from app.lecture.slides import SLIDES
from app.lecture.slides.slide import Slide

_MARK = re.compile(r"^\{\{(question: )?(.+)\}\}$")
_BY_TITLE = {slide.title: slide for slide in SLIDES}


def notebook_of(source: Path) -> str:
    """Return a notebook without outputs as the text of its file."""
    notebook = jupytext.read(source, fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        mark = _MARK.match(cell.source.strip())
        if mark:
            slide = _BY_TITLE[mark[2]]
            cell.source = _after(slide) if mark[1] else _before(slide)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.writes(notebook) + "\n"


def titles_in(source: Path) -> list[str]:
    """Return the titles of the slides in a source, each once for its claim."""
    cells = jupytext.read(source, fmt="py:percent").cells
    marks = [_MARK.match(cell.source.strip()) for cell in cells]
    return [mark[2] for mark in marks if mark and not mark[1]]


def target_of(source: Path) -> Path:
    """Return the file of the notebook."""
    return FOLDER / f"{source.stem}.ipynb"


def _before(slide: Slide) -> str:
    parts = [f"## {slide.title}", slide.text]
    if slide.formula:
        parts.append(f"```\n{slide.formula}\n```")
    parts += [example.about for example in slide.examples if example.about]
    return "\n\n".join([*parts, f"**Predict.** {slide.predict}"])


def _after(slide: Slide) -> str:
    return "\n\n".join([
        f"**What to see.** {slide.see}",
        f"**Question.** {slide.question}",
        f"<details><summary>Answer</summary>\n\n{slide.answer}\n\n</details>",
    ])  # fmt: skip


if __name__ == "__main__":
    for path in SOURCES:
        target_of(path).write_text(notebook_of(path), "utf-8")
        print(f"wrote {target_of(path).name}")
