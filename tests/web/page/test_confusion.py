"""The errors of a network in a browser: matrix, images of a cell, arithmetic."""

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from safetensors.numpy import save
from sklearn.metrics import confusion_matrix

from tests.web.engine.programs import ProgramBuilder
from tests.web.page.stub_server import StubServer

SIZE, COUNT = 8, 600
NAMES = {"digits": [str(digit) for digit in range(10)], "pets": ["cat", "dog"]}
pytestmark = pytest.mark.slow


class Answers:
    """What a model says of random images; answers the page's requests for them.

    Args:
        classes: Number of classes.
    """

    def __init__(self, classes: int):
        random = np.random.default_rng(classes)
        self.labels = random.integers(0, classes, COUNT)
        is_wrong = random.random(COUNT) < 0.2
        self.predicted = np.where(is_wrong, random.integers(0, classes, COUNT), self.labels)
        self.images = random.integers(0, 256, (COUNT, SIZE, SIZE, 1), np.uint8)
        self.matrix = confusion_matrix(self.labels, self.predicted)
        self.problems: list[tuple[int, str]] = []  # status and text of refusals, in order

    def positions(self, truth: int, predicted: int) -> np.ndarray:
        """Return which images are in a cell of the matrix."""
        return np.flatnonzero((self.labels == truth) & (self.predicted == predicted))

    def evaluation(self, route: Route, classes: list[str]) -> None:
        if self.problems:
            status, text = self.problems.pop(0)
            route.fulfill(status=status, json={"error": text})
            return
        right = float((self.labels == self.predicted).mean())
        about = {"classes": classes, "split": "validation", "accuracy": right}
        route.fulfill(json={"matrix": self.matrix.tolist(), **about})

    def samples(self, route: Route) -> None:
        query = {
            name: int(value)
            for name, (value,) in parse_qs(urlsplit(route.request.url).query).items()
            if name != "order"
        }
        chosen = np.ones(COUNT, bool)
        for name in ("label", "predicted"):
            if name in query:
                chosen &= {"label": self.labels, "predicted": self.predicted}[name] == query[name]
        positions = np.flatnonzero(chosen)[query["start"] :][: query["count"]]
        tensors = {
            "images": self.images[positions],
            "labels": self.labels[positions].astype(np.int32),
            "predicted": self.predicted[positions].astype(np.int32),
        }
        about = {"names": [f"{position}.png" for position in positions], "note": ""}
        route.fulfill(body=save(tensors, {"samples": json.dumps(about)}))


class ErrorsPage:
    """The page of a server, with the panel of the errors in sight."""

    def __init__(self, browser: Browser, server: StubServer, width: int = 1440):
        self.answers = {name: Answers(len(classes)) for name, classes in NAMES.items()}
        self.page: Page = browser.new_page(viewport={"width": width, "height": 900})
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.route("**/api/models/*/*", self._answer)
        self.server = server

    def _answer(self, route: Route) -> None:
        _, _, _, name, what = urlsplit(route.request.url).path.split("/")
        if what == "evaluation":
            self.answers[name].evaluation(route, NAMES[name])
        elif what == "samples":
            self.answers[name].samples(route)
        else:
            route.continue_()

    def open(self, text: str) -> None:
        self.page.goto(f"{self.server.url}#{text}")
        self.panel.scroll_into_view_if_needed()

    @property
    def panel(self) -> Locator:
        return self.page.locator("section.convlab-confusion")

    def cell(self, truth: int, predicted: int) -> Locator:
        return self.panel.locator("tbody tr").nth(truth).locator("td").nth(predicted)

    @property
    def images(self) -> Locator:
        return self.panel.get_by_role("option")

    def wait_for_images(self) -> None:
        """Wait until the images of the chosen cell are there."""
        expect(self.images.first).to_be_visible()
        expect(self.panel.locator(".convlab-empty")).to_have_count(0)

    def expect_input(self, pixels: np.ndarray) -> None:
        """Wait until these pixels are what the networks are shown."""
        self.page.wait_for_function(
            """(wanted) => {
              const canvas = document.querySelector(".convlab-strip-picture");
              const { width, height } = canvas;
              const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
              return data.length === 4 * wanted.length
                && wanted.every((value, k) => value === data[4 * k]);
            }""",
            arg=pixels.ravel().tolist(),
        )


def described(name: str) -> dict:
    return {
        "name": name, "classes": NAMES[name], "mnist_style": name == "digits", "dataset": name,
        "image": {"height": SIZE, "width": SIZE, "channels": 1}, "parameters": 1, "accuracy": 0.8,
        "server_only": None, "outputs": "distribution",
    }  # fmt: skip


def program(name: str) -> bytes:
    units = len(NAMES[name])
    builder = ProgramBuilder((SIZE, SIZE, 1)).add("flatten", "flatten", (SIZE * SIZE,))
    kernel = np.random.default_rng(0).normal(0, 0.01, (SIZE * SIZE, units))
    builder.add("dense", "dense", (units,), {"kernel": kernel, "bias": np.zeros(units)})
    builder.add("dense:softmax", "activation", (units,), function="softmax")
    return builder.build(name=name, classes=NAMES[name], mnist_style=name == "digits")


@pytest.fixture(scope="module")
def server() -> Iterator[StubServer]:
    programs = {name: program(name) for name in NAMES}
    with StubServer([described(name) for name in NAMES], programs, {}) as started:
        yield started


