"""The manual layout: sizes and the signed scale."""

import numpy as np

from app.figures.canvas.sheet import GAP, MARGIN, Sheet, cell_size, shown_size
from app.figures.canvas.style import PIXELS_WIDE, styled


def test_cell_size_fills_the_width_with_whole_pixels():
    wide, tall = cell_size(4, PIXELS_WIDE - 2 * MARGIN, (100, 200))
    assert 4 * wide + 3 * GAP <= PIXELS_WIDE - 2 * MARGIN
    assert tall == round(wide / 2)
    assert shown_size(100, (28, 28)) == (84, 84)


@styled()
def test_signed_map_is_white_at_zero():
    sheet = Sheet("title", "note")
    sheet.signed_map(np.array([[-2.0, 0.0, 2.0]]), 2.0, (0, 0, 30, 10))
    sheet.signed_bar(2.0, "activation", 0, 20, 100)
    image = sheet.axes.images[0]
    blue, white, red = image.cmap(image.norm(np.array([-2.0, 0.0, 2.0])))
    assert blue[2] > blue[0]
    assert min(white[:3]) > 0.95
    assert red[0] > red[2]
    texts = [text.get_text() for text in sheet.axes.texts]
    assert texts[:2] == ["title", "note"]
    assert {"activation", "−2", "0", "2"} <= set(texts)
    assert sheet.finish(300).get_figwidth() == 8
