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


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0, 0.001, -0.001, -0.054, 9.99], ["0.00", "0.00", "0.00", "−0.05", "9.99"]),
        ([0, 12.34, -9.99, None], ["0.0", "12.3", "−10.0", ""]),
        ([0.4, 254, -654.3], ["0", "254", "−654"]),
    ],
)
def test_the_numbers_of_a_grid_have_the_same_digits(modules, values, texts):
    assert modules("draw/numbers.js", "m.gridNumbers(given)", values) == texts


def test_the_numbers_of_a_column_have_the_same_digits(modules):
    values = [-3.13, 0.4466, 15.1093, -0.00001, 0]
    shown = modules("draw/numbers.js", "m.columnNumbers(given)", values)
    assert shown == ["−3.13", "0.45", "15.11", "0.00", "0.00"]
    signed = modules("draw/numbers.js", "m.columnNumbers(given).map(m.withPlus)", values)
    assert signed == ["−3.13", "+0.45", "+15.11", "0.00", "0.00"]


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