@pytest.fixture(params=[1440, 390])
def errors(browser, server, request) -> Iterator[ErrorsPage]:
    opened = ErrorsPage(browser, server, request.param)
    yield opened
    opened.page.close()
    assert opened.problems == []


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_are_those_of_the_matrix(errors, name):
    errors.open(f"model={name}")
    matrix = errors.answers[name].matrix
    expect(errors.panel.locator("tbody td")).to_have_count(matrix.size)
    shown = errors.panel.locator("tbody td").all_inner_texts()
    assert [int(text) for text in shown] == matrix.ravel().tolist()
    wrong = int(matrix.sum() - np.trace(matrix))
    summary = errors.panel.locator(".convlab-panel-numbers").inner_text()
    assert f"{COUNT} validation images" in summary
    assert f"{wrong} errors" in summary
    assert f"{100 * (1 - wrong / COUNT):.1f}%" in summary


def test_the_darkest_cell_has_the_largest_share_of_its_row(errors):
    errors.open("model=digits")
    matrix = errors.answers["digits"].matrix
    shares = matrix / matrix.sum(axis=1, keepdims=True)
    np.fill_diagonal(shares, 0)
    expect(errors.panel.locator("tbody td")).to_have_count(100)
    shades = errors.panel.locator("tbody td").evaluate_all(
        "(fields) => fields.map((field) => Number(field.style.getPropertyValue('--share')))"
    )
    np.testing.assert_allclose(shades, (shares / shares.max()).ravel(), atol=1e-4)


def test_the_table_is_one_tab_stop_and_does_not_widen_the_page(errors):
    errors.open("model=digits")
    expect(errors.panel.locator("tbody td")).to_have_count(100)
    assert errors.panel.locator('td[tabindex="0"]').count() == 1
    assert errors.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_cell_chosen_by_mouse_shows_its_images_and_one_becomes_the_input(errors):
    errors.open("model=digits")
    answers = errors.answers["digits"]
    off_diagonal = answers.matrix - np.diag(np.diag(answers.matrix))
    truth, predicted = np.unravel_index(off_diagonal.argmax(), off_diagonal.shape)
    positions = answers.positions(truth, predicted)
    errors.cell(truth, predicted).click()
    expect(errors.images).to_have_count(len(positions))
    errors.wait_for_images()
    errors.images.nth(1).click()
    errors.expect_input(answers.images[positions[1]])
    expect(errors.images.nth(1)).to_have_attribute("aria-selected", "true")
    expect(errors.panel.locator(".convlab-note").last).to_contain_text(f"{positions[1]}.png")
    expect(errors.page).to_have_url(re.compile(f"choices=cell:.*{truth}-{predicted}"))


def test_keys_choose_a_cell_and_an_image(errors):
    errors.open("model=pets")
    answers = errors.answers["pets"]
    errors.cell(0, 0).focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "Enter"):
        errors.page.keyboard.press(key)
    expect(errors.cell(1, 0)).to_have_attribute("aria-selected", "true")
    positions = answers.positions(1, 0)
    expect(errors.images).to_have_count(min(24, len(positions)))
    errors.wait_for_images()
    errors.page.keyboard.press("Tab")
    expect(errors.images.first).to_be_focused()
    errors.page.keyboard.press("ArrowRight")
    errors.expect_input(answers.images[positions[1]])
    expect(errors.images.nth(1)).to_be_focused()
    errors.cell(1, 0).focus()
    errors.page.keyboard.press("Escape")
    expect(errors.images).to_have_count(0)


def test_the_arithmetic_of_the_predicted_class_is_one_step_away(errors):
    errors.open("model=pets&choices=cell:'0-1")
    errors.wait_for_images()
    errors.images.first.click()
    errors.panel.get_by_role("button", name="Arithmetic of dog").click()
    card = errors.page.locator(".convlab-arithmetic")
    expect(card).to_be_visible()
    expect(card).to_contain_text("softmax")
    expect(card.get_by_role("heading").first).to_be_focused()
    expect(card.get_by_role("heading").first).to_be_in_viewport()
    expect(errors.page).to_have_url(re.compile("pin=dense%3Asoftmax,0,0,1"))


def test_the_address_holds_the_cell_and_the_image(errors):
    answers = errors.answers["digits"]
    truth, predicted = 4, 4
    text = f"model=digits&input=sample:first,0,30,{truth},digits,{predicted}"
    errors.open(f"{text}&choices=cell:'{truth}-{predicted}")
    errors.expect_input(answers.images[answers.positions(truth, predicted)[30]])
    expect(errors.images).to_have_count(24)
    errors.panel.get_by_role("button", name="Show more").click()
    expect(errors.images.nth(30)).to_have_attribute("aria-selected", "true")


def test_a_refused_evaluation_can_be_asked_for_again(errors):
    errors.answers["digits"].problems = [(404, "The images are not on this machine.")]
    errors.open("model=digits")
    expect(errors.panel).to_contain_text("The images are not on this machine.")
    errors.panel.get_by_role("button", name="Try again").click()
    expect(errors.panel.locator("tbody td")).to_have_count(100)


def test_an_unfinished_evaluation_is_asked_for_until_it_is_there(errors):
    errors.answers["pets"].problems = [(503, "The evaluation takes longer.")]
    errors.open("model=pets")
    expect(errors.panel.locator("tbody td")).to_have_count(4, timeout=20_000)
    assert errors.answers["pets"].problems == []
