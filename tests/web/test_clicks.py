"""Clicks of the tests on a page that moves what is being clicked."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.slow
MOVING = """
<div id="above"></div><button>press</button><p id="count">0</p>
<script>
  const find = (selector) => document.querySelector(selector);
  const [above, count, button] = ["#above", "#count", "button"].map(find);
  button.addEventListener("pointerdown", () => (above.style.height = "80px"), { once: true });
  button.addEventListener("click", () => (count.textContent = Number(count.textContent) + 1));
</script>
"""


@pytest.fixture
def page(browser):
    page: Page = browser.new_page()
    yield page
    page.close()


def test_a_button_that_moves_while_it_is_pressed_is_pressed_again(page):
    page.set_content(MOVING)
    page.get_by_role("button").click()
    assert page.locator("#count").inner_text() == "1"


def test_a_button_that_stays_is_pressed_once(page):
    page.set_content(MOVING.replace("80px", "0px"))
    page.get_by_role("button").click()
    assert page.locator("#count").inner_text() == "1"


def test_a_button_that_goes_when_it_is_pressed_is_pressed_once(page):
    page.set_content(
        MOVING.replace("above.style", "count.textContent = 1, button.remove(), above.style")
    )
    page.get_by_role("button").click()
    assert page.locator("#count").inner_text() == "1"


def test_a_link_is_followed(page):
    page.set_content('<a href="about:blank">go</a><p>here</p>')
    page.get_by_role("link").click()
    page.get_by_text("here").wait_for(state="detached")
    assert page.url == "about:blank"
