"""Contrast of the page's colors in both themes, computed from the tokens of its style sheets."""

import re
from pathlib import Path

import pytest

import app
from tests.web.network.test_color import contrast

STATIC = Path(app.__file__).parent / "web" / "static"
# What lies below, then what lies over it.
GROUNDS = {
    "page": ["background"], "field": ["surface"],
    "pointed at": ["background", "hover"], "chosen": ["background", "accent-soft"],
    "bar": ["background", "hover", "accent-soft"],
}  # fmt: skip
SERIES = [f"series-{number}" for number in range(4)]
TEXTS = {
    "text": GROUNDS, "text-soft": ["page", "field", "pointed at", "bar"],
    "accent": ["page", "field", "chosen"], "warn": ["page", "field"], "good": ["page", "field"],
    **{name: ["page"] for name in SERIES},
}  # fmt: skip
LINES = ["line-strong", "accent", "focus", "mark", *SERIES]

Color = tuple[float, ...]  # red, green, blue from 0 to 255, and alpha


def tokens(theme: str) -> dict[str, str]:
    """Return the custom properties of a theme as the style sheets write them."""
    found: dict[str, str] = {}
    sheets = [file.read_text("utf-8") for file in sorted(STATIC.glob("*.css"))]
    for text in sheets:
        for block in re.findall(r"^\.convlab \{(.*?)\}", text, re.M | re.S):
            found.update(re.findall(r"--([\w-]+):\s*([^;]+);", block))
    for text in sheets if theme == "dark" else []:
        for block in re.findall(r':not\(\[data-theme="light"\]\) \{(.*?)\}', text, re.S):
            found.update(re.findall(r"--([\w-]+):\s*([^;]+);", block))
    return found


def color(name: str, theme: dict[str, str]) -> Color:
    """Return a token's color."""
    value = re.sub(r"var\(--([\w-]+)\)", lambda found: theme[found[1]], theme[name])
    if value.startswith("#"):
        return (*(int(value[place : place + 2], 16) for place in (1, 3, 5)), 1.0)
    numbers = [float(number) for number in re.findall(r"[\d.]+", value)]
    assert len(numbers) == 4, (name, value)
    return tuple(numbers)


def over(colors: list[Color]) -> tuple[float, ...]:
    """Return what is seen of colors that lie over each other, the lowest first."""
    seen = colors[0][:3]
    for *above, alpha in colors[1:]:
        seen = tuple(alpha * new + (1 - alpha) * old for new, old in zip(above, seen, strict=True))
    return seen


def ratio(name: str, ground: str, theme: dict[str, str]) -> float:
    """Return the contrast of a token with a ground."""
    below = [color(layer, theme) for layer in GROUNDS[ground]]
    return contrast(over([*below, color(name, theme)]), over(below))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_can_be_read_on_every_ground(theme):
    known = tokens(theme)
    ratios = {
        (text, ground): ratio(text, ground, known)
        for text, grounds in TEXTS.items()
        for ground in grounds
    }
    assert {pair: value for pair, value in ratios.items() if value < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_that_tell_something_can_be_seen(theme):
    known = tokens(theme)
    ratios = {line: ratio(line, "page", known) for line in LINES}
    assert {line: value for line, value in ratios.items() if value < 3} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_can_be_read_on_every_shade_of_the_confusion_matrix(theme):
    known = tokens(theme)
    shade = tuple(float(part) for part in known["confusion"].split(","))
    for percent in range(101):
        ground = over([color("background", known), (*shade, 0.14 + 0.0086 * percent)])
        text = over([(*ground, 1.0), color("text", known)])
        assert contrast(text, ground) >= 4.5, percent


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_ends_of_each_scale_differ_from_its_middle_and_each_other(theme):
    known = tokens(theme)
    for scale in ("activation", "weight"):
        low, middle, high = (
            color(f"{scale}-{part}", known)[:3] for part in ("negative", "middle", "positive")
        )
        assert min(contrast(low, middle), contrast(high, middle)) >= 3
