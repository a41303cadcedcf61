"""Text width equals that of the renderer; wrapped and shortened text fits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from app.figures.canvas.style import PIXELS_WIDE, WIDTH, styled
from app.figures.canvas.text import cut_to, fitting_size, shortened, text_width, wrap

LETTERS = st.characters(codec="ascii", categories=["L", "N", "P", "Zs"])
TEXTS = st.text(LETTERS, max_size=60)
WIDTHS = st.integers(120, 900)


@pytest.mark.parametrize("text", ["conv_1", "receptive field: 139×139 px", "WWWWW", "iiiii", "…"])
@pytest.mark.parametrize("size", [7, 10, 13])
@pytest.mark.parametrize("bold", [False, True])
def test_text_width_matches_the_renderer(text, size, bold):
    with styled():
        figure = Figure(figsize=(WIDTH, 2), dpi=PIXELS_WIDE / WIDTH)
        drawn = figure.text(0, 0, text, size=size, weight="bold" if bold else "normal")
        FigureCanvasAgg(figure).draw()
        expected = drawn.get_window_extent().width
    assert text_width(text, size, bold=bold) == pytest.approx(expected, rel=0.08, abs=3)


@given(TEXTS, WIDTHS, st.booleans())
@settings(deadline=None)
def test_wrap_keeps_letters_and_width(text, width, bold):
    lines = wrap(text, width, 10, bold=bold)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width(line, 10, bold=bold) <= width for line in lines)


@given(TEXTS, WIDTHS)
@settings(deadline=None)
def test_cut_to_and_shortened_fit_and_keep_short_text(text, width):
    cut, short = cut_to(text, width, 10), shortened(text, width, 10)
    for found in (cut, short):
        assert text_width(found, 10) <= width
        assert (found == text) == (text_width(text, 10) <= width)
    if cut != text:
        assert cut.endswith("…")
        assert text.startswith(cut[:-1])
        head, _, tail = short.partition("…")
        assert text.startswith(head)
        assert text.endswith(tail)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("IMG_0197.jpg", ["IMG_0197", ".jpg"]),
        ("holiday_0197.jpeg", ["holiday_", "0197.jpeg"]),
        ("", [""]),
    ],
)
def test_wrap_breaks_a_file_name_before_its_extension(name, lines):
    assert wrap(name, text_width("IMG_0197.j", 10), 10) == lines


def test_fitting_size_is_the_largest_that_fits():
    width = text_width("epoch 12", 8)
    assert fitting_size(["epoch 1", "epoch 12"], width, range(10, 3, -1)) == 8
    assert fitting_size(["epoch 12" * 9], width, range(10, 3, -1)) == 4
