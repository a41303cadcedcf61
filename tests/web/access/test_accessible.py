"""axe-core finds no violations in any state of the page; images have text alternatives."""

import pytest

from tests.web.access.axe import TAGS, violations_of
from tests.web.play.conftest import LivePage

pytestmark = pytest.mark.slow

CHANGED = (
    "play=shift_x:0.1;sticker:0.5,0.5,0.25,128&dropout=3"
    "&kernels=mnist-convnet%7Cconv_1%7C0:1,2,1,0,0,0,-1,-2,-1&choices=cell:'4-4"
)
STATES = {
    "start": "model=mnist-convnet",
    "pinned": f"model=mnist-convnet&pin=conv_2%3Arelu,5,5,3&{CHANGED}",
    "answer": "model=mnist-dense&pin=probabilities%3Asoftmax,0,0,3",
    "lesson": "model=mnist-local&lesson=lecture:1",
    "wrong size": "choices=demo:'10%2C10%2C1%2C1%2C3%2C2%2C0%2C0;demo-step:0",
}
# Everything is in sight, so that every panel computes and shows what it has.
TALL = {"width": 1440, "height": 9000}


def show(live: LivePage, state: str) -> None:
    live.open(state)
    closed = live.page.locator("details:not([open]) > summary:visible")
    while closed.count():
        closed.first.click()
    live.wait("!document.querySelector('[aria-busy=\"true\"]')")
    live.wait("document.querySelectorAll('.convlab-explain [role=img]').length === 3")


@pytest.fixture(scope="module")
def light(opened):
    return opened(viewport=TALL, color_scheme="light")


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_the_page_is_accessible(light, state):
    show(light, STATES[state])
    assert violations_of(light.page, type="tag", values=TAGS) == []


def test_texts_can_be_read_on_a_dark_page(opened):
    live = opened(viewport=TALL, color_scheme="dark")
    for state in ("pinned", "lesson"):
        show(live, STATES[state])
        assert violations_of(live.page, type="rule", values=["color-contrast"]) == []


def test_a_narrow_page_is_accessible(opened):
    live = opened(viewport={"width": 390, "height": 16000})
    show(live, STATES["pinned"])
    assert violations_of(live.page, type="tag", values=TAGS) == []


NAMED = "[role='img'], [role='option'], [role='application'], button"


def test_every_picture_has_a_name_or_a_text_beside_it(light):
    """A hidden one is told by the text beside it, or by the live region."""
    show(light, STATES["pinned"])
    nameless = light.page.evaluate(
        """(named) => [...document.querySelectorAll(".convlab canvas, .convlab svg")]
          .filter((picture) => picture.getClientRects().length > 0)
          .filter((picture) => !picture.closest("[aria-hidden='true']"))
          .filter((picture) => !picture.closest(named)?.getAttribute("aria-label"))
          .map((picture) => picture.outerHTML)""",
        NAMED,
    )
    assert nameless == []
