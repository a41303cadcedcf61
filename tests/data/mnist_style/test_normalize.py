import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw
from scipy import ndimage

from app.data.decoding import UndecodableImage
from app.data.mnist_style.normalize import (
    INK_SIDE,
    SIDE,
    Box,
    Digit,
    center_digit,
    in_reading_order,
    load_digit,
    load_page,
    read_page,
)


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


def test_center_digit_gives_bright_ink_twenty_pixels_high_and_centered_by_mass():
    digit = center_digit(drawing())
    assert digit.shape == (SIDE, SIDE, 1)
    assert digit.dtype == np.uint8
    assert digit[0, 0, 0] == 0
    assert digit.max() > 200
    assert abs(max(ink_box(digit)) - INK_SIDE) <= 1
    center = ndimage.center_of_mass(digit[..., 0].astype(float))
    assert np.abs(np.array(center) - SIDE / 2).max() <= 0.75


def test_center_digit_ignores_place_and_polarity():
    np.testing.assert_array_equal(center_digit(drawing()), center_digit(drawing(at=(110, 80))))
    same = center_digit(drawing(bright=True)).astype(int)
    assert np.abs(same - center_digit(drawing())).max() <= 1


@pytest.mark.parametrize("toward", ["right", "left", "bottom"])
def test_center_digit_in_uneven_light_leaves_no_shade(toward):
    shade = np.linspace(0, 70, 200)
    shade = {"right": shade, "left": shade[::-1], "bottom": shade[:, np.newaxis]}[toward]
    shaded = np.clip(drawing()[..., 0] - np.broadcast_to(shade, (200, 200)), 0, 255)
    found = center_digit(shaded[..., np.newaxis].astype(np.uint8)).astype(int)
    even = center_digit(drawing())
    assert ink_box(found) == ink_box(even)
    assert found[even == 0].max() <= 12
    assert abs(found[even > 200].mean() - even[even > 200].mean()) < 40


def test_center_digit_of_a_thin_pen_has_the_usual_stroke_width():
    page = np.full((560, 560), 255, np.uint8)
    cv2.polylines(page, [np.array([(150, 80), (400, 80), (250, 480)])], False, 0, 2)
    thin = center_digit(page[..., np.newaxis])
    cv2.polylines(page, [np.array([(150, 80), (400, 80), (250, 480)])], False, 0, 44)
    thick = center_digit(page[..., np.newaxis])
    assert 0.6 < thin.sum() / thick.sum() < 1.6


def empty_pages():
    rng = np.random.default_rng(0)
    ruled = np.full((400, 300), 255, np.uint8)
    ruled[30::40] = 120
    squared = ruled.copy()
    squared[:, 20::40] = 120
    light = np.add.outer(np.linspace(250, 140, 300), np.linspace(0, -60, 300))
    rows, columns = np.mgrid[:300, :300] / 150 - 1
    vignette = 220 * (1 - 0.3 * (rows**2 + columns**2))
    dust = np.full((400, 400), 255, np.uint8)
    dust[rng.random(dust.shape) < 0.002] = 0
    frame = np.full((300, 300), 255, np.uint8)
    cv2.rectangle(frame, (30, 30), (270, 270), 0, 3)
    line = np.full((300, 300), 255, np.uint8)
    cv2.line(line, (20, 200), (280, 200), 0, 3)
    desk = np.full((300, 300), 50, np.uint8)
    desk[40:260, 40:260] = 230
    return {
        "white": np.full((50, 40), 255),
        "gray": np.full((50, 40), 128),
        "black": np.zeros((280, 280)),
        "transparent": np.zeros((280, 280, 4)),
        "transparent white": np.dstack([np.full((280, 280, 3), 255), np.zeros((280, 280))]),
        "noise": rng.normal(180, 5, (280, 280)),
        "much noise": rng.normal(128, 25, (280, 280)),
        "colored noise": rng.normal((200, 180, 90), 6, (280, 280, 3)),
        "uneven light": light,
        "uneven light and noise": light + rng.normal(0, 4, light.shape),
        "vignette": vignette + rng.normal(0, 3, vignette.shape),
        "ruled": ruled,
        "squared": squared,
        "dust": dust,
        "frame": frame,
        "line": line,
        "paper on a desk": desk,
    }


