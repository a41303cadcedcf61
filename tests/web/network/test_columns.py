"""The network as columns: what pointer, keys and scale show, against NumPy and SciPy."""

import re
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageColor
from scipy.signal import correlate

from tests.web.network.conftest import CLASSES
from tests.web.network.test_color import contrast

pytestmark = pytest.mark.slow

CONV, NORM, POOL, LOCAL, DENSE = 2, 3, 4, 5, 8  # columns of the small network


def number(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.fixture
def small(open_page):
    page = open_page()
    page.show("small")
    return page


def test_each_column_names_its_layer_its_shapes_and_its_numbers(small):
    headers = small.page.locator(".convlab-column-header").all_inner_texts()
    assert [text.split("\n")[0] for text in headers] == [
        "input", "scale", "conv", "norm", "pool", "local", "flatten", "dropout", "dense",
    ]  # fmt: skip
    assert "in12×12×1" in headers[CONV].replace(" ", "")
    assert "out10×10×10" in headers[CONV].replace(" ", "")
    assert "size 12 − 3 + 1 = 10" in headers[CONV]
    assert "weights 3·3·1·10 + 10 = 100" in headers[CONV]
    assert "(10 − 2)/2 + 1 = 5" in headers[POOL]
    assert "3·3·3·3·10·4 + 3·3·4 = 3,276" in headers[LOCAL]
    assert "γ·(x − μ)/√(σ² + ε) + β" in headers[NORM]
    assert "off now" in headers[7]


def test_hover_shows_the_value_and_its_rank(small):
    values = small.output("small", "conv:relu")
    for channel, row, column in [(0, 3, 4), (4, 9, 9), (7, 0, 0)]:
        small.point_at(CONV, (channel, row, column), (10, 10))
        text = small.status
        assert f"map {channel}, row {row}, column {column}: " in text
        shown = number(re.search(r": ([−\d.]+)", text)[1])
        assert shown == pytest.approx(values[row, column, channel], rel=5e-3, abs=1e-6)
    small.point_at(CONV, (1, 3, 4), (10, 10))
    assert ": 0, like all 100 cells; sees" in small.status
    zeros = (values[..., :8] == 0).sum((0, 1))
    channel = int(np.flatnonzero((zeros > 1) & (zeros < 100))[0])
    row, column = np.argwhere(values[..., channel] == 0)[0].tolist()
    small.point_at(CONV, (channel, row, column), (10, 10))
    assert f": 0, like {zeros[channel]} of the 100 cells" in small.status


def test_outputs_are_those_of_scipy(small):
    # In float32, SciPy would cast memory that it has not written to yet, and may warn.
    pixels = small.output("small", "input")[..., 0].astype(float)
    kernel, bias = small.page.evaluate(
        """() => { const w = mounted.context.networks.get("small").weights("conv");
                   return [[...w.kernel], [...w.bias]]; }"""
    )
    kernels = np.array(kernel).reshape(3, 3, 10)
    for channel in (0, 5):
        expected = correlate(pixels / 255, kernels[..., channel], mode="valid") + bias[channel]
        shown = small.output("small", "conv:relu")[..., channel]
        np.testing.assert_allclose(shown, np.maximum(expected, 0), atol=1e-5)


def test_hover_frames_the_receptive_field_in_the_image(small):
    # A cell of the local layer sees 3×3 cells of the pool, 6×6 of the convolution, 8×8 pixels.
    small.point_at(LOCAL, (1, 1, 2), (3, 3))
    assert "sees rows 2–9, columns 4–11 of the image" in small.status
    frame = small.page.evaluate(
        """() => {
          const overlay = document.querySelector(".convlab-overlay");
          const area = overlay.getBoundingClientRect();
          const map = document.querySelector(".convlab-column canvas").getBoundingClientRect();
          const cell = map.width / 12;
          const { width, height } = overlay;
          const { data } = overlay.getContext("2d").getImageData(0, 0, width, height);
          const painted = (column, row) => {
            const x = Math.round(map.left - area.left + column * cell);
            const y = Math.round(map.top - area.top + row * cell);
            return data[(y * width + x) * 4 + 3] > 0;
          };
          const edge = [painted(4, 6), painted(12, 6), painted(8, 2), painted(8, 10)];
          return { edge, inside: painted(8, 6), outside: painted(2, 6) };
        }"""
    )
    assert frame == {"edge": [True] * 4, "inside": False, "outside": False}


def test_silent_maps_are_marked(small):
    silent = np.flatnonzero((small.output("small", "conv:relu") == 0).all(axis=(0, 1)))
    column = small.page.locator(".convlab-column").nth(CONV)
    marked = column.locator(".convlab-silent figcaption").all_inner_texts()
    assert marked == [f"{channel} · silent" for channel in silent if channel < 8]
    assert f"{len(silent)} of 10 maps silent" in column.inner_text()
    assert 1 in silent


def test_normalization_says_what_it_does_to_each_map(small):
    weights = small.page.evaluate(
        """() => { const w = mounted.context.networks.get("small").weights("norm");
                   return Object.fromEntries(Object.entries(w).map(([k, v]) => [k, [...v]])); }"""
    )
    scale = weights["gamma"][0] / np.sqrt(weights["variance"][0] + 1e-3)
    offset = weights["beta"][0] - weights["mean"][0] * scale
    caption = small.page.locator(".convlab-column").nth(NORM).locator("figcaption").nth(0)
    factor, summand = re.search(r"×([−\d.]+) ([+−][\d.]+)", caption.inner_text()).groups()
    title = caption.locator("[title]").get_attribute("title")
    assert title == f"scaled by {factor}, shifted by {summand.removeprefix('+')}"
    assert number(factor) == pytest.approx(scale, rel=0.06)
    assert number(summand) == pytest.approx(offset, rel=0.06)


def test_more_maps_are_shown_on_demand(small):
    column = small.page.locator(".convlab-column").nth(CONV)
    assert column.locator("canvas").count() == 8
    more = column.get_by_text("+ 2 more")
    more.click()
    small.settle()
    assert column.locator("canvas").count() == 10
    assert not more.is_visible()


def test_the_scale_changes_the_colors(small):
    def strongest() -> list[float]:
        """Distance of each map's strongest color from the neutral one."""
        pixels = small.page.evaluate(
            """(index) => {
              const column = document.querySelectorAll(".convlab-column")[index];
              return [...column.querySelectorAll("canvas")].map((c) =>
                [...c.getContext("2d").getImageData(0, 0, c.width, c.height).data]);
            }""",
            CONV,
        )
        colors = [np.array(one).reshape(-1, 4)[:, :3] for one in pixels]
        return [float(np.abs(one - 247).sum(axis=1).max()) for one in colors]

    largest = small.output("small", "conv:relu").max(axis=(0, 1))[:8]
    small.page.get_by_role("button", name="map", exact=True).click()
    small.settle()
    unit = strongest()
    assert len({round(value) for value, top in zip(unit, largest, strict=True) if top > 0}) == 1
    small.page.get_by_role("button", name="layer", exact=True).click()
    small.settle()
    layer = strongest()
    assert max(layer) == pytest.approx(max(unit), abs=2)
    assert np.argmax(layer) == np.argmax(largest)
    small.page.get_by_role("button", name="network", exact=True).click()
    small.settle()
    assert max(strongest()) <= max(layer)
    assert "scale=global" in small.page.evaluate("globalThis.address")


def test_the_colors_follow_the_theme(small):
    canvases = ".convlab-scale canvas, .convlab-silent canvas, .convlab-products canvas"

    def drawn() -> list[str]:
        small.settle()
        return small.page.locator(canvases).evaluate_all("(all) => all.map((c) => c.toDataURL())")

    small.pin("dense:softmax", 1)
    light = drawn()
    small.page.emulate_media(color_scheme="dark")
    dark = drawn()
    assert len(light) == len(dark) >= 3
    assert not set(light) & set(dark)
    small.page.emulate_media(color_scheme="light")
    assert drawn() == light


def test_an_empty_board_has_neither_maps_nor_values(small):
    small.page.evaluate('mounted.store.dispatch({ type: "clear" })')
    small.settle()
    assert small.status == "Nothing drawn yet."
    painted = small.page.evaluate(
        """() => [...document.querySelectorAll(".convlab-column canvas")].filter((c) =>
          c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(Boolean)).length"""
    )
    assert painted == 0
    assert set(small.page.locator(".convlab-cell").all_inner_texts()) == {"…"}
    assert "Nothing drawn yet." in small.page.locator(".convlab-bars").inner_text()
    assert small.page.locator(".convlab-bars .convlab-best").count() == 0
    small.page.evaluate('mounted.store.dispatch({ type: "undo" })')
    small.settle()
    assert small.page.locator(".convlab-bars .convlab-best").count() == 1
    assert "…" not in small.page.locator(".convlab-cell").all_inner_texts()


def test_the_whole_network_is_saved_as_a_picture(open_page, tmp_path):
    page = open_page(size=(1000, 800))
    page.show("small")
    area = page.page.locator(".convlab-network")
    size = "(one) => [one.offsetWidth, one.offsetHeight]"
    before = area.evaluate(size)
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="Save as PNG: the network").click()
    download.value.save_as(tmp_path / "network.png")
    picture = Image.open(tmp_path / "network.png").convert("RGB")
    assert picture.width > 2 * before[0]  # the layers out of sight, too
    last = page.page.locator(".convlab-cell").first.evaluate(
        "(c) => getComputedStyle(c).backgroundColor"
    )
    assert ImageColor.getrgb(last) in {color for _, color in picture.getcolors(1 << 24)}
    page.settle()
    assert area.evaluate(size) == before


