"""Padding: how many windows cover each pixel."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from app.figures.canvas.grids import Grid, matrix_sheet, shades
from app.figures.canvas.style import Figure
from app.lecture.coverage import PaddingCase, conclusions

_LETTERS = 96  # in a line of text


def padding_figure(cases: Sequence[PaddingCase], settings: str) -> Figure:
    """Draw windows per pixel as grids, the bluer the more windows; padding stays empty.

    Args:
        cases: Paddings to compare.
        settings: Sizes of input, filter and stride, for the note.
    """
    most = max(1, *(case.counts.max() for case in cases))
    grids = []
    for case in cases:
        p = case.padding
        padded = np.pad(case.counts.astype(float), p, constant_values=np.nan)
        faces = shades(np.nan_to_num(padded), most)
        grids.append(Grid(case.heading, padded, inside=(p, p, *case.counts.shape), faces=faces))
    return matrix_sheet(
        [grids],
        title="Why padding? How many windows cover each pixel",
        note=f"{settings}; gray: padding",
        text="\n".join(textwrap.fill(line, _LETTERS) for line in conclusions(cases)),
    )
