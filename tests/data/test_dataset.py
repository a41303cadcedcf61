import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.data.dataset import Dataset, Split, class_counts, label_text, strata
from app.errors import AppError
from app.names import caseless


def some(labels) -> Split:
    labels = np.array(labels)
    images = np.arange(len(labels), dtype=np.uint8)[:, None, None, None]
    return Split(images, labels, [str(i) for i in range(len(labels))])


@given(st.lists(st.integers(0, 2), min_size=3, max_size=60), st.integers(2, 70))
def test_first_balanced_is_balanced_and_first(labels, count):
    examples = some(labels)
    chosen = examples.take_balanced(count)
    assert len(chosen) == min(count, len(examples))
    available = np.bincount(labels, minlength=3)
    taken = np.bincount(chosen.labels, minlength=3)
    for one in range(3):
        for other in range(3):
            # A class falls behind another only when it has no more images.
            assert taken[one] >= taken[other] - 1 or taken[one] == available[one]
        members = [i for i, label in enumerate(labels) if label == one]
        assert [
            n for n, label in zip(chosen.names, chosen.labels, strict=True) if label == one
        ] == [str(i) for i in members[: taken[one]]]


def test_fingerprint_knows_images_labels_and_order():
    examples = some([0, 1, 1])
    prints = {
        examples.fingerprint(),
        some([0, 1, 0]).fingerprint(),
        examples.take(np.array([1, 0, 2])).fingerprint(),
        examples.take(np.array([0, 1])).fingerprint(),
    }
    assert len(prints) == 4
    assert examples.fingerprint() == some([0, 1, 1]).fingerprint()


def test_fingerprint_of_files_knows_their_sizes(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"123")
    examples = Split([path], np.array([0]), ["a.png"])
    before = examples.fingerprint()
    path.write_bytes(b"1234")
    assert examples.fingerprint() != before


@pytest.mark.parametrize("in_files", [False, True])
def test_joined(in_files, tmp_path):
    one, two = some([0, 1]), some([1])
    if in_files:
        one = Split([tmp_path / "a", tmp_path / "b"], one.labels, one.names)
        two = Split([tmp_path / "c"], two.labels, two.names)
    both = Split.concatenate([one, two])
    assert both.labels.tolist() == [0, 1, 1]
    assert list(both.names) == ["0", "1", "0"]
    assert len(both.images) == 3
    assert both.in_files is in_files


def dataset(names, labels) -> Dataset:
    part = some(labels)
    return Dataset("photos", part, part, part, tuple(names), 1, "made here")


@given(st.permutations(["Cat", "dog", "Élan", "ox"]), st.lists(st.integers(0, 3), min_size=1))
def test_with_classes_of_keeps_every_image_s_class(order, labels):
    own = ("cat", "DOG", unicodedata.normalize("NFD", "élan"), "Ox")
    given_names = dataset(order, labels)
    found = given_names.with_classes_of(own)
    assert found.class_names == own
    for before, after in zip(given_names.test.labels, found.test.labels, strict=True):
        assert caseless(order[before]) == caseless(own[after])


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (("cat", "bird"), ["it has no dog", "does not know bird"]),
        (("cat",), ["it has no dog"]),
        (("cat", "dog", "ox"), ["does not know ox"]),
        (("cat", "Cat", "dog"), ["case alone"]),
    ],
)
def test_with_classes_of_others_names_which(names, texts):
    with pytest.raises(AppError) as error:
        dataset(names, [0]).with_classes_of(("cat", "dog"))
    for text in texts:
        assert text in error.value.received


def several(labels):
    """A multi-label dataset, the same images in each split."""
    labels = np.array(labels, bool)
    part = Split(np.zeros((len(labels), 2, 2, 1), np.uint8), labels, [str(k) for k in labels])
    return Dataset("several", part, part, part, ("a", "b", "c"), 1, "a test")


def test_classes_of_any_number_of_labels_are_put_in_a_model_s_order():
    dataset = several([[1, 0, 0], [1, 1, 0], [0, 0, 1]])
    assert dataset.multi_label
    moved = dataset.with_classes_of(("c", "A", "b"))
    for before, after in zip(dataset.train.labels, moved.train.labels, strict=True):
        texts = {label_text(before, dataset.class_names), label_text(after, moved.class_names)}
        assert len({"".join(sorted(text.lower())) for text in texts}) == 1
    with pytest.raises(AppError, match=r"--fold with 'several', .* any number of labels"):
        dataset.require_one_label("--fold")


def test_strata_are_the_rarest_labels():
    labels = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0], [1, 0, 0]], bool)
    assert strata(labels).tolist() == [1, 0, 2, 3, 0]
    assert class_counts(labels, 3).tolist() == [4, 2, 1]
    ordinary = np.array([0, 2, 2])
    assert strata(ordinary) is ordinary
    assert class_counts(ordinary, 3).tolist() == [1, 0, 2]
    assert several(labels).with_training_limit(4).train.labels.tolist() == labels[:4].tolist()
