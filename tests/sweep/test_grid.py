"""What a sweep varies, as typed."""

import pytest

from app.errors import AppError
from app.sweep.grid import parse_grid, parse_ranges, parse_seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("0-4", (0, 1, 2, 3, 4)), ("7", (7,)), ("3,0", (3, 0)), ("0-1, 5-6", (0, 1, 5, 6))],
)
def test_parse_seeds(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4-0", "--seeds 0-4"), ("", "--seeds 0-4"), ("a", "--seeds 0-4"), ("1-", "0-4"),
        ("-1", "0-4"), ("0-1000000", "0-4"), ("4294967296", "0-4"), ("1.5", "0-4"),
    ],
)  # fmt: skip
def test_parse_seeds_refuses_what_is_no_list(text, expected):
    with pytest.raises(AppError) as refusal:
        parse_seeds(text)
    assert refusal.value.received == f"--seeds is '{text}'."
    assert expected in refusal.value.fix


def test_parse_seeds_refuses_a_seed_twice():
    with pytest.raises(AppError, match="names 2 twice"):
        parse_seeds("0-3,2")


def test_parse_grid_gives_values_of_the_type_of_their_setting():
    grid = parse_grid(
        ["learning-rate=1e-3,2", "epochs=3,5", "tta=yes,no", "model=dense,own:build",
         "augment=none;rotation_range=15,zoom_range=.1"]
    )  # fmt: skip
    assert grid == {
        "learning_rate": (0.001, 2.0),
        "epochs": (3, 5),
        "tta": (True, False),
        "model": ("dense", "own:build"),
        "augment": ("none", "rotation_range=15,zoom_range=.1"),
    }
    assert all(type(value) is float for value in grid["learning_rate"])


@pytest.mark.parametrize(
    ("words", "received", "fix"),
    [
        (["learnin_rate=1,2"], "no setting that a sweep can vary", "'learning_rate'"),
        (["output=a,b"], "no setting that a sweep can vary", ""),
        (["dataset=mnist,digits"], "no setting that a sweep can vary", ""),
        (["seed=1,2"], "varies the seed", "--seeds"),
        (["fold=1/2,2/2"], "varies the fold", "--folds"),
        (["epochs"], "without values", "--grid learning_rate=1e-3,2e-3"),
        (["epochs="], "without values", "--grid learning_rate=1e-3,2e-3"),
        (["epochs=1.5"], "epochs to '1.5'", ""),
        (["learning_rate=1e-3,"], "learning_rate to ''", ""),
        (["tta=perhaps"], "tta to 'perhaps'", ""),
        (["epochs=1,2", "epochs=3"], "names 'epochs' twice", "in one place"),
        (["epochs=1,1"], "a value occurs twice", ""),
    ],
)
def test_parse_grid_refuses(words, received, fix):
    with pytest.raises(AppError) as refusal:
        parse_grid(words)
    assert received in refusal.value.received
    assert fix in refusal.value.fix + refusal.value.expected


def test_parse_ranges_gives_numbers_of_the_type_of_their_setting():
    ranges = parse_ranges(["learning-rate=1e-4:1", "epochs=3:5"], {"dropout": (0.1,)})
    assert ranges == {"learning_rate": (1e-4, 1.0), "epochs": (3, 5)}
    assert all(type(value) is float for value in ranges["learning_rate"])
    assert all(type(value) is int for value in ranges["epochs"])


@pytest.mark.parametrize(
    ("words", "received"),
    [
        (["learning_rate"], "--range is 'learning_rate'"),
        (["learning_rate=1e-4"], "--range is 'learning_rate=1e-4'"),
        (["learning_rate=1:2:3"], "--range is 'learning_rate=1:2:3'"),
        (["learning_rate=1:1"], "goes from 1.0 to 1.0"),
        (["learning_rate=2:1"], "goes from 2.0 to 1.0"),
        (["learning_rate=nan:1"], "goes from nan to 1.0"),
        (["learning_rate=0:inf"], "goes from 0.0 to inf"),
        (["epochs=1.5:3"], "--range sets epochs to '1.5'"),
        (["model=a:b"], "has no numbers"),
        (["tta=0:1"], "has no numbers"),
        (["dropout=0:1", "dropout=0:2"], "varied already"),
        (["batch_size=8:16"], "varied already"),
        (["nothing=1:2"], "no setting that a sweep can vary"),
    ],
)
def test_parse_ranges_refuses_what_is_no_range(words, received):
    with pytest.raises(AppError, match=received):
        parse_ranges(words, {"batch_size": (8, 16)})
