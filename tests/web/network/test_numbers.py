"""Numbers as texts, and formulas that hold."""

from itertools import product

import pytest


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (1, "1.00"), (-0.1234, "−0.123"), (12.345, "12.3"), (1234.5, "1235"),
        (0.00012, "0.000120"), (2.7e-7, "2.70·10⁻⁷"), (-3.1e9, "−3.10·10⁹"),
        (9.999, "10.0"), (0.9999, "1.00"),
    ],
)  # fmt: skip
def test_a_number_has_three_digits(modules, value, text):
    shown = modules("draw/numbers.js", "m.shortNumber(given)", value)
    assert float(shown.replace("−", "-").split("·")[0]) == pytest.approx(
        float(text.replace("−", "-").split("·")[0]), rel=1e-3
    )
    assert shown.startswith(text[:3])


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (1, "first"),
        (3, "third"),
        (11, "11th"),
        (12, "12th"),
        (21, "21st"),
        (102, "102nd"),
        (1113, "1,113th"),
    ],
)
def test_ordinal_numbers(modules, place, text):
    assert modules("draw/numbers.js", "m.ordinal(given)", place) == text


def test_a_number_in_a_cell_is_short(modules):
    values = [0.001, -0.054, 0.5, -9.99, -9.999, 12.34, 99.99, -654.3]
    shown = modules("draw/numbers.js", "given.map(m.cellNumber)", values)
    assert all(len(text) <= 5 for text in shown)
    for value, text in zip(values, shown, strict=True):
        assert float(text.replace("−", "-")) == pytest.approx(
            value, abs=0.5 if abs(value) > 99 else 0.06
        )


def test_the_formula_of_a_size_holds(modules):
    cases = list(product((5, 12, 28), (1, 2, 3, 5), (1, 2, 3), ((0, 0), (1, 1), (1, 2))))
    given = [
        [
            size,
            {"kernel": kernel, "dilation": 1, "before": before, "after": after, "stride": stride},
        ]
        for size, kernel, stride, (before, after) in cases
    ]
    answers = modules("parts/column_formula.js", "given.map((one) => m.sizeFormula(...one))", given)
    for (size, kernel, stride, padding), answer in zip(cases, answers, strict=True):
        left, right = answer["text"].split(" = ")
        python = left.replace("−", "-").replace("·", "*").replace("⌊", "int(").replace("⌋", ")")
        assert eval(python) == int(right) == answer["result"]
        assert answer["result"] == len(range(0, size + sum(padding) - kernel + 1, stride))
