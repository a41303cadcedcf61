from app.lab.wording import listed


def test_listed_has_an_and_before_the_last():
    assert [listed(list(some)) for some in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
