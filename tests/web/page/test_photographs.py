"""Beside networks of digits one of photographs, whose prediction is the mean of two views."""

import numpy as np
import pytest

from tests.web.engine.programs import ProgramBuilder
from tests.web.page.conftest import MODELS, draw, wait_for_answers, wait_until

SIDE = 8
IDENTITY = {"crop": 1.0, "rotation": 0.0, "rows": 0, "columns": 0, "flip": False}
HEADS = "[...document.querySelectorAll('.convlab-bars thead th')].map((head) => head.textContent)"


def photographs() -> tuple[np.ndarray, np.ndarray]:
    return np.random.default_rng(2).integers(0, 256, (4, SIDE, SIDE, 3), np.uint8), np.arange(4) % 2


def kernel() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.1, (SIDE * SIDE * 3, 2))


def share_of_cat(image: np.ndarray) -> float:
    scores = (image / 127.5 - 1).ravel() @ kernel()
    return float(1 / (1 + np.exp(scores[1] - scores[0])))


@pytest.fixture
def with_pets(server, monkeypatch):
    name, classes = "pets", ["cat", "dog"]
    builder = ProgramBuilder((SIDE, SIDE, 3))
    builder.add("scale", "rescale", (SIDE, SIDE, 3), scale=1 / 127.5, offset=-1.0)
    builder.add("flatten", "flatten", (SIDE * SIDE * 3,))
    builder.add("dense", "dense", (2,), {"kernel": kernel(), "bias": np.zeros(2)})
    builder.add("dense:softmax", "activation", (2,), function="softmax")
    program = builder.build(
        name=name, classes=classes, views=[IDENTITY, {**IDENTITY, "flip": True}]
    )
    facts = {
        **server.models[0], "name": name, "classes": classes, "mnist_style": False,
        "image": {"height": SIDE, "width": SIDE, "channels": 3}, "dataset": "pets",
    }  # fmt: skip
    monkeypatch.setattr(server, "models", [*server.models, facts])
    monkeypatch.setattr(server, "programs", {**server.programs, name: program})
    monkeypatch.setattr(server, "samples", {**server.samples, name: photographs()})


@pytest.mark.slow
@pytest.mark.usefixtures("with_pets")
def test_a_photograph_is_prepared_as_one_and_digits_come_back(watched, server):
    page = watched.page
    page.goto(server.url)
    wait_for_answers(page)
    page.locator(".convlab-board").focus()
    page.keyboard.press("7")
    wait_until(page, "location.hash.includes('input=drawing')")
    drawing = page.evaluate("location.hash.match(/input=[^&]*/)[0]")
    picker = page.locator(".convlab-picker select")
    picker.select_option("pets")
    wait_until(page, "document.querySelector('.convlab-strip').textContent.includes('−1 … 1')")
    strip = page.locator(".convlab-strip")
    assert "8 × 8" in strip.inner_text()
    assert strip.get_by_role("checkbox").count() == 0  # none of the steps of a digit
    for name in ("Draw", "Erase"):
        tool = page.get_by_role("button", name=name, exact=True)
        assert tool.is_disabled()
        assert "reads photographs" in tool.get_attribute("title")
    given = page.url
    draw(page, [[[0.2, 0.2], [0.8, 0.8]]])
    page.keyboard.press("7")
    page.wait_for_timeout(200)
    assert page.url == given  # a stroke or a digit does not replace it

    image = photographs()[0][0]
    views = [share_of_cat(image), share_of_cat(image[:, ::-1])]
    mean = f"{100 * np.mean(views):.1f}"
    wait_until(
        page, f"document.querySelector('.convlab-bars tbody').textContent.includes('{mean}')"
    )
    assert "mean of 2 views" in page.locator(".convlab-bars .convlab-note").inner_text()
    page.locator(".convlab-cell-row").first.click()
    wait_until(
        page, f"document.querySelector('.convlab-arithmetic').textContent.includes('{mean}%')"
    )
    rows = page.locator(".convlab-shares", has_text="mirrored").locator("td").all_inner_texts()
    assert rows == [f"{100 * share:.1f}%" for share in [*views, np.mean(views)]]

    picker.select_option(MODELS[1])
    wait_until(page, f"location.hash.includes({drawing!r})")
    assert len(page.evaluate(HEADS)) == 3
    page.go_back()
    wait_until(page, "document.querySelector('.convlab-picker select').value === 'pets'")
    page.go_forward()
    wait_until(page, f"location.hash.includes({drawing!r})")
