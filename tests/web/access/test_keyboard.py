"""The whole page without a mouse: each part is reached and used, the focus is always in sight."""

import pytest

from tests.web.play.conftest import LivePage

pytestmark = pytest.mark.slow

MOST_STOPS = 500  # a walk that turns in a circle ends here
MOST_LOOKS = 40  # at an element that comes into sight, 50 ms apart

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
        for _ in range(MOST_LOOKS):  # what has just grown may still push it
            if focused["isSeen"]:
                break
            self.live.page.wait_for_timeout(50)
            focused = self.live.page.evaluate(_FOCUSED)
        assert focused["tag"] != "BODY", keys
        assert focused["isSeen"], (keys, focused)
        return focused

    def reach(self, target: str) -> None:
        """Press Tab, or Shift and Tab, until an element has the focus.

        What is not there yet comes later: a panel is filled once it is in sight.
        """
        where = """(target) => {
          const all = [...document.querySelectorAll(target)];
          const wanted = all.find((one) => one.checkVisibility());
          const focused = document.activeElement;
          if (focused === wanted) return "there";
          const isBehind = wanted
            && focused.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_PRECEDING;
          return isBehind ? "Shift+Tab" : "Tab";
        }"""
        before = None
        while (key := self.live.page.evaluate(where, target)) != "there":
            assert before in (None, key), f"the focus has passed {target}"
            self.press(key)
            before = key


@pytest.fixture(scope="module")
def keys(opened):
    return Keys(opened(permissions=["clipboard-read", "clipboard-write"]))


def test_no_control_loses_the_focus_when_it_is_used(keys):
    """Some controls go away or are switched off by their own use."""
    keys.live.open("model=mnist-convnet&pin=conv_2%3Arelu,5,5,3&play=shift_x:0.1&dropout=2")
    # They lead to other states or to another place, which other tests are about.
    others = ("Start lecture", "Close", "Reset what is changed", "←", "Arithmetic of")
    stops = [keys.press("Tab")]
    while stops[-1]["name"] != "Python program":
        tag, kind, name = (stops[-1][key] for key in ("tag", "type", "name"))
        is_control = tag in ("BUTTON", "SUMMARY", "TD") or kind == "checkbox"
        if is_control and not name.startswith(others):
            keys.press("Space")
        elif kind == "range":
            keys.press("ArrowRight")
        stops.append(keys.press("Tab"))
        assert len(stops) < MOST_STOPS, [stop["name"] for stop in stops[-20:]]
    used = {stop["name"] for stop in stops}
    assert {"Undo", "Reset", "Show 1 more", "Step"} <= used, sorted(used)
    assert len(stops) > 100


def test_everything_is_done_without_a_mouse(keys):
    """A walk from the first control to the last one; each key must leave the focus in sight."""
    live = keys.live.open("model=mnist-convnet")
    live.page.evaluate("document.activeElement.blur()")
    live.page.evaluate("getSelection().collapse(document.querySelector('.convlab'), 0)")
    keys.press("Tab")

    keys.reach(".convlab-picker select")
    keys.press("ArrowDown")
    live.wait("held.store.state.model === 'mnist-dense'")
    keys.press("ArrowUp")
    live.wait("held.store.state.model === 'mnist-convnet'")

    keys.reach(".convlab-gallery-picture[tabindex='0']")
    keys.press("ArrowRight")
    live.wait("held.store.state.input.kind === 'sample' && held.store.state.input.index === 1")
    assert "true class" in keys.press("ArrowLeft", "ArrowRight")["name"]
    keys.reach(".convlab-board")
    keys.press("4")
    live.wait("held.store.state.input.kind === 'drawing'")
    live.settle()

    keys.reach(".convlab-strip-of-columns")
    status = live.page.locator(".convlab-network-status")
    keys.press(*["Shift+ArrowRight"] * 3, *["Shift+ArrowDown"] * 3)
    keys.press(*["ArrowDown", "ArrowRight"] * 7)  # onto the digit
    assert "pool_1" in status.inner_text()
    assert live.get("held.store.state.pin") is None
    keys.press("Enter")
    pin = live.get("held.store.state.pin")
    assert pin["operation"] == "pool_1"
    keys.reach(".convlab-contributor")
    keys.press("Enter")
    assert live.get("held.store.state.pin.operation") == "conv_1:relu"
    assert live.get("held.store.state.trail") == [pin]
    keys.press("Escape")
    assert live.get("held.store.state.pin") == pin

    keys.reach(".convlab-sliders input[type=range]")
    keys.press("ArrowRight")
    assert live.get("held.store.state.play.shift_x") == pytest.approx(1 / 28, abs=1e-4)
    keys.reach(".convlab-explain select")
    keys.press("ArrowDown")
    live.wait("document.querySelector('.convlab-overlay-grad-cam:not([hidden])')")
    assert live.question("grad_cam")["model"] == "mnist-convnet"

    keys.reach(".convlab-weights input")
    keys.press("Control+a", "0", ".", "5", "Enter")
    live.wait("held.store.state.kernels['mnist-convnet|conv_1|0']?.[0] === 0.5")
    live.wait("document.querySelector('.convlab-kernel .convlab-edited')")
    keys.reach(".convlab-kernel .convlab-row button:not([disabled])")
    assert keys.press()["name"] == "Reset filter"
    keys.press("Enter")
    live.wait("Object.keys(held.store.state.kernels).length === 0")
    keys.reach(".convlab-dropout input[type=checkbox]")
    keys.press("Space")
    live.wait("held.store.state.dropout !== null")
    keys.reach(".convlab-demo .convlab-row button:nth-of-type(3)")
    keys.press("Space")
    live.wait("held.store.state.choices['demo-step'] === 1")

    keys.reach(".convlab-python .convlab-row .convlab-action")
    assert keys.press()["name"] == "Copy the program"
    keys.press("Enter")
    live.wait("document.activeElement.textContent === 'Copied ✓'")
    assert "mnist-convnet" in live.page.evaluate("navigator.clipboard.readText()")

    keys.reach(".convlab-lecture button")
    keys.press("Enter")
    for step in range(1, 5):  # the text of a step, then what the page shows
        keys.press("Space")
        live.wait(f"held.store.state.lesson.step === {step}")
        live.settle()
    live.page.keyboard.press("Escape")  # the page stays where it is, the focus is at its top
    live.wait("held.store.state.lesson === null")
    live.wait("document.activeElement.textContent === 'Start lecture'")
    keys.press("Tab")
