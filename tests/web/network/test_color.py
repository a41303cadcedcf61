"""Colors say the sign and the size of values, and texts on them can be read."""

import numpy as np
import pytest
from PIL import ImageColor

RAMPS = ("activations", "weights", "pixels", "probabilities")
DIVERGING = ("activations", "weights")
THEMES = ("light", "dark")


def luminance(color) -> float:
    """Relative luminance of WCAG 2."""
    share = np.asarray(color, np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(first, second) -> float:
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ramp", RAMPS)
def test_text_on_every_color_has_contrast(modules, ramp, theme):
    pairs = modules(
        "draw/color.js",
        """Array.from({ length: 255 }, (_, k) => {
          const color = m.rampColor(given[0], k / 254, given[1]);
          return [color, m.textColor(color)];
        })""",
        [ramp, theme],
    )
    assert min(contrast(color, ImageColor.getrgb(text)) for color, text in pairs) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ramp", DIVERGING)
def test_diverging_ramps_are_neutral_at_zero_and_stronger_away_from_it(modules, ramp, theme):
    colors = modules(
        "draw/color.js",
        "[-1, -0.5, 0, 0.5, 1].map((v) => m.valueColor(v, m.rampRange(given[0], 1), ...given))",
        [ramp, theme],
    )
    red, green, blue = colors[2]
    assert max(red, green, blue) - min(red, green, blue) <= 6
    steps = [luminance(color) for color in colors]
    if theme == "light":
        steps = [-step for step in steps]
    assert steps[0] > steps[1] > steps[2] < steps[3] < steps[4]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ramp", DIVERGING)
def test_signs_differ_for_colorblind_eyes(modules, ramp, theme):
    # Blue against red and green against brown differ in blue, which no common defect loses.
    low, high = modules(
        "draw/color.js",
        "[0.25, 0.75].map((place) => m.rampColor(given[0], place, given[1]))",
        [ramp, theme],
    )
    assert high[2] - low[2] >= 40


def test_magnitudes_are_those_of_numpy(modules):
    values = np.random.default_rng(0).normal(size=(5, 4, 3)).astype(np.float32)
    unit, layer, network = modules(
        "draw/color.js",
        '["unit", "layer", "global"].map((s) => [...m.scaleMagnitudes(s, given, 3, 7)])',
        values.ravel().tolist(),
    )
    np.testing.assert_allclose(unit, np.abs(values).max(axis=(0, 1)), rtol=1e-6)
    np.testing.assert_allclose(layer, [np.abs(values).max()] * 3, rtol=1e-6)
    assert network == [7, 7, 7]


def test_values_that_are_not_finite_have_no_part_in_a_scale(modules):
    assert modules("draw/color.js", "m.largestMagnitude([1, NaN, -2, Infinity, -Infinity])") == 2


def test_a_map_has_one_pixel_per_value(modules):
    values = np.linspace(-1, 1, 12, dtype=np.float32).reshape(2, 3, 2)
    pixels, colors = modules(
        "draw/map.js",
        """await (async () => {
          const color = await import("/static/draw/color.js");
          const range = color.rampRange("activations", 1);
          const canvas = m.createMap();
          const place = { height: 2, width: 3, channels: 2, channel: 1 };
          m.drawMap(canvas, given, place, { ramp: "activations", range, theme: "light" });
          const data = canvas.getContext("2d").getImageData(0, 0, 3, 2).data;
          return [[...data], given.map((v) => color.valueColor(v, range, "activations", "light"))];
        })()""",
        values.ravel().tolist(),
    )
    shown = np.array(pixels).reshape(2, 3, 4)
    expected = np.array(colors).reshape(2, 3, 2, 3)[..., 1, :]
    assert np.abs(shown[..., :3] - expected).max() <= 3  # a step of the table
    assert (shown[..., 3] == 255).all()


def test_a_map_of_zeros_is_neutral(modules):
    color = modules(
        "draw/color.js",
        'm.valueColor(0, m.rampRange("activations", 0), "activations", "light")',
    )
    assert color == [247, 247, 247]
