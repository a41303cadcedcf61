"""Numbers of a step in slow motion: units that are named, and digits in which a change shows."""

import pytest


@pytest.mark.parametrize(
    ("values", "scale", "words"),
    [
        ([0.3, -0.05], 1, ""),
        ([0.0], 1, ""),
        ([1.79e-5, 6.65e-5], 1e-5, "in units of 0.00001: 6.65 means 0.0000665"),
        ([0.0034, -0.0639], 0.01, "in units of 0.01: −6.39 means −0.0639"),
    ],
)
def test_a_unit_is_named_with_an_example(modules, values, scale, words):
    unit = modules("training/optimizer_words.js", "m.unitOf(given)", values)
    assert unit == {"scale": pytest.approx(scale), "words": words}


@pytest.mark.parametrize("change", [0.3, 0.01, -5.91e-5, 9.99e-4, 0])
def test_a_weight_before_and_after_differs_as_soon_as_it_moves(modules, change):
    digits = modules("training/optimizer_words.js", "m.decimalsFor(given)", change)
    assert (f"{0.1014:.{digits}f}" == f"{0.1014 + change:.{digits}f}") == (change == 0)


def test_the_step_of_a_weight_is_said_with_its_parts(modules):
    facts = "optimizer: 'AdamW', learning_rate: 0.01, weight_decay: 0.05, memory: [0.9, 0.999]"
    tensors = {"before": 0.2, "after": 0.2123, "gradient": 0.34, "average": -0.5, "spread": 0.4}
    said = modules(
        "training/optimizer_words.js",
        f"m.wordsOfStep({{ {facts}, tensors: new Map(Object.entries(given).map(([name, value]) =>"
        " [name, { data: [value] }])) }, 0)",
        tensors,
    )
    assert said[0].startswith("AdamW, learning rate 0.0100, weight decay 0.050. It does not step")
    assert said[1] == (
        "Gradient 0.340; step −0.0100 · m / √v = −0.0100 · (−0.500) / 0.400 = 0.0124; "
        "decay −0.0100 · 0.050 · 0.200 = −0.00010; change +0.0123."
    )
