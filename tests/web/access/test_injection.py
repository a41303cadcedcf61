"""Names of files, layers, classes and samples that are markup: the page shows them as text."""

import json
import re
import shutil
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.cli import main
from tests.shipped import MODELS
from tests.web.hosts.chromium import Watched
from tests.web.hosts.exported import small_network
from tests.web.server.conftest import serving

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::app.errors.AppWarning")]

IMAGE = "<img src=x onerror=globalThis.injected=1>"
SCRIPT = '"><script>globalThis.injected=2;'  # a file name has no slash
CLASS = f"{SCRIPT}{IMAGE}"


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> list[str]:
    """A folder with such a name and such classes and images, and a file with such layers."""
    place = tmp_path_factory.mktemp("hostile")
    folder, file = place / IMAGE, place / f"{SCRIPT}.keras"
    shutil.copytree(MODELS / "mnist-tiny", folder)
    card = json.loads((folder / "card.json").read_text("utf-8"))
    card["class_names"] = [f"{digit} {CLASS}" for digit in range(10)]
    card["name"] = IMAGE  # of an exported page; a server's models are named as their folders
    card["dataset"] = str(place / "images")
    random = np.random.default_rng(0)
    for name in card["class_names"]:
        (place / "images" / name).mkdir(parents=True)
        for number in range(6):
            pixels = random.integers(0, 256, (28, 28), np.uint8)
            Image.fromarray(pixels).save(place / "images" / name / f"{number} {IMAGE}.png")
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    small_network((f"{SCRIPT}conv", f"{SCRIPT}{IMAGE}")).save(file)
    return [str(folder), str(file)]


@pytest.fixture
def watched(browser):
    page = browser.new_page(viewport={"width": 1440, "height": 9000})
    watched = Watched(page)
    yield watched
    # The file has no dataset, so the server has no evaluation of it.
    problems = [problem for problem in watched.problems if "404" not in problem]
    assert (problems, watched.violations) == ([], [])
    assert [address for address in watched.requests if address.endswith("/x")] == []
    assert page.evaluate("globalThis.injected") is None
    assert page.locator("img, .convlab script").count() == 0
    page.close()


def go(page: Page, model: str, pin: str = "") -> None:
    where = f"model={quote(model, safe='')}&models={quote(model, safe='')}"
    where += f"&input=sample:first,0,3,,{quote(IMAGE, safe='')}"  # the file has no images
    page.evaluate("(text) => { location.hash = text; }", where + (pin and f"&pin={pin},0,0,2"))


def check(page: Page, layer: str) -> None:
    """Look at everything that bears such a name."""
    # The class that is first: as text in the bars, in the choice of a class, in the lists of words.
    head = page.locator(".convlab-bars-table tbody th").first
    expect(head).to_have_text(f"0 {CLASS}")
    expect(page.locator(".convlab-bars-table thead th")).to_have_text(IMAGE)
    expect(page.get_by_role("option", name=f"0 {CLASS}").first).to_be_attached()
    sample = page.locator(".convlab-gallery-picture[aria-selected=true]")
    expect(sample).to_have_attribute("aria-label", re.compile(re.escape(CLASS)))
    file = page.locator(".convlab-picker option").filter(has_text=SCRIPT)
    expect(file).to_have_count(1)
    go(page, str(file.text_content()), quote(layer, safe=""))
    expect(page.locator(".convlab-arithmetic h2")).to_contain_text(SCRIPT)
    expect(page.locator(".convlab-column-header h3").nth(1)).to_contain_text(layer)
    expect(page.locator(".convlab-python .convlab-code")).to_contain_text(SCRIPT)


def test_the_server_shows_hostile_names_as_text(watched, models, tmp_path):
    with serving(*models, cache=tmp_path) as (_, address):
        watched.page.goto(address)
        go(watched.page, IMAGE)
        check(watched.page, f"{SCRIPT}conv")
        assert not any(request.endswith("/x") for request in watched.requests)


def test_an_exported_page_shows_hostile_names_as_text(watched, models, tmp_path):
    target = tmp_path / "page.html"
    assert main(["export", *models, "--samples", "10", "-o", str(target)]) == 0
    watched.page.goto(target.as_uri())
    go(watched.page, IMAGE)
    check(watched.page, f"{SCRIPT}conv")
    assert watched.requests == [target.as_uri()]