@pytest.mark.parametrize("name", empty_pages())
def test_read_page_without_a_digit_says_so(name):
    page = np.clip(np.rint(empty_pages()[name]), 0, 255).astype(np.uint8)
    if page.ndim == 2:
        page = page[..., np.newaxis]
    with pytest.raises(UndecodableImage, match="no digit found"):
        read_page(page)


@given(st.integers(0, 499), st.integers(0, 499), st.integers(501, 999), st.integers(501, 999))
@settings(deadline=None, max_examples=20)
def test_read_page_with_specks_far_apart_finds_no_digit(top, left, bottom, right):
    page = np.full((1000, 1000, 1), 255, np.uint8)
    page[top, left] = page[bottom, right] = 0
    with pytest.raises(UndecodableImage, match="no digit found"):
        read_page(page)


@pytest.mark.parametrize("size", [(28, 28), (32, 32), (20, 40)])
def test_load_digit_has_the_size_that_its_model_was_trained_on(tmp_path, size):
    path = tmp_path / "digit.png"
    Image.fromarray(drawing(bright=True)[..., 0]).save(path)
    digit = load_digit(path, size)
    assert digit.shape == (*size, 1)
    plain = Image.fromarray(load_digit(path)[..., 0])
    wanted = plain.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(digit[..., 0], np.asarray(wanted))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_load_digits_gives_boxes_in_pixels_of_the_upright_image(tmp_path, orientation):
    page = np.full((2000, 1500), 255, np.uint8)
    page[300:1100, 400:480] = 0
    upright = Image.fromarray(page)
    turn = {1: 0, 3: 180, 6: 90, 8: 270}[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "page.jpg"
    upright.rotate(turn, expand=True).save(path, exif=exif)
    (digit,) = load_page(path)
    assert np.abs(np.array(digit.box) - (400, 300, 80, 800)).max() <= 6


@given(
    arrays(
        np.uint8,
        st.tuples(st.integers(1, 70), st.integers(1, 70), st.sampled_from([1, 3, 4])),
        elements=st.integers(0, 255),
        fill=st.sampled_from([0, 7, 200, 255]),
    )
)
@settings(deadline=None, max_examples=150)
def test_read_page_of_any_pixels_gives_digits_or_says_that_there_is_none(page):
    try:
        digits = read_page(page)
    except UndecodableImage:
        return
    height, width = page.shape[:2]
    for digit in digits:
        assert digit.pixels.shape == (SIDE, SIDE, 1)
        assert digit.pixels.dtype == np.uint8
        assert digit.box.x >= 0
        assert digit.box.y >= 0
        assert digit.box.x + digit.box.width <= width
        assert digit.box.y + digit.box.height <= height


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 1024), (1024, 1024)])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_read_page_of_noise_is_repeatable(shape, channels):
    page = np.random.default_rng(0).integers(0, 256, (*shape, channels), np.uint8)

    def answer():
        try:
            return [digit.box for digit in read_page(page)]
        except UndecodableImage as error:
            return str(error)

    assert answer() == answer()


def test_in_reading_order_goes_line_by_line():
    pixels = np.zeros((SIDE, SIDE, 1), np.uint8)
    places = [(10, 12), (60, 8), (120, 20), (15, 90), (70, 85)]
    digits = [Digit(pixels, Box(x, y, 20, 40)) for x, y in places]
    shuffled = [digits[k] for k in (4, 1, 3, 0, 2)]
    assert [digit.box[:2] for digit in in_reading_order(shuffled)] == places


def test_center_digit_hardly_changes_mnist_images(real_data):
    """The recipe is MNIST's own, so its images must come back nearly as they were."""
    from app.data.mnist import load_mnist

    images = load_mnist(real_data).test.images[:300]
    changed = [
        np.abs(center_digit(image).astype(float) - image).mean() / image.mean() for image in images
    ]
    assert np.median(changed) < 0.25


