"""Tables of predictions as CSV or Parquet: written in pieces, which are then joined."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from app.classifier.columns import NUMBER, TEXT, WHOLE
from app.errors import AppError
from app.files import printable


class Field(NamedTuple):
    """Heading of a column, and the kind of its values, one of `app.classifier.columns`."""

    heading: str
    kind: str


class Format(Protocol):
    """A format of tables. Control characters in texts are escaped, as on standard output."""

    def write(self, path: Path, fields: Sequence[Field], rows: Sequence[Sequence[object]]) -> None:
        """Write the rows of a piece; an empty string is an empty cell."""

    def join(self, pieces: Iterable[Path], fields: Sequence[Field], target: Path) -> None:
        """Write the rows of all pieces into one file, of which no more than one is in memory."""


class Csv:
    """Comma-separated values in UTF-8; pieces have no headings."""

    def write(self, path: Path, fields: Sequence[Field], rows: Sequence[Sequence[object]]) -> None:
        """Write rows; numbers have all their digits."""
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(map(_safe, rows))

    def join(self, pieces: Iterable[Path], fields: Sequence[Field], target: Path) -> None:
        """Write the headings, then the content of each piece."""
        self.write(target, fields, [[field.heading for field in fields]])
        with target.open("ab") as file:
            for piece in pieces:
                with piece.open("rb") as rows:
                    shutil.copyfileobj(rows, file)


class Parquet:
    """Parquet with a group of rows for each piece; texts, 64-bit integers and floating point."""

    def write(self, path: Path, fields: Sequence[Field], rows: Sequence[Sequence[object]]) -> None:
        """Write rows; an empty number is null."""
        import pyarrow as pa
        from pyarrow import parquet

        schema = _schema(fields)
        cells = zip(*map(_safe, rows), strict=True)
        columns = [
            pa.array(
                [None if cell == "" and field.kind != TEXT else cell for cell in column], one.type
            )
            for field, one, column in zip(fields, schema, cells, strict=True)
        ]
        parquet.write_table(pa.Table.from_arrays(columns, schema=schema), path)

    def join(self, pieces: Iterable[Path], fields: Sequence[Field], target: Path) -> None:
        """Write each piece as a group of rows."""
        from pyarrow import parquet

        with parquet.ParquetWriter(target, _schema(fields)) as writer:
            for piece in pieces:
                with parquet.ParquetFile(piece) as file:
                    writer.write_table(file.read())


FORMATS: dict[str, Format] = {".csv": Csv(), ".parquet": Parquet()}


def format_of(target: Path) -> Format:
    """Return the format that the ending of a file names.

    Raises:
        AppError: If there is none, or a package that it needs is not installed.
    """
    ending = target.suffix.lower()
    if ending not in FORMATS:
        raise AppError(
            f"-o '{target}': predictions are not written as {ending or 'a file without an ending'}"
            + ".",
            f"Expected a file name ending in {' or '.join(FORMATS)}.",
        )
    if ending == ".parquet" and find_spec("pyarrow") is None:
        raise AppError(
            f"-o '{target}': Parquet needs the package pyarrow, which is not installed.",
            "Expected pyarrow, or a file name ending in .csv.",
            "pip install -e '.[parquet]', or: pip install pyarrow",
        )
    return FORMATS[ending]


def _safe(row: Sequence[object]) -> list[object]:
    return [printable(cell) if isinstance(cell, str) else cell for cell in row]


def _schema(fields: Sequence[Field]) -> Any:
    import pyarrow as pa

    types = {TEXT: pa.string(), WHOLE: pa.int64(), NUMBER: pa.float64()}
    return pa.schema([(printable(field.heading), types[field.kind]) for field in fields])
