"""Render sections with tables and figures into one self-contained HTML file."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from app.figures.canvas.style import Figure, encode
from app.files import atomic_file


@dataclass(frozen=True)
class Table:
    """Rows of text.

    Attributes:
        rows: Cells of each row; without a header, the first cell is the row's heading.
        header: Names of the columns, or nothing.
        numbers: Positions of right-aligned columns.
    """

    rows: Sequence[Sequence[str]]
    header: Sequence[str] = ()
    numbers: Sequence[int] = ()


@dataclass(frozen=True)
class Picture:
    """A picture inside the page.

    Attributes:
        data: Content in base64.
        alt: Alternative text for screen readers.
        kind: `png`, `gif` or `webp`.
    """

    data: str
    alt: str
    kind: str = "png"


@dataclass(frozen=True)
class Transcript:
    """A command with its output.

    Attributes:
        command: Command as typed.
        output: Printed text.
        pictures: Figures that it drew.
        note: Origin of the output; may be empty.
        about: Paragraph above the note; may be empty.
        folded: Whether it is shown only when asked for, below its note.
    """

    command: str
    output: str
    pictures: Sequence[Picture]
    note: str = ""
    about: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Download:
    """A file inside the page, which a reader can save.

    Attributes:
        name: Name of the file.
        content: Its bytes.
        kind: Media type, such as `text/csv`.
    """

    name: str
    content: bytes
    kind: str

    @property
    def data(self) -> str:
        """Content in base64."""
        return base64.b64encode(self.content).decode()


@dataclass(frozen=True)
class Section:
    """A part of the page.

    A paragraph may be empty. Text between backticks is code.

    Attributes:
        title: Heading.
        text: Paragraph below the heading.
        table: Table below the text.
        pictures: Pictures below the table.
        download: File offered below the table.
        transcripts: Transcripts below the pictures.
        formula: Formulas between the text and the table, one per line.
        predict: What to predict before reading on, below the formulas.
        see: What to see in the above.
        question: Exercise.
        answer: Its answer, which is shown when asked for.
    """

    title: str
    text: str = ""
    table: Table | None = None
    pictures: Sequence[Picture] = ()
    transcripts: Sequence[Transcript] = ()
    formula: str = ""
    predict: str = ""
    see: str = ""
    question: str = ""
    answer: str = ""
    download: Download | None = None


@dataclass(frozen=True)
class Page:
    """A whole page.

    Attributes:
        title: Heading.
        summary: Paragraph below it.
        sections: Sections, from top to bottom.
        footer: Small print at the end.
        banner: Notice at the top; empty for none.
    """

    title: str
    summary: str
    sections: Sequence[Section]
    footer: str
    banner: str = ""


def picture_of(figure: Figure, alt: str) -> Picture:
    """Return a figure as a picture, drawn as `save` draws it."""
    return Picture(base64.b64encode(encode(figure, ".png")).decode(), alt)


def picture_from(path: Path, alt: str) -> Picture:
    """Return a PNG, GIF or WebP file as a picture."""
    return Picture(base64.b64encode(path.read_bytes()).decode(), alt, path.suffix[1:].lower())


def write_page(path: Path, page: Page) -> None:
    """Write the page, whole or not at all.

    Raises:
        AppError: If the file cannot be written.
    """
    from jinja2 import Environment

    template = files("app.report").joinpath("report.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, trim_blocks=True)
    text = environment.from_string(template).render(vars(page))
    with atomic_file(path) as temporary:
        temporary.write_text(text, "utf-8", "backslashreplace")  # names of files may be anything
