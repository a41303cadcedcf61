import io

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from app.figures.augmentation import original_and_augmented
from app.figures.canvas.image_table import ImageRow, table_of_images
from app.figures.canvas.style import PIXELS_WIDE


def make_images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def boxes(figure) -> tuple[list, list]:
    """Return the extents of all images and of all texts, in pixels of the saved figure."""
    figure.set_dpi(PIXELS_WIDE / figure.get_figwidth())
    renderer = FigureCanvasAgg(figure).get_renderer()
    (axes,) = figure.axes
    return (
        [image.get_window_extent(renderer) for image in axes.images],
        [text.get_window_extent(renderer) for text in axes.texts],
    )


def check_layout(figure) -> None:
    """Nothing overlaps and nothing leaves the sheet."""
    images, texts = boxes(figure)
    height = figure.get_figheight() * PIXELS_WIDE / figure.get_figwidth()
    everything = [*images, *texts]
    for k, box in enumerate(everything):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= PIXELS_WIDE
        assert box.y1 <= height
        for other in everything[k + 1 :]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            down = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert across <= 0.5 or down <= 0.5, (box, other)


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize("rows", [1, 2, 5])
@pytest.mark.parametrize("columns", [1, 4, 12])
@pytest.mark.parametrize("shape", [(28, 28, 1), (150, 150, 3), (20, 40, 3)])
def test_beside_original_layout(rows, columns, shape):
    figure = original_and_augmented(
        make_images(*shape),
        make_images(rows, columns, *shape),
        [f"epoch {k + 1}" for k in range(rows * columns)],
        title="cat.png: what training gets to see with 'lecture'",
        note="rotation_range=40.0, " * 9,
    )
    check_layout(figure)
    original, *others = boxes(figure)[0]
    assert len(others) == rows * columns
    assert original.width >= others[0].width
    assert len({round(box.width) for box in others}) == 1


def test_beside_original_pixels_are_unchanged():
    """Each pixel of a small image is a square of one color; gray is not stretched."""
    original = np.full((8, 8, 1), 100, np.uint8)
    original[2, 3] = 140
    figure = original_and_augmented(
        original, original[np.newaxis, np.newaxis], ["same"], title="", note=""
    )
    box = boxes(figure)[0][1]
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=PIXELS_WIDE / figure.get_figwidth())
    shown = np.asarray(Image.open(stream).convert("L"))
    top = shown.shape[0] - box.y1
    side = box.width / 8
    centers = np.round((np.arange(8) + 0.5) * side).astype(int)
    found = shown[np.ix_(round(top) + centers, round(box.x0) + centers)]
    np.testing.assert_array_equal(found, original[..., 0])


@pytest.mark.parametrize("columns", [2, 5, 12])
@pytest.mark.parametrize("shape", [(28, 28, 1), (150, 150, 3)])
def test_table_of_images_layout(columns, shape):
    figure = table_of_images(
        [
            ImageRow(
                make_images(columns, *shape),
                "zoom\nboth axes; below ×1 magnifies",
                ["13.3% right"] * columns,
            ),
            ImageRow(make_images(2, *shape), "horizontal flip\nhalf of images", ["no", "yes"]),
        ],
        [],
        title="Each parameter of 'lecture', from its minimum to its maximum",
        note="cat.png",
    )
    check_layout(figure)
    assert len(boxes(figure)[0]) == columns + 2
    assert {"zoom", "horizontal flip", "13.3% right", "yes"} <= set(texts(figure))


def test_table_of_images_original_is_framed():
    rows = [ImageRow(make_images(3, 28, 28, 1), label) for label in ("a$b$", "c")]
    figure = table_of_images(
        rows, ["original", "1", "2"], title="", note="", first_is_original=True
    )
    check_layout(figure)
    assert len(figure.axes[0].patches) == 2
    assert "a$b$" in texts(figure)  # no formula


def test_table_of_images_long_names_are_wrapped():
    figure = table_of_images(
        [
            ImageRow(
                make_images(2, 28, 28, 1),
                "a_very_long_class_name_without_blanks\nfolder/" + "x" * 80 + ".png",
            )
        ],
        ["original", "epoch 1"],
        title="t" * 200,
        note="",
    )
    images, words = boxes(figure)
    check_layout(figure)
    assert words
    assert images


def test_wrong_numbers_of_captions_and_labels_raise():
    image = make_images(8, 8, 1)
    with pytest.raises(ValueError, match="captions"):
        original_and_augmented(image, image[np.newaxis, np.newaxis], [], title="", note="")
    with pytest.raises(ValueError, match="column_labels"):
        table_of_images([ImageRow([image])], ["a", "b"], title="", note="")
    with pytest.raises(ValueError, match="captions"):
        ImageRow([image], "", ["a", "b"])
