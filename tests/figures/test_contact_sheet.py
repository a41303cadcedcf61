import io

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from app.figure_files import save
from app.figures.canvas.contact_sheet import contact_sheet
from app.figures.canvas.style import PIXELS_WIDE, VERMILLION


def render(figure: Figure) -> np.ndarray:
    """Return the figure as it is saved: `(H, 1200, 3)` uint8."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=PIXELS_WIDE / figure.get_figwidth())
    return np.asarray(Image.open(stream).convert("RGB"))


def boxes(figure: Figure) -> tuple[list, list]:
    """Return the extents of all images and of all texts, in pixels of the saved figure."""
    figure.set_dpi(PIXELS_WIDE / figure.get_figwidth())
    renderer = FigureCanvasAgg(figure).get_renderer()
    (axes,) = figure.axes
    return (
        [image.get_window_extent(renderer) for image in axes.images],
        [text.get_window_extent(renderer) for text in axes.texts],
    )


def overlap(first, second) -> bool:
    return (
        min(first.x1, second.x1) - max(first.x0, second.x0) > 0.5
        and min(first.y1, second.y1) - max(first.y0, second.y0) > 0.5
    )


def make_images(count: int, shape: tuple[int, ...] = (28, 28, 1)) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(count)]


def test_contact_sheet_basics():
    figure = contact_sheet(
        make_images(7), [f"digit {i}" for i in range(7)], columns=3, title="Seven"
    )
    assert isinstance(figure, Figure)
    pixels = render(figure)
    assert pixels.shape[1] == PIXELS_WIDE
    images, _ = boxes(figure)
    assert len(images) == 7
    assert len({round(box.y0) for box in images}) == 3
    assert len({round(box.x0) for box in images}) == 3
    assert {text.get_text() for text in figure.axes[0].texts} == {
        "Seven",
        *(f"digit {i}" for i in range(7)),
    }


@pytest.mark.parametrize(
    ("count", "columns", "shape"),
    [(1, 1, (28, 28, 1)), (2, 9, (8, 8, 3)), (40, 10, (28, 28, 1)), (60, 20, (32, 32, 3)),
     (5, 4, (300, 150, 3)), (5, 3, (100, 400, 1)), (9, 3, (64, 64, 3))],
)  # fmt: skip
@pytest.mark.parametrize(
    "caption",
    [
        "7",
        "dog 0.51, is cat",
        "a/very_long/path_without_any_space/to/an/image_file_0123456789_0123456789.jpeg",
        "two\nlines",
        "one\ntwo\nthree\nfour\nfive",
        "",
    ],
    ids=["digit", "words", "path", "lines", "many lines", "none"],
)
def test_contact_sheet_images_and_text_do_not_overlap(count, columns, shape, caption):
    title = "A title that is so long that it takes more than one line of a sheet of this width" * 2
    # One caption differs, so that rows have several heights.
    captions = [caption, *["short"] * (count - 1)]
    figure = contact_sheet(make_images(count, shape), captions, columns=columns, title=title)
    height = render(figure).shape[0]
    images, texts = boxes(figure)
    found = [box for box in images + texts if box.width > 0]
    for index, box in enumerate(found):
        assert box.x0 >= 0
        assert box.x1 <= PIXELS_WIDE
        assert box.y0 >= 0
        assert box.y1 <= height
        for other in found[index + 1 :]:
            assert not overlap(box, other)


def test_contact_sheet_text_is_legible():
    captions = ["a caption of many words that goes on and on and on"] * 40
    figure = contact_sheet(make_images(40), captions, columns=20, title="Small")
    sizes = [text.get_fontsize() for text in figure.axes[0].texts]
    assert min(sizes) * PIXELS_WIDE / figure.get_figwidth() / 72 >= 14  # pixels
    assert any(text.get_text().endswith("…") for text in figure.axes[0].texts)


def test_contact_sheet_tiny_images_are_sharp():
    # Every pixel of a checkerboard becomes a square of one value: no other gray appears.
    board = np.uint8(255) * (np.indices((28, 28)).sum(axis=0) % 2).astype(np.uint8)
    figure = contact_sheet([board[..., None]], [""], columns=8, title="")
    (box,), _ = boxes(figure)
    pixels = render(figure)
    top = pixels.shape[0] - round(box.y1)
    shown = pixels[
        top : top + round(box.height), round(box.x0) : round(box.x0) + round(box.width), 0
    ]
    factor = shown.shape[0] // 28
    assert factor >= 2
    np.testing.assert_array_equal(shown, np.kron(board, np.ones((factor, factor), np.uint8)))


def test_contact_sheet_gray_keeps_its_range():
    # A faint image stays faint: 100 is shown as 100, not as white.
    image = np.full((28, 28, 1), 100, np.uint8)
    pixels = render(contact_sheet([image], [""], columns=1, title=""))
    middle = pixels[pixels.shape[0] // 2, PIXELS_WIDE // 2]
    np.testing.assert_array_equal(middle, [100, 100, 100])


def test_contact_sheet_colors_are_unchanged():
    image = np.full((100, 100, 3), (10, 120, 230), np.uint8)
    pixels = render(contact_sheet([image], [""], columns=1, title=""))
    np.testing.assert_array_equal(pixels[pixels.shape[0] // 2, PIXELS_WIDE // 2], [10, 120, 230])


def test_contact_sheet_several_shapes_keep_proportions():
    images = [
        np.zeros(shape, np.uint8) for shape in ((100, 200, 3), (300, 100, 1), (50, 50), (9, 7, 3))
    ]
    figure = contact_sheet(images, ["a", "b", "c", "d"], columns=2, title="")
    for image, box in zip(images, boxes(figure)[0], strict=True):
        assert box.height / box.width == pytest.approx(image.shape[0] / image.shape[1], rel=0.02)


def test_contact_sheet_marked_image_has_frame_and_colored_caption():
    figure = contact_sheet(
        make_images(3), ["a", "b", "c"], columns=3, title="", marks=[False, True, False]
    )
    (axes,) = figure.axes
    (frame,) = axes.patches
    images, _ = boxes(figure)
    around = frame.get_window_extent()
    assert around.x0 < images[1].x0 < images[1].x1 < around.x1
    assert [text.get_color() == VERMILLION for text in axes.texts] == [False, True, False]


def test_contact_sheet_dollars_in_captions_are_literal(tmp_path):
    figure = contact_sheet(make_images(1), ["$x^ \\frac{ $5_bill"], columns=1, title="$^$")
    save(figure, tmp_path / "sheet.png")
    assert figure.axes[0].texts[-1].get_text() == "$x^ \\frac{ $5_bill"


@pytest.mark.parametrize(
    ("images", "captions", "columns", "marks"),
    [(2, 1, 3, None), (2, 2, 3, [True]), (0, 0, 3, None), (2, 2, 0, None)],
)
def test_contact_sheet_wrong_arguments_raise(images, captions, columns, marks):
    with pytest.raises(ValueError, match="Received"):
        contact_sheet(make_images(images), ["x"] * captions, columns=columns, title="", marks=marks)
