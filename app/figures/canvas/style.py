"""The style of every figure, and its encoding.

A figure is drawn and encoded inside `styled()`. It is eight inches wide and comes out 1,200 pixels
wide, where its smallest text is 17 pixels high.

    @styled()
    def loss_curve(losses: Sequence[float]) -> Figure:
        figure = Figure(figsize=(WIDTH, 4.0))
        ...
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib.figure import Figure as Figure  # for annotations elsewhere
from matplotlib.text import Text

from app.files import printable

WIDTH = 8.0  # inches
PIXELS_WIDE = 1200

# Okabe & Ito, Color Universal Design: distinct with any common color blindness. Yellow, which is
# faint on white, is last.
BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PURPLE, BLACK, YELLOW = "#56B4E9", "#CC79A7", "#000000", "#F0E442"
PALETTE = (BLUE, VERMILLION, GREEN, ORANGE, SKY, PURPLE, BLACK, YELLOW)

# Red above zero, blue below, white at zero: distinct with any color blindness.
SIGNED = "RdBu_r"

INK, FAINT = "#222222", "#DDDDDD"

_RC: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#888888",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 11,
    "axes.linewidth": 0.6,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "figure.dpi": PIXELS_WIDE / WIDTH,
    "figure.facecolor": "white",
    "figure.figsize": (WIDTH, 4.5),
    "figure.titlesize": 13,
    "figure.titleweight": "bold",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "image.cmap": "viridis",
    "legend.fontsize": 10,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 4,
    "savefig.facecolor": "white",
    # Makes the identifiers inside an SVG reproducible.
    "svg.hashsalt": "convlab",
    "text.color": INK,
    "text.parse_math": False,  # dollar signs in names are no formulas
    "xtick.color": "#555555",
    "xtick.labelcolor": INK,
    "xtick.labelsize": 9,
    "ytick.color": "#555555",
    "ytick.labelcolor": INK,
    "ytick.labelsize": 9,
}

# Neither dates nor versions: the same arrays give the same file.
_METADATA: dict[str, dict[str, str | None]] = {
    ".png": {"Software": None},
    ".jpg": {},
    ".jpeg": {},
    ".webp": {},
    ".svg": {"Creator": None, "Date": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
FORMATS = tuple(_METADATA)


# matplotlib's parameters are global, and callers may use threads.
_DRAWING = threading.RLock()


@contextmanager
def styled() -> Iterator[None]:
    """Use the shared style inside a block or a decorated function.

    It ignores the user's `matplotlibrc`, so that a figure looks the same everywhere.
    """
    with _DRAWING, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_RC)
        yield


def encode(figure: Figure, extension: str) -> bytes:
    """Return a figure as the content of a file whose extension is one of `FORMATS`."""
    for text in figure.findobj(Text):
        # Names of files, classes and datasets may contain characters that no font has.
        text.set_text("\n".join(map(printable, text.get_text().split("\n"))))
    buffer = io.BytesIO()
    with styled():
        figure.savefig(
            buffer,
            format=extension[1:],
            dpi=PIXELS_WIDE / figure.get_figwidth(),
            metadata=_METADATA[extension] or None,  # some formats refuse even an empty one
        )
    return buffer.getvalue()
