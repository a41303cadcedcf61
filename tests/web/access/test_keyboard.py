"""The whole page without a mouse: each part is reached and used, the focus is always in sight."""

import pytest

from tests.web.play.conftest import LivePage

pytestmark = pytest.mark.slow

# What has the focus, and whether a ring or a frame tells so.
_FOCUSED = """() => {
  const focused = document.activeElement;
  const ring = focused.matches(".convlab-strip-of-columns")
    ? getComputedStyle(focused.parentElement, "::after") : getComputedStyle(focused);
  const width = parseFloat(ring.outlineStyle === "none" ? ring.borderTopWidth : ring.outlineWidth);
  const { top, bottom, left, right } = focused.getBoundingClientRect();
  const name = focused.getAttribute("aria-label") ?? focused.labels?.[0]?.textContent
    ?? focused.textContent;
  return {
    tag: focused.tagName, name: name.trim(), type: focused.type ?? "", part: focused.className,
    isSeen: width >= 2 && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
  };
}"""


class Keys:
    """A keyboard on a page.

    Args:
        live: The page.
    """

    def __init__(self, live: LivePage):
        self.live = live

    def press(self, *keys: str) -> dict:
        """Press keys one after the other; return what has the focus then, which must be seen."""
        for key in keys:
            self.live.page.keyboard.press(key)
        self.live.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        focused = self.live.page.evaluate(_FOCUSED)
        assert focused["tag"] != "BODY", keys
        assert focused["isSeen"], (keys, focused)
        return focused


@pytest.fixture(scope="module")
def keys(opened):
    return Keys(opened())


def test_no_control_loses_the_focus_when_it_is_used(keys):
    """Some controls go away or are switched off by their own use."""
    keys.live.open("model=mnist-convnet&pin=conv_2%3Arelu,5,5,3&play=shift_x:0.1&dropout=2")
    others = {"Lecture", "Close"}  # lead to other states, which other tests are in
    stops = [keys.press("Tab")]
    while stops[-1]["name"] != "Python program":
        tag, kind, name = (stops[-1][key] for key in ("tag", "type", "name"))
        if (tag in ("BUTTON", "SUMMARY", "TD") or kind == "checkbox") and name not in others:
            keys.press("Space")
        stops.append(keys.press("Tab"))
    used = {stop["name"] for stop in stops}
    assert {"Undo", "Reset", "Show 1 more", "Step"} <= used, used
    assert len(stops) > 100