def test_text_on_cells_can_be_read(open_page):
    for dark in (False, True):
        page = open_page(dark=dark)
        page.show("small")
        page.pin("local", 1, 1, 1)
        cells = page.page.evaluate(
            """() => [...document.querySelectorAll(".convlab-cell, .convlab-grid span")]
              .filter((cell) => cell.textContent).map((cell) => [getComputedStyle(cell).color,
                getComputedStyle(cell).backgroundColor])"""
        )
        assert len(cells) > 30
        ratios = [contrast(*map(ImageColor.getrgb, pair)) for pair in cells]
        assert min(ratios) >= 4.5


def test_the_network_is_walked_and_pinned_by_keys_alone(small):
    stops = small.page.locator(".convlab-network :is(a, button:not([tabindex]), [tabindex='0'])")
    assert stops.count() == 1
    stops.focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "ArrowDown", "ArrowRight", "PageDown"):
        small.page.keyboard.press(key)
        small.settle()
    assert small.spoken.startswith("layer conv, map 1, row 1, column 1: 0")
    assert small.status == small.spoken
    small.page.keyboard.press("Enter")
    small.settle()
    assert small.spoken.startswith("Pinned: layer conv")
    assert "pin=conv%3Arelu,1,1,1" in small.page.evaluate("globalThis.address")
    assert small.page.locator(".convlab-arithmetic").is_visible()
    small.page.keyboard.press("Escape")  # back from the cell
    small.page.keyboard.press("Escape")  # and from the pin
    small.settle()
    assert not small.page.locator(".convlab-arithmetic").is_visible()
    small.page.keyboard.press("End")
    small.settle()
    assert f"“{CLASSES[0]}”" in small.spoken


