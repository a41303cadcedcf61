"""The arithmetic of a pinned cell: its numbers add up to what the network gives."""

import re
import shutil

import numpy as np
import pytest

from tests.web.network.network_page import NetworkPage

pytestmark = pytest.mark.slow

POOL = 4  # column of the small network
CELLS = [
    ("input", 0, 4, 5),
    ("scale", 0, 4, 5),
    ("conv:relu", 0, 3, 4),
    ("conv:relu", 1, 3, 4),
    ("norm", 2, 0, 0),
    ("pool", 3, 4, 4),
    ("local", 1, 1, 1),
    ("flatten", 7, 0, 0),
    ("dropout", 7, 0, 0),
    ("dense:softmax", 1, 0, 0),
]


def number(text: str) -> float:
    """Return the last number in a text."""
    found = re.findall(r"([+−]? ?[\d.,]+(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)(?=\D*$)", text)[-1]
    mantissa, _, power = found.replace("−", "-").replace(" ", "").replace(",", "").partition("·10")
    digits = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(mantissa) * 10.0 ** int(power.translate(digits) or 0)


@pytest.fixture
def small(open_page):
    page = open_page()
    page.show("small")
    return page


@pytest.mark.parametrize(("operation", "channel", "row", "column"), CELLS)
def test_the_calculation_ends_with_the_value_of_the_network(small, operation, channel, row, column):
    small.pin(operation, channel, row, column)
    output = small.output("small", operation)
    expected = output[channel] if output.ndim == 1 else output[row, column, channel]
    last = small.page.locator(".convlab-calculation li").last.inner_text()
    assert number(last) == pytest.approx(float(expected), rel=1e-3, abs=1e-6)


