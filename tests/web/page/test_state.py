"""The state of the page and its text in an address."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from tests.web.page.conftest import best_classes, wait_until

pytestmark = pytest.mark.slow

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
numbers = st.one_of(st.integers(-1000, 1000), st.floats(-1e9, 1e9, allow_nan=False))
shares = st.floats(0, 1, allow_nan=False)
whole = st.integers(0, 2**31)
byte = st.integers(0, 255)
strokes = st.lists(
    st.fixed_dictionaries(
        {
            "width": st.integers(1, 255),
            "erase": st.booleans(),
            "points": st.lists(st.tuples(byte, byte), min_size=1, max_size=20).map(
                lambda points: [value for point in points for value in point]
            ),
        }
    ),
    max_size=4,
)
samples = st.fixed_dictionaries({
    "kind": st.just("sample"), "model": texts, "order": st.sampled_from(["first", "random"]),
    "seed": whole, "index": whole, "label": st.none() | whole,
})  # fmt: skip
inputs = st.one_of(
    st.just({"kind": "example"}),
    samples,
    strokes.map(lambda drawn: {"kind": "drawing", "strokes": drawn}),
)
changes = st.fixed_dictionaries({
    "models": st.lists(texts, unique=True, max_size=4),
    "model": texts,
    "input": inputs,
    "steps": st.fixed_dictionaries(
        dict.fromkeys(["invert", "crop", "scale", "center"], st.booleans())
    ),
    "pin": st.none() | st.fixed_dictionaries(
        {"operation": texts, "row": whole, "column": whole, "channel": whole}
    ),
    "scale": st.sampled_from(["unit", "layer", "global"]),
    "play": st.fixed_dictionaries({
        **dict.fromkeys(
            ["shift_x", "shift_y", "rotation", "zoom", "brightness", "noise"], numbers
        ),
        "sticker": st.none() | st.fixed_dictionaries(
            {"x": shares, "y": shares, "size": shares, "shade": byte}
        ),
    }),
    "kernels": st.dictionaries(texts, st.lists(numbers, min_size=1, max_size=9), max_size=3),
    "dropout": st.none() | whole.map(lambda seed: {"seed": seed}),
    "open": st.lists(texts, unique=True, max_size=3),
    "hide": st.lists(texts, unique=True, max_size=3),
    "lesson": st.none() | st.fixed_dictionaries({"name": texts, "step": whole}),
    "choices": st.dictionaries(texts, texts | numbers, max_size=3),
})  # fmt: skip

ROUND_TRIP = """
async (changes) => {
  const { decode, encode, initialState } = await import("/static/state.js");
  const text = encode({ ...initialState(), ...changes });
  return [text, JSON.stringify(decode(`#${text}`)),
    JSON.stringify({ ...initialState(), ...changes })];
}
"""


@pytest.fixture(scope="module")
def modules(browser, server) -> Page:
    page = browser.new_page()
    page.route_web_socket("**/socket", lambda socket: None)
    page.goto(server.url)
    yield page
    page.close()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(state=changes)
def test_a_state_is_read_back_from_its_address(modules, state):
    text, read, written = modules.evaluate(ROUND_TRIP, state)
    assert json.loads(read) == json.loads(written)
    assert not set(text) & set(' "<>`\n\\^{|}')  # an address holds it as it is


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(max_size=60) | st.from_regex(r"(input|play|pin|open)=[\w:,;%.'-]{0,30}"))
def test_any_text_is_a_state(modules, text):
    body = 'async (text) => (await import("/static/state.js")).decode(text).steps.crop'
    assert modules.evaluate(body, text) in (True, False)


def test_a_sample_needs_neither_class_nor_network(modules):
    body = 'async (text) => (await import("/static/state.js")).decode(text).input'
    expected = {"kind": "sample", "order": "first", "seed": 0, "index": 3, "label": None}
    assert modules.evaluate(body, "input=sample:first,0,3") == {**expected, "model": ""}


def test_the_page_shows_the_state_of_its_address(watched, server):
    page = watched.page
    page.goto(f"{server.url}#models=mnist-dense&model=mnist-dense&hide=strip")
    wait_until(page, "document.querySelectorAll('.convlab-bars td.convlab-best').length === 1")
    assert best_classes(page) == ["3"]
    assert not page.locator(".convlab-strip").is_visible()
    page.locator(".convlab-board").focus()
    page.keyboard.press("5")
    assert best_classes(page) is not None
    wait_until(page, "location.hash.includes('input=drawing:')")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    wait_until(page, "document.querySelectorAll('.convlab-bars td.convlab-best').length === 1")
    assert page.locator(".convlab-board").get_attribute("aria-label").startswith("Board, your")
    page.evaluate("location.hash = '#input=example'")
    wait_until(page, "document.querySelector('.convlab-board').ariaLabel.includes('example')")


def test_the_browsers_back_undoes_a_followed_pin(watched, server):
    page = watched.page
    page.goto(f"{server.url}#models=mnist-convnet&model=mnist-convnet&pin=conv_2:relu,5,5,0")
    title = "document.querySelector('.convlab-arithmetic h2')?.textContent"
    wait_until(page, f"{title} === 'conv_2, map 0, row 5, column 5'")
    length = page.evaluate("history.length")
    page.locator(".convlab-contributor").first.click()
    wait_until(page, f"{title}.startsWith('pool_1, ')")
    page.locator(".convlab-board").focus()
    page.keyboard.press("5")
    wait_until(page, "location.hash.includes('input=drawing')")
    assert page.evaluate("history.length") == length + 1  # the drawing is no step
    page.go_back()
    wait_until(page, f"{title} === 'conv_2, map 0, row 5, column 5'")
    assert "pin=conv_2" in page.url
    assert "input" not in page.url
    page.go_forward()
    wait_until(page, f"{title}.startsWith('pool_1, ')")
    assert "input=drawing" in page.url
    page.get_by_role("button", name="← conv_2 map 0").click()
    wait_until(page, f"{title} === 'conv_2, map 0, row 5, column 5'")