def line_of(text, scale=4, thickness=10, step=130, top=180, side=(260, 700)):
    page = np.full(side, 255, np.uint8)
    for place, digit in enumerate(text):
        at = (60 + place * step, top + 6 * place)
        cv2.putText(page, digit, at, cv2.FONT_HERSHEY_SIMPLEX, scale, 20, thickness, cv2.LINE_AA)
    return page


def test_read_page_of_several_lines_finds_each_digit():
    page = np.vstack([line_of("1984"), line_of("2026"), line_of("35")])
    boxes = [d.box for d in in_reading_order(read_page(page[..., np.newaxis]))]
    assert len(boxes) == 10
    assert [box.y // 260 for box in boxes] == [0] * 4 + [1] * 4 + [2] * 2
    assert [box.x for box in boxes[:4]] == sorted(box.x for box in boxes[:4])


def test_read_page_joins_the_parts_of_a_digit():
    page = np.full((400, 400, 1), 255, np.uint8)
    body = [(150, 120), (140, 190), (230, 190), (250, 260), (200, 310), (130, 290)]
    cv2.polylines(page, [np.array(body)], False, 0, 12)
    cv2.line(page, (180, 95), (270, 85), 0, 12)
    (digit,) = read_page(page)
    assert digit.box.y <= 85
    assert digit.box.height > 220


def test_read_page_leaves_out_a_line_below_the_digit():
    page = drawing()
    alone = read_page(page)[0]
    page = page.copy()
    cv2.line(page, (40, 160), (150, 160), 0, 4)
    (digit,) = read_page(page)
    assert digit.box == alone.box


@pytest.fixture(scope="module")
def reader():
    from app.classifier import load

    return load("mnist-best")


def clutter():
    rng = np.random.default_rng(1)
    ruled, squared, boxed, dotted, edged = (np.full((260, 700), 255.0) for _ in range(5))
    ruled[20::40] = 60
    squared[20::40] = squared[:, 20::40] = 120
    cv2.rectangle(boxed, (8, 8), (692, 252), 30.0, 4)
    cv2.circle(dotted, (20, 20), 6, 0.0, -1)
    edged[:, -7:] = edged[-5:] = 10
    slope = np.add.outer(np.linspace(0, 60, 260), np.linspace(0, 70, 700))
    light = (230 - slope) * np.ones((260, 700))
    shadow = np.where(np.add.outer(np.arange(260), np.arange(700)) > 420, 120.0, 230.0)
    speckled = np.where(rng.random((260, 700)) < 0.0005, 0.0, 255.0)
    return {
        "clean": np.full((260, 700), 255.0), "ruled": ruled, "squared": squared, "box": boxed,
        "dot": dotted, "scan edge": edged, "uneven light": light, "shadow": shadow,
        "dust": speckled, "noise": 200 + rng.normal(0, 8, (260, 700)),
    }  # fmt: skip


@pytest.mark.parametrize("name", clutter())
@pytest.mark.parametrize("thickness", [2, 12])
def test_predict_reads_all_digits_among_clutter(reader, name, thickness):
    ink = (255 - line_of("2026", thickness=thickness)) / 255
    page = np.clip(clutter()[name] * (1 - 0.9 * ink), 0, 255).astype(np.uint8)
    answers = reader.predict(page, all_digits=True)
    assert [answer.label for answer in answers] == list("2026")
    assert [answer.number for answer in answers] == [1, 2, 3, 4]
    assert answers[1].image.endswith("#2")


@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255), (200, 30, 40)])
def test_predict_reads_ink_on_transparency(reader, color):
    page = np.zeros((260, 700, 4), np.uint8)
    page[..., :3] = color
    page[..., 3] = 255 - line_of("2026")
    assert [a.label for a in reader.predict(page, all_digits=True)] == list("2026")


def test_predict_without_all_digits_says_how_many_there_are(reader):
    (answer,) = reader.predict(line_of("2026"))
    assert answer.digits_found == 4
    assert answer.number == 0
    assert answer.box is not None


def test_predict_all_digits_with_another_model_is_an_error(shapes_model):
    from app.classifier import load
    from app.errors import AppError

    folder, data = shapes_model
    with pytest.raises(AppError, match="find digits"):
        load(folder).predict(data / "disc" / "0.png", all_digits=True)