@pytest.mark.parametrize(
    ("operation", "cell", "count"),
    [("conv:relu", (0, 3, 4), 9), ("local", (1, 1, 1), 90), ("dense:softmax", (2, 0, 0), 36)],
)
def test_the_table_has_every_product_and_they_add_up(small, operation, cell, count):
    small.pin(operation, *cell)
    details = small.page.locator(".convlab-terms")
    details.locator("summary").click()
    details.locator("tbody tr").first.wait_for()  # filled once it is open
    while (more := details.get_by_text("Show more")).is_visible():
        more.click()
    rows = details.locator("tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert len(rows) == count
    products = [[number(text) for text in row[1:]] for row in rows]
    for value, weight, product in products:
        assert product == pytest.approx(value * weight, rel=2e-3, abs=3e-4)  # as rounded
    bias, total = (number(text) for text in details.locator("tfoot tr").all_inner_texts()[:2])
    assert sum(product for _, _, product in products) + bias == pytest.approx(
        total, rel=2e-3, abs=2e-3
    )


def test_the_sums_of_the_channels_add_up(small):
    small.pin("local", 1, 1, 1)
    small.page.get_by_role("button", name="Show 7 more").click()
    sums = [number(text) for text in small.page.locator(".convlab-products-sum").all_inner_texts()]
    total = small.page.locator(".convlab-products-total").inner_text()
    products = number(total.split(",")[0].split("channels")[1])
    assert len(sums) == 10
    assert sum(sums) == pytest.approx(products, abs=10 * 5e-3)  # ten numbers, rounded
    bias = small.page.evaluate("() => mounted.context.networks.get('small').weights('local').bias")
    value = small.output("small", "local")[1, 1, 1]
    index = np.ravel_multi_index((1, 1, 1), (3, 3, 4))
    assert products + bias[index] == pytest.approx(value, abs=1e-2)


def test_the_winner_of_a_pool_is_framed(small):
    small.pin("pool", 3, 2, 2)
    window = small.output("small", "norm")[4:6, 4:6, 3].ravel()
    marked = small.page.locator(".convlab-grid span").evaluate_all(
        '(cells) => cells.map((cell) => cell.classList.contains("convlab-marked"))'
    )
    assert marked.index(True) == np.argmax(window)
    assert marked.count(True) == 1


def test_softmax_is_a_table_of_all_classes(small):
    small.pin("dense:softmax", 0)
    scores = small.output("small", "dense")
    rows = small.page.locator(".convlab-shares tbody tr").all_inner_texts()
    assert [row.split()[0] for row in rows] == ["zero", "one", "two"]
    expected = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    shares = [number(row) for row in rows]
    np.testing.assert_allclose(shares, expected, rtol=1e-3)


def test_contributors_are_the_largest_products_and_can_be_followed(small):
    small.pin("local", 1, 1, 1)
    first = small.page.locator(".convlab-contributors li").first
    shown = number(first.locator("strong").inner_text())
    patch = small.output("small", "pool")[1:4, 1:4].ravel()
    kernel = small.page.evaluate(
        '[...mounted.context.networks.get("small").weights("local").kernel]'
    )
    weights = np.array(kernel).reshape(3, 3, 90, 4)[1, 1, :, 1]
    products = patch * weights
    assert shown == pytest.approx(products[np.abs(products).argmax()], rel=1e-2)
    first.locator("button").click()
    small.settle()
    title = small.page.locator(".convlab-arithmetic h2")
    assert title.inner_text().startswith("pool, map")
    back = small.page.get_by_role("button", name="← local map 1")
    assert back.get_attribute("title") == "Back to local map 1, row 1, column 1 (Esc)"
    back.click()
    small.settle()
    assert title.inner_text() == "local, map 1, row 1, column 1"
    assert not small.page.locator(".convlab-way-back").is_visible()
    for _ in range(6):  # down to the image
        button = small.page.locator(".convlab-contributor").first
        if button.count() == 0:
            break
        button.click()
        small.settle()
    assert small.page.locator(".convlab-arithmetic h2").inner_text().startswith("input, map 0")


def test_the_same_cell_in_three_kinds_of_layer(small):
    small.pin("local", 1, 1, 1)
    panels = small.page.locator(".convlab-compare section")
    assert panels.locator("h4").all_inner_texts() == ["Dense", "Local", "Convolution"]
    texts = panels.all_inner_texts()
    assert "36 weights of its own" in texts[0]
    assert "90 weights of its own; 810 in the map" in texts[1]
    assert "9 weights, shared by all 100 cells of the map" in texts[2]
    kernels = panels.evaluate_all(
        """(all) => all.map((p) => [...p.querySelectorAll(".convlab-compare-kernels canvas")]
          .map((c) => [...c.getContext("2d").getImageData(0, 0, c.width, c.height).data].join()))"""
    )
    assert len(kernels[1]) == len(set(kernels[1])) == 9  # private ones
    assert len(kernels[2]) == 9
    assert len(set(kernels[2])) == 1  # the shared one


def test_a_unit_is_not_compared_with_places(small):
    small.pin("dense:softmax", 1)
    assert small.page.locator(".convlab-shares").is_visible()
    assert small.page.locator(".convlab-compare").count() == 0


def test_in_a_narrow_page_the_card_is_a_sheet_that_is_swiped_away(open_page):
    page = open_page(size=(390, 844))
    page.show("small")
    card = page.page.locator(".convlab-arithmetic")

    def swipe() -> None:
        box = card.locator("h2").bounding_box()
        page.page.mouse.move(box["x"] + 20, box["y"] + 10)
        page.page.mouse.down()
        page.page.mouse.move(box["x"] + 20, box["y"] + 110, steps=4)
        page.page.mouse.up()

    closing = [
        swipe,
        card.get_by_role("button", name="Close").click,
        lambda: page.page.locator(".convlab-column-header").nth(POOL).click(),
        lambda: page.page.locator(".convlab-strip-of-columns").press("Escape"),
    ]
    for close in closing:
        page.pin("pool", 3, 2, 2)
        page.settle()
        box = card.bounding_box()
        cell = page.page.locator(".convlab-column").nth(POOL).locator("canvas").nth(3)
        assert box["height"] <= 422
        assert box["y"] + box["height"] == pytest.approx(844, abs=1)
        assert cell.bounding_box()["y"] + cell.bounding_box()["height"] <= box["y"]
        close()
        page.settle()
        assert not card.is_visible()


def test_scrollbars_that_take_room_cut_nothing(browser, server):
    """Playwright hides them; those of Linux and Windows are about 15 pixels wide."""
    with browser.browser_type.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox"],
        ignore_default_args=["--hide-scrollbars"],
    ) as with_scrollbars:  # fmt: skip
        for width in (1440, 1180):
            opened = NetworkPage(with_scrollbars, server, size=(width, 500))
            opened.show("small", "pin=conv:relu,4,4,2")
            sizes = opened.page.locator(".convlab-arithmetic").evaluate(
                "(card) => [card.offsetWidth, card.clientWidth, card.scrollWidth]"
            )
            assert sizes[0] > sizes[1] == sizes[2], sizes
            opened.close()


