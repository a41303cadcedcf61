import pytest

from app.statistics.estimate import Estimate


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(0.935, 0.9234, 0.9449), "93.5% [92.3, 94.5]"),
        (Estimate(0.9969, 0.9956, 0.9978), "99.69% [99.56, 99.78]"),
        (Estimate(1.0, 0.5, 1.0), "100.0% [50.0, 100.0]"),
    ],
)
def test_percent_has_as_many_decimals_as_the_interval_needs(estimate, text):
    assert estimate.percent == text


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(0.015, -0.002, 0.031), "+1.5 [−0.2, +3.1]"),
        (Estimate(-0.0074, -0.0093, -0.0055), "−0.74 [−0.93, −0.55]"),
        (Estimate(-0.00001, -0.0001, 0.00001), "0.00 [−0.01, 0.00]"),
    ],
)
def test_points_have_signs_and_no_negative_zero(estimate, text):
    assert estimate.points == text


def test_excludes_is_false_at_the_ends_of_the_interval():
    estimate = Estimate(0.5, 0.25, 0.75)
    assert [estimate.excludes(value) for value in (0.2, 0.25, 0.5, 0.75, 0.8)] == [
        True, False, False, False, True,
    ]  # fmt: skip
