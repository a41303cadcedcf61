"""The page's own preparation of digits against Python's, on drawings and on real digits."""

import base64
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from app.classifier.loading import load
from app.data.decoding import UndecodableImage
from app.data.mnist import load_mnist
from app.data.mnist_style.normalize import SIDE, read_page
from app.data.mnist_style.ruling import remove_lines

STROKES = json.loads((Path(__file__).parent / "strokes.json").read_text("utf-8"))
BOARD = 256
PREPARE = """
async ([drawings, pasted]) => {
  const { createCanvas, drawStrokes } = await import("/static/raster.js");
  const { digitSteps } = await import("/static/engine/digit.js");
  const { board } = createCanvas(256, 256);
  const text = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const prepare = (gray) => {
    const steps = digitSteps(gray, 256, 256);
    return [text(gray), text(steps[steps.length - 1].data)];
  };
  const results = drawings.map((strokes) => {
    drawStrokes(board, strokes);
    return prepare(board.getImageData(0, 0, 256, 256).data.filter((_, k) => k % 4 === 0));
  });
  for (const letters of pasted) {
    results.push(prepare(Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0))));
  }
  return results;
}
"""
REMOVE_LINES = """
async (masks) => {
  const { withoutLines } = await import("/static/engine/ruling.js");
  const text = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return masks.map((letters) => {
    const data = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
    const whole = { width: 256, height: 256 };
    return text(withoutLines({ ...whole, data }, { left: 0, top: 0, whole }).data);
  });
}
"""

pytestmark = pytest.mark.slow


def drawings(count: int) -> list[list[dict[str, object]]]:
    """Return strokes of digits: turned, slanted, small and large, with thin and thick pens."""
    generator = np.random.default_rng(0)
    result = []
    for k in range(count):
        scale = generator.uniform(0.3, 1.15)
        angle, slant = generator.uniform(-0.25, 0.25, 2)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        change = scale * turn @ np.array([[1, slant], [0, 1]])
        shift = generator.uniform(-1, 1, 2) * max(0.0, 60 * (1 - scale))
        width = int(generator.choice([10, 20, 28, 40] if scale > 0.6 else [10, 20]))
        drawn = []
        for points in STROKES[str(k % 10)]:
            places = (np.array(points) - 0.5) * BOARD @ change.T + BOARD / 2 + shift
            places = np.clip(np.rint(places + generator.normal(0, 1.5, places.shape)), 0, 255)
            drawn.append({"width": width, "erase": False, "points": places.ravel().tolist()})
        if k % 9 == 0:  # a dot beside the digit
            drawn.append({"width": 8, "erase": False, "points": [240, 240, 241, 240]})
        if k % 7 == 0:
            points = generator.integers(60, 196, 4).tolist()
            drawn.append({"width": 8, "erase": True, "points": points})
        result.append(drawn)
    return result


def on_canvas(digit: np.ndarray, side: int, place: tuple[int, int]) -> np.ndarray:
    """Return a page `(256, 256)` with a digit `(28, 28)` pasted on it, dark on bright."""
    page = np.full((BOARD, BOARD), 255, np.uint8)
    large = Image.fromarray(255 - digit).resize((side, side), Image.Resampling.BICUBIC)
    page[place[0] : place[0] + side, place[1] : place[1] + side] = np.asarray(large)
    return page


def read_by_python(page: np.ndarray) -> np.ndarray:
    try:
        return read_page(page[..., np.newaxis])[0].pixels
    except UndecodableImage:
        return np.zeros((SIDE, SIDE, 1), np.uint8)


def prepared(browser, server, drawn, pasted) -> tuple[np.ndarray, np.ndarray]:
    """Return the pages `(N, 256, 256)` and what the page makes of them `(N, 28, 28, 1)`."""
    page = browser.new_page()
    page.route_web_socket("**/socket", lambda socket: None)
    page.goto(server.url)
    letters = [base64.b64encode(image.tobytes()).decode() for image in pasted]
    results = page.evaluate(PREPARE, [drawn, letters])
    page.close()
    arrays = [
        [np.frombuffer(base64.b64decode(text), np.uint8) for text in pair] for pair in results
    ]
    pages, digits = (np.array(column) for column in zip(*arrays, strict=True))
    return pages.reshape(-1, BOARD, BOARD), digits.reshape(-1, SIDE, SIDE, 1)


def assert_agree(pages, digits, least):
    python = np.array([read_by_python(page) for page in pages])
    difference = np.abs(python.astype(int) - digits).max(axis=(1, 2, 3))
    print(f"levels apart: median {np.median(difference)}, 99 % {np.percentile(difference, 99)}")
    assert (difference <= 3).mean() >= least
    classifier = load("mnist-best")
    here, there = (classifier.values(x, classifier.views).argmax(axis=1) for x in (digits, python))
    assert (here == there).mean() >= least


def test_200_drawings_are_prepared_as_python_does(browser, server):
    pages, digits = prepared(browser, server, drawings(200), [])
    assert_agree(pages, digits, 1)


def test_real_digits_pasted_on_a_canvas_are_prepared_as_python_does(browser, server, mnist_images):
    generator = np.random.default_rng(0)
    pasted = []
    for digit in mnist_images:
        side = int(generator.integers(60, 240))
        row, column = generator.integers(0, BOARD - side, 2)
        pasted.append(on_canvas(digit, side, (row, column)))
    pages, digits = prepared(browser, server, [], pasted)
    assert_agree(pages, digits, 0.95)


def ruled_masks() -> list[np.ndarray]:
    """Return ink masks `(256, 256)` with a stroke on ruled and squared paper, and in a frame."""
    generator = np.random.default_rng(1)
    masks = []
    for k in range(20):
        mask = np.zeros((BOARD, BOARD), np.uint8)
        thickness = int(generator.integers(1, 4))
        for line in range(k, BOARD, 30 + k):
            slope = int(generator.integers(-4, 5))
            cv2.line(mask, (0, line), (BOARD - 1, line + slope), 1, thickness)
            if k % 3 == 0:
                cv2.line(mask, (line, 0), (line, BOARD - 1), 1, thickness)
        if k % 5 == 0:
            mask = cv2.rectangle(np.zeros_like(mask), (50, 40), (200, 220), 1, thickness)
        cv2.ellipse(mask, (128, 128), (30, 50), 0, 0, 300, 1, int(generator.integers(4, 14)))
        masks.append(mask)
    return masks


def test_lines_of_the_page_are_removed_as_python_does(browser, server):
    masks = ruled_masks()
    page = browser.new_page()
    page.route_web_socket("**/socket", lambda socket: None)
    page.goto(server.url)
    letters = [base64.b64encode(mask.tobytes()).decode() for mask in masks]
    results = page.evaluate(REMOVE_LINES, letters)
    page.close()
    without = 0
    for mask, text in zip(masks, results, strict=True):
        found = np.frombuffer(base64.b64decode(text), np.uint8).reshape(mask.shape)
        expected = remove_lines(mask.copy())
        removed = (mask != expected).sum()
        without += removed == 0
        assert (found != expected).sum() <= 0.005 * removed  # the ends of thick lines
    assert without < 0.3 * len(masks)


@pytest.fixture
def mnist_images(real_data) -> np.ndarray:
    """100 images `(28, 28)` of MNIST."""
    return load_mnist(real_data).test.pixels[:100, ..., 0]
