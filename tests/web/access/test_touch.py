"""The whole page on a phone, used with a finger alone."""

import pytest
from playwright.sync_api import CDPSession, Locator

from tests.web.play.conftest import LivePage

pytestmark = pytest.mark.slow

PIN = "held.store.state.pin"
_TAPS = 30
Place = tuple[float, float]  # shares of the width and the height of what is touched


class Finger:
    """A finger on a page.

    Args:
        live: The page.
    """

    def __init__(self, live: LivePage):
        self.live = live
        self.session: CDPSession = live.page.context.new_cdp_session(live.page)

    def touch(self, target: Locator, *way: Place) -> None:
        """Put the finger on what is brought into sight, move it, and take it away."""
        target.evaluate("(element) => element.scrollIntoView({ block: 'center' })")
        self.live.settle()
        box = target.bounding_box()
        assert box is not None
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in way]
        is_there = "(element, [x, y]) => element.contains(document.elementFromPoint(x, y))"
        assert target.evaluate(is_there, points[0]), "something lies over it"
        self._send("touchStart", points[0])
        for point in points[1:]:
            self._send("touchMove", point)
        self._send("touchEnd")
        self.live.settle()

    def tap(self, target: Locator, place: Place = (0.5, 0.5)) -> None:
        """Touch without moving, and wait for the click that the browser makes of it.

        It makes none of a touch that takes long, as on a busy machine: then the finger taps again.
        """
        self.live.page.evaluate(
            "globalThis.clicked = new Promise((done) =>"
            " addEventListener('click', () => done(true), { capture: true, once: true })); null"
        )
        is_clicked = False
        for _ in range(_TAPS):
            self.touch(target, place)
            is_clicked = self.live.page.evaluate(
                "Promise.race([globalThis.clicked, new Promise((done) => setTimeout(done, 2000))])"
            )
            if is_clicked:
                break
        assert is_clicked
        self.live.settle()

    def _send(self, kind: str, *points: Place) -> None:
        touched = [{"x": x, "y": y} for x, y in points]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})


@pytest.fixture(scope="module")
def finger(opened):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    return Finger(opened(**phone))


def test_a_digit_is_drawn_with_a_finger(finger):
    live = finger.live.open("model=mnist-convnet")
    finger.touch(live.page.locator(".convlab-board"), (0.4, 0.2), (0.5, 0.5), (0.5, 0.8))
    first = live.get("held.store.state.input.strokes")
    assert len(first) == 1
    assert len(first[0]["points"]) >= 4
    finger.touch(live.page.locator(".convlab-board"), (0.3, 0.3), (0.6, 0.3))
    strokes = live.get("held.store.state.input.strokes")
    assert len(strokes) == 2
    assert strokes[0] == first[0]  # neither scrolled away nor drawn over
    finger.tap(live.page.get_by_role("button", name="Undo"))
    assert live.get("held.store.state.input.strokes") == first


def test_the_first_tap_on_a_map_previews_and_the_second_pins(finger):
    live = finger.live.open("model=mnist-convnet")
    maps = live.page.locator(".convlab-column").nth(3).locator("canvas")
    status, card = (
        live.page.locator(f".convlab-{name}") for name in ("network-status", "arithmetic")
    )
    finger.tap(maps.nth(1), (0.5, 0.5))
    previewed = status.inner_text()
    assert "pool_1" in previewed
    assert live.get(PIN) is None
    finger.tap(maps.nth(0), (0.5, 0.5))  # of another map
    assert status.inner_text() != previewed
    assert live.get(PIN) is None
    assert card.is_hidden()
    finger.tap(maps.nth(0), (0.5, 0.5))
    assert live.get(PIN) == {"operation": "pool_1", "row": 6, "column": 6, "channel": 0}
    assert card.is_visible()


def test_the_card_is_closed_by_its_button_or_a_swipe(finger):
    card = finger.live.page.locator(".convlab-arithmetic")
    closing = {
        "button": lambda: finger.tap(card.get_by_role("button", name="Close")),
        "swipe": lambda: finger.touch(
            card.locator(".convlab-card-head"), (0.4, 0.5), (0.4, 2), (0.4, 4)
        ),
    }
    for how, close in closing.items():
        finger.live.open("model=mnist-convnet&pin=conv_2%3Arelu,5,5,3")
        assert card.is_visible()
        close()
        assert finger.live.get(PIN) is None, how
        assert card.is_hidden()


def test_a_short_swipe_leaves_the_card_open(finger):
    finger.live.open("model=mnist-convnet&pin=conv_2%3Arelu,5,5,3")
    head = finger.live.page.locator(".convlab-card-head")
    finger.touch(head, (0.4, 0.5), (0.4, 0.9))
    assert finger.live.get(PIN) is not None


def test_a_slider_follows_the_finger(finger):
    live = finger.live.open("model=mnist-convnet")
    slider = live.show("sliders").get_by_role("slider").first
    finger.touch(slider, (0.5, 0.5), (0.6, 0.5), (0.75, 0.5))
    assert live.get("held.store.state.play.shift_x") > 0.05
    assert "play=shift_x" in live.page.url


def test_a_sticker_is_dragged_with_a_finger(finger):
    live = finger.live.open("model=mnist-convnet&play=sticker:0.5,0.5,0.25,255")
    explain = live.show("explain")
    picture = explain.locator(".convlab-picture").first
    finger.touch(picture, (0.5, 0.5), (0.4, 0.4), (0.25, 0.2))
    sticker = live.get("held.store.state.play.sticker")
    assert (sticker["x"], sticker["y"]) == pytest.approx((0.25, 0.2), abs=0.02)
    scrolled = live.get("scrollY")
    finger.touch(picture, (0.25, 0.2), (0.3, 0.6), (0.3, 0.9))  # downwards does not scroll
    assert live.get("held.store.state.play.sticker")["y"] == pytest.approx(0.9, abs=0.02)
    assert live.get("scrollY") == pytest.approx(scrolled, abs=1)
