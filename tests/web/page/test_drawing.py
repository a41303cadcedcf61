"""The board: strokes, images and the keyboard, and what the networks say of them."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.classifier.loading import load
from app.data.mnist_style.normalize import read_page
from tests.web.page.conftest import best_classes, draw, wait_until

STROKES = json.loads((Path(__file__).parent / "strokes.json").read_text("utf-8"))
SLANT = [[[0.6, 0.2], [0.5, 0.5], [0.4, 0.8]]]

pytestmark = pytest.mark.slow


def board(page: Page) -> np.ndarray:
    """Return the board's pixels `(H, W, 3)`."""
    url = page.evaluate("document.querySelector('.convlab-board').toDataURL()")
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image.convert("RGB"))


def ink(page: Page) -> int:
    return int((board(page) < 128).sum())


def settle(page: Page) -> None:
    best_classes(page)


def test_drawn_digits_are_classified_right_by_the_page_and_by_python(page):
    classifier = load("mnist-best")
    wrong = {}
    for digit, strokes in STROKES.items():
        page.get_by_role("button", name="Clear").click()
        draw(page, strokes)
        shown = best_classes(page)[0]
        pixels = read_page(board(page))[0].pixels
        values = classifier.values(pixels[np.newaxis], classifier.views)[0]
        python = classifier.class_names[int(values.argmax())]
        if (shown, python) != (digit, digit):
            wrong[digit] = shown, python
    assert wrong == {}


def test_undo_clear_and_the_eraser_change_the_board(page):
    page.get_by_role("button", name="Clear").click()
    settle(page)
    assert ink(page) == 0
    draw(page, SLANT)
    settle(page)
    one = ink(page)
    draw(page, [[[0.2, 0.5], [0.8, 0.5]]])
    settle(page)
    assert ink(page) > one > 0
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert ink(page) == one
    page.get_by_role("button", name="Erase").click()
    draw(page, [[[0.3, 0.5], [0.7, 0.5]]])
    settle(page)
    assert 0 < ink(page) < one
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert ink(page) == 0


def test_pen_and_finger_draw_as_the_mouse_does(page):
    inks = []
    for kind in ("mouse", "pen", "touch"):
        page.get_by_role("button", name="Clear").click()
        page.evaluate(
            """(kind) => {
              const board = document.querySelector(".convlab-board");
              board.setPointerCapture = () => {};
              const box = board.getBoundingClientRect();
              const send = (type, x, y) => board.dispatchEvent(new PointerEvent(type, {
                pointerId: 7, pointerType: kind, isPrimary: true, bubbles: true, cancelable: true,
                buttons: 1, clientX: box.left + x * box.width, clientY: box.top + y * box.height,
              }));
              send("pointerdown", 0.3, 0.3);
              send("pointermove", 0.5, 0.6);
              send("pointermove", 0.7, 0.7);
              send("pointerup", 0.7, 0.7);
            }""",
            kind,
        )
        settle(page)
        inks.append(ink(page))
    assert inks[0] > 0
    assert len(set(inks)) == 1
    touch_action = "getComputedStyle(document.querySelector('.convlab-board')).touchAction"
    assert page.evaluate(touch_action) == "none"  # else a finger would scroll the page


@pytest.mark.parametrize("how", ["drop", "paste", "choose"])
def test_an_image_is_shown_and_classified(page, how, tmp_path):
    seven = np.full((240, 320), 250, np.uint8)
    seven[60:75, 110:190] = 30
    for row in range(60, 190):
        column = 185 - (row - 60) // 2
        seven[row, column - 8 : column + 8] = 30
    file = tmp_path / "seven.png"
    Image.fromarray(seven).save(file)
    if how == "choose":
        page.locator(".convlab-drawing input[type=file]").first.set_input_files(file)
    else:
        page.evaluate(
            """async ([how, letters]) => {
              const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
              const data = new DataTransfer();
              data.items.add(new File([bytes], "seven.png", { type: "image/png" }));
              const options = { bubbles: true, cancelable: true };
              const event = how === "drop"
                ? new DragEvent("drop", { ...options, dataTransfer: data })
                : new ClipboardEvent("paste", { ...options, clipboardData: data });
              (how === "drop" ? document.querySelector(".convlab") : document).dispatchEvent(event);
            }""",
            [how, base64.b64encode(file.read_bytes()).decode()],
        )
    wait_until(page, "document.querySelector('.convlab-board').ariaLabel.includes('seven.png')")
    assert best_classes(page)[0] == "7"
    caption = page.locator(".convlab-caption")
    assert caption.locator("b").all_inner_texts() == ["seven.png", *best_classes(page)]


def test_a_file_that_is_no_image_is_refused_in_words(page, tmp_path):
    file = tmp_path / "note.png"
    file.write_text("not an image")
    page.locator(".convlab-drawing input[type=file]").first.set_input_files(file)
    refusal = page.get_by_text("cannot read this file as an image").first
    refusal.wait_for()
    assert refusal.is_visible()


def test_an_image_in_which_the_page_sees_no_digit_is_not_asked_about(page, tmp_path):
    page.route("**/decode", lambda route: pytest.fail("The page can tell by itself."))
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    Image.new("RGB", (60, 40), "white").save(tmp_path / "blank.png")
    page.locator(".convlab-drawing input[type=file]").first.set_input_files(tmp_path / "blank.png")
    said = "No digit was found in this image."
    wait_until(page, f"document.querySelector('.convlab-live').textContent === '{said}'")
    assert page.locator(".convlab-caption").inner_text() == f"blank.png {said}"
    assert page.locator(".convlab-bars td.convlab-best").count() == 0
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Copied without your image ✓").wait_for()
    assert "without your image" in page.locator(".convlab-live").inner_text()
    assert page.evaluate("copied") == page.url


def test_what_the_server_cannot_decode_is_asked_and_said_once(page, watched, tmp_path):
    asked = []

    def refuse(route):
        asked.append(route.request.url)
        route.fulfill(status=422, json={"error": "The image shows a giraffe."})

    page.route("**/decode", refuse)
    purple = np.maximum(board(page), np.array([200, 30, 90], np.uint8))
    Image.fromarray(purple).save(tmp_path / "three.png")
    page.locator(".convlab-drawing input[type=file]").first.set_input_files(tmp_path / "three.png")
    page.get_by_text("three.png The image shows a giraffe.").wait_for()
    assert len(asked) == 1  # for three networks of digits
    np.testing.assert_allclose(board(page).mean((0, 1)), purple.mean((0, 1)), atol=2)  # in color
    assert [problem for problem in watched.problems if "422" not in problem] == []
    watched.problems.clear()


def test_digits_are_typed_on_the_board(page):
    page.locator(".convlab-board").focus()
    for digit in "0123456789":
        page.keyboard.press(digit)
        assert best_classes(page)[0] == digit
    page.keyboard.press("Control+z")
    assert best_classes(page)[0] == "8"
    page.keyboard.press("Delete")
    settle(page)
    assert ink(page) == 0
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Erase")).to_have_attribute("aria-pressed", "true")
