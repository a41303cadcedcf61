from app.lab.wording import listed, with_spread


def test_with_spread_of_one_value_has_none():
    assert with_spread([0.975]) == "97.5%"
    assert with_spread([0.9, 0.92]) == "91.0 ± 1.4%"


def test_listed_has_an_and_before_the_last():
    assert [listed(list(some)) for some in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
