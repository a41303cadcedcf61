"""Names of the compared networks in the heads of the bars."""

import pytest


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["mnist-best", "mnist-dense"], ["best", "dense"]),
        (["training", "mnist-best", "mnist-dense"], ["training", "best", "dense"]),
        (["training", "mnist-best"], ["training", "mnist-best"]),
        (["mnist-best", "first"], ["mnist-best", "first"]),
    ],
)
def test_names_are_shown_without_what_all_saved_ones_begin_with(modules, names, shown):
    models = [{"name": name, "is_unsaved": name == "training"} for name in names]
    assert modules("answers.js", "given.map((one) => m.shorten(one.name, given))", models) == shown
