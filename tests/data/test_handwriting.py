import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scipy import ndimage

from app.data.handwriting import INK_SIDE, SIDE, center_digit, load_digit


def drawing(side=200, at=(60, 40), bright=False):
    image = Image.new("L", (side, side), 0 if bright else 255)
    x, y = at
    ImageDraw.Draw(image).line(
        [(x, y), (x + 60, y), (x + 20, y + 100)], fill=255 if bright else 0, width=12
    )
    return np.asarray(image)[..., np.newaxis]


def ink_box(digit):
    rows, columns = np.nonzero(digit[..., 0] > 40)
    return np.ptp(rows) + 1, np.ptp(columns) + 1


def test_ink_is_bright_twenty_pixels_high_and_centred_by_mass():
    digit = center_digit(drawing())
    assert digit.shape == (SIDE, SIDE, 1)
    assert digit.dtype == np.uint8
    assert digit[0, 0, 0] == 0
    assert digit.max() > 200
    assert abs(max(ink_box(digit)) - INK_SIDE) <= 1
    center = ndimage.center_of_mass(digit[..., 0].astype(float))
    assert np.abs(np.array(center) - SIDE / 2).max() <= 0.75


def test_place_and_polarity_do_not_matter():
    np.testing.assert_array_equal(center_digit(drawing()), center_digit(drawing(at=(110, 80))))
    same = center_digit(drawing(bright=True)).astype(int)
    assert np.abs(same - center_digit(drawing())).max() <= 1


@pytest.mark.parametrize("towards", ["right", "left", "bottom"])
def test_uneven_light_on_the_paper_leaves_nothing(towards):
    shade = np.linspace(0, 70, 200)
    shade = {"right": shade, "left": shade[::-1], "bottom": shade[:, np.newaxis]}[towards]
    shaded = np.clip(drawing()[..., 0] - np.broadcast_to(shade, (200, 200)), 0, 255)
    found = center_digit(shaded[..., np.newaxis].astype(np.uint8)).astype(int)
    even = center_digit(drawing())
    assert ink_box(found) == ink_box(even)
    assert found[even == 0].max() <= 12
    assert abs(found[even > 200].mean() - even[even > 200].mean()) < 40


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_canvas_gives_an_empty_digit(value):
    assert center_digit(np.full((50, 40, 1), value, np.uint8)).max() == 0


@given(st.integers(0, 499), st.integers(0, 499), st.integers(501, 999), st.integers(501, 999))
@settings(max_examples=20)
def test_specks_far_apart_are_no_digit(top, left, bottom, right):
    page = np.full((1000, 1000, 1), 255, np.uint8)
    page[top, left] = page[bottom, right] = 0
    assert center_digit(page).shape == (SIDE, SIDE, 1)


@pytest.mark.parametrize("size", [(28, 28), (32, 32), (20, 40)])
def test_a_digit_has_the_size_that_its_model_was_trained_on(tmp_path, size):
    path = tmp_path / "digit.png"
    Image.fromarray(drawing(bright=True)[..., 0]).save(path)
    digit = load_digit(path, size)
    assert digit.shape == (*size, 1)
    plain = Image.fromarray(load_digit(path)[..., 0])
    wanted = plain.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(digit[..., 0], np.asarray(wanted))


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 1000))
@settings(max_examples=50)
def test_any_image_gives_28_by_28(height, width, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 1), np.uint8)
    assert center_digit(image).shape == (SIDE, SIDE, 1)


def test_mnist_images_hardly_change(real_data):
    """The recipe is MNIST's own, so its images must come back nearly as they were."""
    from app.data.mnist import load_mnist

    images = load_mnist(real_data).test.images[:300]
    changed = [
        np.abs(center_digit(image).astype(float) - image).mean() / image.mean() for image in images
    ]
    assert np.median(changed) < 0.25
