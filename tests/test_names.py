"""Names as people type them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import settings
from app.data.registry import DATASETS
from app.names import closest, did_you_mean, find_name, listed
from app.registries import AUGMENTATIONS, MODELS, OPTIMIZERS, RECIPES
from app.setting import flag

FLAGS = [flag(setting.name) for setting in settings()]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("cat", "cat"), ("Cat", "cat"), ("DOG", "dog"), ("ELAN", None), ("bird", None)],
)
def test_find_name_matches_whatever_the_case(wanted, found):
    assert find_name(wanted, ["cat", "dog"]) == found


def test_find_name_prefers_the_same_case():
    assert find_name("Cat", ["cat", "Cat"]) == "Cat"
    assert find_name("CAT", ["cat", "Cat"]) is None


def test_find_name_knows_both_ways_to_write_an_accent():
    composed = "Élan"
    assert find_name(unicodedata.normalize("NFD", composed), [composed]) == composed


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--lr", "--learning-rate"), ("--wd", "--weight-decay"), ("--bs", "--batch-size"),
        ("--learning_rate", "--learning-rate"), ("--lerning-rate", "--learning-rate"),
        ("--batchsize", "--batch-size"), ("--ep", "--epochs"),
        ("--epoch", "--epochs"), ("--num-epochs", "--epochs"),
        ("--Seed", "--seed"), ("--data", "--dataset"), ("--optimiser", "--optimizer"),
        ("--ls", "--label-smoothing"), ("--image_size", "--image-size"),
    ],
)  # fmt: skip
def test_closest_flag_is_the_one_that_is_meant(typed, meant):
    assert closest(typed, FLAGS) == meant


def test_closest_of_nothing_similar_is_none():
    assert closest("--zzz", FLAGS) is None
    assert closest("", FLAGS) is None
    assert did_you_mean("--zzz", FLAGS) == ""


@pytest.mark.parametrize("names", [DATASETS, MODELS, AUGMENTATIONS, OPTIMIZERS, RECIPES, FLAGS])
def test_closest_one_letter_less_still_suggests_a_name(names):
    for name in names:
        assert closest(name, names) == name
        if len(name) > 4:
            for k in range(len(name)):
                assert closest(name[:k] + name[k + 1 :], names) is not None


@given(st.text(), st.lists(st.text(), max_size=8))
def test_closest_is_one_of_the_names(wanted, names):
    found = closest(wanted, names)
    assert found is None or found in names


def test_listed_many_names_keep_their_order():
    names = [f"conv_{k}" for k in range(30)]
    shown = listed(names, "conv_29").split(", … ")[0].split(", ")
    assert shown == sorted(shown, key=names.index)
    assert "conv_29" in shown
    assert len(shown) == 12
    assert listed(names).startswith("conv_0, conv_1, ")
    assert listed(names[:3]) == "conv_0, conv_1, conv_2"
