"""The page in another browser: Firefox, if it is installed (apt-get install firefox-esr)."""

import shutil

import pytest

from tests.web.page.firefox import Firefox

pytestmark = pytest.mark.slow

_BEST = """[...document.querySelectorAll(".convlab-bars tbody tr")].flatMap((row) =>
  [...row.querySelectorAll(".convlab-best")].map(() => row.firstElementChild.textContent))"""
_SEVEN = [(0.3, 0.25), (0.68, 0.25), (0.6, 0.45), (0.5, 0.65), (0.45, 0.82)]  # shares of the board


def test_firefox_shows_draws_and_explains(server, tmp_path):
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("Firefox is not installed: apt-get install firefox-esr")
    with Firefox(program, tmp_path) as firefox:
        firefox.open(f"{server.url}#model=mnist-convnet")
        firefox.wait(f"{_BEST}.length === 3 && document.querySelector('.convlab-column') !== null")
        assert firefox.value(_BEST) == ["3", "3", "3"]

        buttons = "[...document.querySelectorAll('.convlab-tools button')]"
        firefox.value(f"{buttons}.find((one) => one.textContent === 'Clear').click()")
        box = firefox.value("document.querySelector('.convlab-board').getBoundingClientRect()")
        firefox.draw([(box["x"] + x * box["width"], box["y"] + y * box["height"])
                      for x, y in _SEVEN])  # fmt: skip
        firefox.wait(f"{_BEST}.join('') === '777'")

        firefox.value("location.hash = 'model=mnist-convnet&pin=conv_2%3Arelu,5,5,3'")
        firefox.wait("document.querySelector('.convlab-calculation') !== null")
        calculation = "document.querySelector('.convlab-calculation').textContent"
        assert "sum of 288 products + bias" in firefox.value(calculation)
        card = "document.querySelector('.convlab-arithmetic')"
        assert firefox.value(f"{card}.scrollWidth === {card}.clientWidth")
        # The server of this test has no socket.
        assert [problem for problem in firefox.problems if "/socket" not in problem] == []