def test_a_click_pins_and_a_click_on_nothing_steps_back(small):
    small.point_at(POOL, (2, 1, 1), (5, 5))
    small.page.mouse.down()
    small.page.mouse.up()
    small.settle()
    assert (
        "pool, map 2, row 1, column 1" in small.page.locator(".convlab-arithmetic h2").inner_text()
    )
    small.page.locator(".convlab-column-header").nth(3).click()
    small.settle()
    assert not small.page.locator(".convlab-arithmetic").is_visible()


def test_a_finger_previews_a_cell_and_pins_it_with_the_second_tap(small):
    tap = """(canvas) => {
      const { left, top } = canvas.getBoundingClientRect();
      const touch = { pointerType: "touch", bubbles: true, clientX: left + 30, clientY: top + 30 };
      canvas.closest(".convlab-network").dispatchEvent(new PointerEvent("pointerleave", touch));
      canvas.dispatchEvent(new PointerEvent("click", touch));
    }"""
    canvas = small.page.locator(".convlab-column").nth(POOL).locator("canvas").nth(3)
    card = small.page.locator(".convlab-arithmetic")
    canvas.evaluate(tap)
    small.settle()
    assert "pool, map 3" in small.status
    assert not card.is_visible()
    canvas.evaluate(tap)
    small.settle()
    assert "pool, map 3" in card.locator("h2").inner_text()


def test_a_wide_and_deep_network_stays_usable(open_page):
    page = open_page()
    page.show("wide")
    assert page.page.locator(".convlab-column").count() == 63
    assert page.page.locator(".convlab-column canvas").count() == 60 * 8 + 2
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.pin("layer_59", 250, 5, 5)
    assert page.page.locator(".convlab-column").nth(60).locator("canvas").count() == 251
    assert "layer_59, map 250" in page.status


def test_a_narrow_page_shows_layers_as_rows(open_page):
    page = open_page(size=(390, 844))
    page.show("small")
    boxes = page.page.evaluate(
        """() => [...document.querySelectorAll(".convlab-column")]
          .map((column) => column.getBoundingClientRect().toJSON())"""
    )
    assert all(a["bottom"] <= b["top"] for a, b in pairwise(boxes))
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
