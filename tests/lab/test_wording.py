import pytest

from app.lab.wording import listed, points, with_spread


@pytest.mark.parametrize(
    ("difference", "text"), [(-0.06, "−6"), (0.314, "31"), (0.0, "0"), (-0.004, "0"), (-0.2, "−20")]
)
def test_points_have_a_real_minus_sign(difference, text):
    assert points(difference) == text


def test_with_spread_of_one_value_has_none():
    assert with_spread([0.975]) == "97.5%"
    assert with_spread([0.9, 0.92]) == "91.0 ± 1.4%"


def test_listed_has_an_and_before_the_last():
    assert [listed(list(some)) for some in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
