"""Overlaps of text in a figure, measured by the renderer."""

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from app.figures.canvas.style import PIXELS_WIDE, styled

_TOLERANCE = 1.5  # pixels


def collisions(figure: Figure, *, over_images: bool = False) -> list[str]:
    """Return what is wrong: text outside the figure, over other text, or over an image.

    Args:
        figure: Figure to render, as wide as it is saved.
        over_images: Whether text over images is intended.
    """
    figure.set_dpi(PIXELS_WIDE / figure.get_figwidth())
    with styled():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        texts = [(text.get_text(), text.get_window_extent()) for text in _texts(figure)]
        images = [image.get_window_extent() for axes in figure.axes for image in axes.images]
    page = Bbox.from_extents(0, 0, figure.bbox.width, figure.bbox.height)
    found = [f"outside the figure: {text!r}" for text, box in texts if not _within(box, page)]
    found += [
        f"{first!r} over {second!r}"
        for (first, box), (second, other) in combinations(texts, 2)
        if _overlap(box, other)
    ]
    if not over_images:
        found += [
            f"{text!r} over an image"
            for text, box in texts
            if any(_overlap(box, image) for image in images)
        ]
    return found


def _texts(figure: Figure) -> list[Text]:
    found = [*figure.texts]
    found += [text for text in (figure._suptitle, figure._supxlabel) if text is not None]
    for legend in [*figure.legends, *(axes.get_legend() for axes in figure.axes)]:
        if legend is not None:
            found += [*legend.get_texts(), legend.get_title()]
    for axes in figure.axes:
        found += axes.texts
        found += [axes.title, axes._left_title, axes._right_title]
        if axes.axison:
            for axis in (axes.xaxis, axes.yaxis):
                found += [axis.label, *(tick.label1 for tick in axis._update_ticks())]
    return [
        text
        for text in dict.fromkeys(found)
        if text.get_visible() and text.get_text().strip() and text.get_rotation() in (0, 90)
    ]


def _within(box: Bbox, page: Bbox) -> bool:
    return (
        box.x0 >= page.x0 - _TOLERANCE
        and box.y0 >= page.y0 - _TOLERANCE
        and box.x1 <= page.x1 + _TOLERANCE
        and box.y1 <= page.y1 + _TOLERANCE
    )


def _overlap(first: Bbox, second: Bbox) -> bool:
    across = min(first.x1, second.x1) - max(first.x0, second.x0)
    down = min(first.y1, second.y1) - max(first.y0, second.y0)
    return across > _TOLERANCE and down > _TOLERANCE
