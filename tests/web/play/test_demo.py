"""The convolution demo on the page, against `app.lecture`."""

import pytest
from playwright.sync_api import expect

from app.lecture.volumes import example_layer, output_of, show_cell, steps

pytestmark = pytest.mark.slow

DEMO = "document.querySelector('.convlab-demo')"


def grids(live):
    """Return the numbers of each matrix by its caption."""
    return live.get(
        f"Object.fromEntries([...{DEMO}.querySelectorAll('table')].map((table) =>"
        " [table.caption.textContent, [...table.rows].map((row) =>"
        " [...row.cells].map((cell) => cell.textContent.replace('−', '-')))]))"
    )


def test_demo_shows_the_numbers_of_the_lecture(live):
    live.open()
    live.show("demo")
    layer = example_layer((5, 5, 3), (2, 3), 2, 1, 0)
    found = list(steps(layer))
    live.dispatch(type="choose", name="demo-step", value=len(found) - 1)
    live.wait(f"{DEMO}.textContent.includes('18 of 18')")
    shown = grids(live)
    for d in range(3):
        assert shown[f"x[:, :, {d}]"] == layer.padded[..., d].astype(str).tolist()
        for k in range(2):
            assert shown[f"w{k}[:, :, {d}]"] == layer.filters[k, ..., d].astype(str).tolist()
    for k in range(2):
        assert shown[f"o[:, :, {k}]"] == output_of(layer)[..., k].astype(str).tolist()
    sums = live.page.locator(".convlab-demo-sums li").last.inner_text().replace("\n", "")
    assert show_cell(layer, found[-1]).replace(" ", "") in sums.replace(" ", "")


def test_demo_goes_step_by_step_and_plays(live):
    live.open()
    panel = live.show("demo")
    panel.get_by_role("button", name="Step", exact=True).click()
    live.wait("held.store.state.choices['demo-step'] === 1")
    panel.get_by_role("button", name="Back").click()
    live.wait("held.store.state.choices['demo-step'] === 0")
    panel.get_by_role("button", name="Back").click()
    live.wait("held.store.state.choices['demo-step'] === 17")
    panel.get_by_role("button", name="Play").click()
    live.page.mouse.move(1, 1)
    live.wait("held.store.state.choices['demo-step'] === 1")
    panel.get_by_role("button", name="Pause").click()
    expect(panel.get_by_role("button", name="Play")).to_be_visible()


def test_stride_that_does_not_fit_is_refused_with_settings_that_do(live):
    live.open("choices=demo:'10%2C10%2C1%2C1%2C3%2C2%2C0%2C0")
    panel = live.show("demo")
    live.wait(f"{DEMO}.querySelector('.convlab-invalid')")
    text = panel.locator(".convlab-demo-formula").inner_text()
    assert "(10 − 3 + 2·0) / 2 + 1 = 4.5 is not whole" in text
    assert "S = 1 or 7" in text
    assert panel.get_by_label("S stride").get_attribute("aria-invalid") == "true"
    assert "W = 5, H = 5, D = 3" in panel.inner_text()  # those of the lecture, which fit
    assert len(grids(live)["o[:, :, 0]"]) == 3
    panel.get_by_label("S stride").fill("7")
    panel.get_by_label("S stride").press("Enter")
    live.wait(f"!{DEMO}.querySelector('.convlab-invalid')")
    assert len(grids(live)["o[:, :, 0]"]) == 2
    panel.get_by_label("S stride").fill("2")
    panel.get_by_label("S stride").press("Enter")
    live.wait(f"{DEMO}.querySelector('.convlab-invalid')")
    assert len(grids(live)["o[:, :, 0]"]) == 2  # still those of stride 7


def test_sizes_of_the_demo_are_in_the_address(live):
    live.open("choices=demo:'6%2C4%2C2%2C1%2C2%2C2%2C0%2C5;demo-step:3")
    live.show("demo")
    live.wait(f"{DEMO}.textContent.includes('4 of 6')")
    layer = example_layer((6, 4, 2), (1, 2), 2, 0, 5)
    assert grids(live)["x[:, :, 1]"] == layer.padded[..., 1].astype(str).tolist()
    assert live.page.locator(".convlab-demo").get_by_label("H input height").input_value() == "4"