def test_the_card_never_covers_what_is_below_the_network(open_page):
    opened = open_page(size=(1440, 600))
    opened.show("small", "pin=conv:relu,4,4,2")
    opened.page.locator(".convlab-arithmetic").wait_for()
    overlap = """() => {
      const [card, below] = [".convlab-arithmetic", ".convlab-below"].map((part) =>
        document.querySelector(part).getBoundingClientRect());
      return card.bottom - below.top;
    }"""
    for share in (0, 0.3, 0.6, 1):
        opened.page.evaluate(f"scrollTo(0, {share} * document.body.scrollHeight)")
        opened.page.wait_for_timeout(100)
        assert opened.page.evaluate(overlap) <= 0, share


def test_a_change_of_the_network_is_followed(small):
    small.pin("conv:relu", 0, 3, 4)
    before = small.page.locator(".convlab-calculation li").last.inner_text()
    small.page.evaluate(
        """() => { const network = mounted.context.networks.get("small");
          network.setWeight("conv", "kernel", network.weights("conv").kernel.map((w) => w + 0.1));
          mounted.store.dispatch({ type: "refresh" }); }"""
    )
    small.page.wait_for_function(
        """(text) => {
          const lines = document.querySelectorAll(".convlab-calculation li");
          return lines[lines.length - 1].innerText !== text;
        }""",
        arg=before,
    )
    last = small.page.locator(".convlab-calculation li").last.inner_text()
    expected = small.output("small", "conv:relu")[3, 4, 0]
    assert number(last) == pytest.approx(float(expected), rel=1e-3)


def oracle(small, change: float) -> dict[str, np.ndarray]:
    values = small.output("small", "local")
    changed = values.copy()
    changed[1, 1, 1] += change * np.abs(values).max()
    return {"local": changed}


@pytest.mark.parametrize(("change", "state"), [(0.0, "good"), (5e-5, "good"), (5e-4, "bad")])
def test_the_badge_compares_with_keras(open_page, change, state):
    first = open_page()
    first.show("small")
    page = open_page()
    page.show("small", oracle=oracle(first, change))
    page.pin("local", 1, 1, 1)
    badge = page.page.locator(".convlab-badge")
    page.page.wait_for_function(
        """() => document.querySelector(".convlab-badge").dataset.state !== "waiting\""""
    )
    assert badge.get_attribute("data-state") == state
    asked = page.page.evaluate("asked.filter((one) => one.kind === 'activations')")
    assert [question["operations"] for question in asked] == [["local"]]


def test_without_an_oracle_there_is_no_badge(small):
    small.pin("local", 1, 1, 1)
    assert not small.page.locator(".convlab-badge").is_visible()


def test_tensors_are_saved_as_numpy_reads_them(small, tmp_path):
    small.pin("pool", 3, 2, 2)
    with small.page.expect_download() as download:
        small.page.locator(".convlab-saving").get_by_text("Save as .npy").click()
    download.value.save_as(tmp_path / "pool.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "pool.npy"), small.output("small", "pool"))


def test_the_panel_is_saved_as_a_picture_of_itself(small, tmp_path):
    from PIL import Image

    small.pin("local", 1, 1, 1)
    with small.page.expect_download() as download:
        small.page.locator(".convlab-saving").get_by_text("Save as PNG").click()
    download.value.save_as(tmp_path / "panel.png")
    box = small.page.locator(".convlab-card-panel").bounding_box()
    picture = Image.open(tmp_path / "panel.png").convert("RGB")
    assert picture.width == pytest.approx(2 * box["width"], abs=2)
    assert picture.height == pytest.approx(2 * box["height"], abs=2)
    assert len(picture.getcolors(1 << 24)) > 100
