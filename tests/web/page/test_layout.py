"""The page at every width and theme, the gallery, the comparison, and the first moment."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.web.page.conftest import MODELS, best_classes, wait_for_answers, wait_until

pytestmark = pytest.mark.slow

_LUMINANCE = """
() => ["background-color", "color"].map((name) => {
  const color = getComputedStyle(document.querySelector(".convlab"))[name];
  return color.match(/[\\d.]+/g).slice(0, 3).map(Number);
})
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_cut_off_from_360_to_2560_pixels(page, theme, tmp_path):
    page.emulate_media(color_scheme=theme)
    for width in (360, 390, 760, 1180, 1440, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        best_classes(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for part in ("board", "tools", "bars", "strip", "gallery"):
            box = page.locator(f".convlab-{part}").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        page.screenshot(path=tmp_path / f"{width}.png")
    background, text = (sum(color) for color in page.evaluate(_LUMINANCE))
    assert (background > text) == (theme == "light")


def test_an_example_is_shown_before_the_first_request_is_answered(watched, server):
    page = watched.page
    held = []
    page.route("**/api/**", lambda route: held.append(route))  # not answered yet
    page.goto(server.url)
    wait_until(page, "document.querySelectorAll('.convlab-bars td.convlab-best').length === 3")
    assert best_classes(page) == ["3", "3", "3"]
    assert page.locator(".convlab-strip canvas").count() == 5
    assert len(held) == 1
    early = page.locator(".convlab-bars td.convlab-best").all_inner_texts()
    page.unroute("**/api/**")
    held[0].continue_()
    wait_for_answers(page)
    late = page.locator(".convlab-bars td.convlab-best").all_inner_texts()
    assert [float(text) for text in late] == pytest.approx([float(text) for text in early], abs=0.2)


def test_steps_of_the_preparation_are_switched_one_by_one(page):
    before = page.evaluate(
        "document.querySelector('.convlab-strip li:last-child canvas').toDataURL()"
    )
    for step in ("invert", "crop", "scale", "center"):
        box = page.get_by_role("checkbox", name=step)
        box.uncheck()
        wait_until(page, f"location.hash.includes('steps=-{step}')")
        box.check()
    best_classes(page)
    after = "document.querySelector('.convlab-strip li:last-child canvas').toDataURL()"
    assert page.evaluate(after) == before
    page.get_by_role("checkbox", name="invert").uncheck()
    best_classes(page)
    assert page.evaluate(after) != before


def test_the_gallery_is_one_tab_stop_with_arrows_and_typed_digits(page):
    options = page.get_by_role("option").filter(has=page.locator("canvas"))
    expect(options.first).to_have_attribute("aria-label", "true class 0")
    assert page.locator(".convlab-gallery-picture[tabindex='0']").count() == 1
    options.first.focus()
    page.keyboard.press("ArrowRight")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(7)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("PageDown")
    wait_until(page, "location.hash.includes('input=sample:first,0,19,')")
    page.keyboard.press("4")
    expect(options.first).to_have_attribute("aria-label", "true class 4")
    expect(page.locator(".convlab-gallery .convlab-note")).to_have_text("true class 4")
    expect(page.locator(".convlab-bars th.convlab-true")).to_have_text("4")
    page.keyboard.press("4")
    wait_until(page, "location.hash.includes('input=sample:first,0,1,4,')")


def test_networks_are_compared_and_looked_into(page):
    page.get_by_role("button", name="mnist-dense", exact=True).click()
    expect(page.locator(".convlab-bars thead th")).to_have_count(2)
    page.get_by_role("button", name="mnist-dense", exact=True).click()
    expect(page.locator(".convlab-bars thead th")).to_have_count(3)
    page.locator(".convlab-bars-model").first.click()
    expect(page.locator(".convlab-picker select")).to_have_value(MODELS[0])
    for head, pressed in zip(
        page.locator(".convlab-bars-model").all(), ("true", "false", "false"), strict=True
    ):
        expect(head).to_have_attribute("aria-pressed", pressed)


def test_predictions_are_read_out_when_the_drawing_rests(page):
    page.locator(".convlab-board").focus()
    page.keyboard.press("7")
    live = page.locator(".convlab-live")
    expect(live).to_have_text(re.compile("mnist-best: 7, .* percent"), timeout=20_000)


def test_names_of_models_and_classes_stay_text(watched, server, monkeypatch):
    evil = "<img src=x onerror=globalThis.hurt=1>"
    models = [{**model, "classes": [evil, *model["classes"][1:]]} for model in server.models]
    models[0] = {**models[0], "name": evil}
    monkeypatch.setattr(server, "models", models)
    monkeypatch.setattr(server, "programs", {**server.programs, evil: server.programs[MODELS[0]]})
    monkeypatch.setattr(server, "samples", {**server.samples, evil: server.samples[MODELS[0]]})
    watched.page.goto(server.url)
    wait_for_answers(watched.page)
    assert evil in watched.page.locator(".convlab-bars").inner_text()
    assert watched.page.evaluate("[globalThis.hurt, document.images.length]") == [None, 0]


def test_a_model_that_the_server_cannot_open_is_named_and_left_out(watched, server):
    page = watched.page

    def answer(route):
        models = json.loads(route.fetch().text())
        models = models if isinstance(models, list) else models["models"]
        broken = {"name": "broken", "error": "It took too long."}
        route.fulfill(json={"models": [broken, *models]})

    page.route("**/api/models", answer)
    page.goto(server.url)
    wait_for_answers(page)
    picker = page.locator(".convlab-picker")
    assert "broken cannot be opened: It took too long." in picker.inner_text()
    assert sorted(picker.locator("option").all_inner_texts()) == sorted(MODELS)
