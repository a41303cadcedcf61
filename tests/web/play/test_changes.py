"""What is changed beside the input is said, can be taken back, and does not outlive its input."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

UNDER_BOARD = ".convlab-drawing .convlab-changes"
IN_LINE = ".convlab-summary .convlab-changes"
AT_REST = {
    "shift_x": 0, "shift_y": 0, "rotation": 0, "zoom": 1, "brightness": 1, "noise": 0,
    "sticker": None,
}  # fmt: skip
STROKE = {"width": 16, "erase": False, "points": [60, 60, 120, 200]}


def test_changes_are_said_and_reset_under_the_board(live):
    live.open("model=mnist-convnet")
    values = live.get("held.context.values('mnist-convnet')")
    line = live.page.locator(UNDER_BOARD)
    assert line.is_hidden()
    live.open(
        "model=mnist-convnet&play=brightness:0.2;shift_x:-0.25;sticker:0.5,0.5,0.25,255"
        "&kernels=mnist-convnet%7Cconv_1%7C0:1,2,1,0,0,0,-1,-2,-1&dropout=1"
    )
    assert line.locator("span").inner_text() == (
        "Changed: shift right −0.25, brightness 0.20, a sticker, 1 kernel, dropout on"
    )
    line.get_by_role("button").click()
    live.settle()
    assert line.is_hidden()
    assert live.get("held.store.state.play") == AT_REST
    assert live.get("held.context.values('mnist-convnet')") == values


def test_changes_are_said_and_reset_in_the_line_on_top(live):
    live.open("model=mnist-convnet&play=rotation:105")
    live.show("dropout")
    line = live.page.locator(IN_LINE)
    line.wait_for()
    assert line.locator("span").inner_text() == "Changed: rotation 105"
    line.get_by_role("button").click()
    live.wait("held.store.state.play.rotation === 0")
    expect(line).to_be_hidden()
    live.page.locator(".convlab-summary-line").click()
    live.wait("scrollY < 200")


@pytest.mark.parametrize(
    "event",
    [
        {"type": "input", "input": {"kind": "example"}},
        {"type": "stroke", "stroke": STROKE},
    ],
)
def test_another_input_is_shown_as_it_is(live, event):
    live.open("model=mnist-convnet&play=shift_x:0.25;noise:20")
    live.dispatch(**event)
    assert live.get("held.store.state.play") == AT_REST
    live.dispatch(type="play", play={"zoom": 1.5})
    live.dispatch(type="stroke", stroke=STROKE)
    live.dispatch(type="play", play={"zoom": 1.5})
    live.dispatch(type="stroke", stroke=STROKE)  # one more of the same drawing
    assert live.get("held.store.state.play.zoom") == 1.5
