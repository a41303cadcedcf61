"""The panels of a network that only the server runs."""

import numpy as np
import pytest

from tests.web.access.networks import described
from tests.web.page.stub_server import StubServer

pytestmark = pytest.mark.slow
REASON = "The layer 'odd' has no operation on the page."


def test_the_samples_of_augmentation_are_drawn_without_answers(browser):
    model = {**described("odd"), "server_only": REASON}
    problems = []
    with StubServer([model], {}, {"odd": (np.zeros((6, 28, 28, 1), np.uint8), np.arange(6))}) as on:
        page = browser.new_page(viewport={"width": 1440, "height": 9000})
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{on.url}#model=odd&models=odd")
        page.get_by_text(REASON).first.wait_for()
        page.wait_for_function(
            """() => {
              const samples = [...document.querySelectorAll(".convlab-samples canvas")];
              return samples.length > 0 && samples.every((sample) => {
                const { width, height } = sample;
                const { data } = sample.getContext("2d").getImageData(0, 0, width, height);
                return data.some((value, k) => k % 4 < 3 && value > 100);
              });
            }"""
        )
        page.wait_for_timeout(300)
        assert "computing" not in page.locator(".convlab-samples").inner_text()
        page.close()
    assert problems == []
