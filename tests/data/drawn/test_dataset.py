"""The drawn cats and dogs depend on their number alone, and no shortcut tells them apart."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from app.data.dataset import Split
from app.data.drawn.dataset import KINDS, PARTS, SEED, Change, draw_animal, drawn_examples
from app.errors import AppError


@pytest.fixture(scope="module")
def many() -> Split:
    return drawn_examples(0, 300, size=64)


def accuracy(features: np.ndarray, labels: np.ndarray) -> float:
    """Return the cross-validated accuracy of a linear model."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    return float(cross_val_score(model, features, labels, cv=5).mean())


@pytest.mark.parametrize("kind", KINDS)
def test_same_arguments_same_pixels(kind: str) -> None:
    np.testing.assert_array_equal(draw_animal(kind, 3, 17), draw_animal(kind, 3, 17))


@pytest.mark.parametrize(
    ("kind", "seed", "number"), [("dog", 3, 17), ("cat", 4, 17), ("cat", 3, 18)]
)
def test_every_argument_matters(kind: str, seed: int, number: int) -> None:
    assert not np.array_equal(draw_animal("cat", 3, 17), draw_animal(kind, seed, number))


def test_order_of_calls_does_not_matter() -> None:
    forwards = [draw_animal("cat", 0, number) for number in (0, 1, 2)]
    backwards = [draw_animal("cat", 0, number) for number in (2, 1, 0)][::-1]
    np.testing.assert_array_equal(forwards, backwards)


def test_global_random_state_is_left_alone() -> None:
    np.random.seed(0)
    before = np.random.get_state()[1]
    draw_animal("dog", 0, 0)
    np.testing.assert_array_equal(before, np.random.get_state()[1])


@pytest.mark.parametrize("size", [16, 33, 128, 150])
def test_shape_and_type(size: int) -> None:
    image = draw_animal("dog", 0, 5, size)
    assert image.shape == (size, size, 3)
    assert image.dtype == np.uint8


def test_size_changes_the_resolution_and_not_the_scene() -> None:
    small, large = draw_animal("cat", 0, 1, 64), draw_animal("cat", 0, 1, 128)
    halved = large.reshape(64, 2, 64, 2, 3).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), halved.ravel())[0, 1] > 0.9


@pytest.mark.parametrize(
    ("kind", "seed", "number", "size", "words"),
    [
        ("cow", 0, 0, 128, "cat, dog"),
        ("cat", -1, 0, 128, "from 0 up"),
        ("cat", 0, -1, 128, "from 0 up"),
        ("dog", 0, 0, 8, "16 or more"),
    ],
)
def test_refuses_what_it_cannot_draw(
    kind: str, seed: int, number: int, size: int, words: str
) -> None:
    with pytest.raises(AppError, match=words):
        draw_animal(kind, seed, number, size)


def test_examples_are_balanced_and_named() -> None:
    examples = drawn_examples(7, 10, size=32)
    assert isinstance(examples.images, np.ndarray)
    assert examples.images.shape == (6, 32, 32, 3)
    assert examples.images.dtype == np.uint8
    assert examples.labels.dtype == np.int64
    assert examples.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert examples.names[0] == "drawn/cat/7"
    assert examples.names[-1] == "drawn/dog/9"


def test_examples_do_not_depend_on_the_range() -> None:
    wide, narrow = drawn_examples(0, 4, size=32), drawn_examples(2, 3, size=32)
    for name, image in zip(narrow.names, narrow.images, strict=True):
        np.testing.assert_array_equal(image, wide.images[list(wide.names).index(name)])


def test_no_examples() -> None:
    assert len(drawn_examples(5, 5)) == 0


def test_all_differ(many: Split) -> None:
    images = np.asarray(many.images)
    assert len({image.tobytes() for image in images}) == len(images)
    assert images.std(axis=0).min() > 20  # every pixel varies from drawing to drawing


def test_colors_do_not_tell(many: Split) -> None:
    images = np.asarray(many.images)
    flat = images.reshape(len(images), -1, 3)
    counts = [
        [np.bincount(channel >> 5, minlength=8) for channel in image.T] for image in flat
    ]  # (N, 3, 8)
    histogram = np.array(counts).reshape(len(images), -1) / flat.shape[1]
    features = np.hstack([flat.mean(axis=1), flat.std(axis=1), histogram])
    assert accuracy(features, many.labels) < 0.62


def test_places_do_not_tell(many: Split) -> None:
    images = np.asarray(many.images, dtype=np.float64)
    edges = np.abs(np.diff(images.mean(axis=3), axis=2))[:, :, :60]  # (N, 64, 60)
    coarse = edges.reshape(len(edges), 8, 8, 6, 10).mean(axis=(2, 4))  # how busy each region is
    pixels = images.reshape(len(images), 8, 8, 8, 8, 3).mean(axis=(2, 4))
    for features in (coarse, pixels):
        assert accuracy(features.reshape(len(features), -1), many.labels) < 0.62


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", PARTS)
def test_a_hidden_part_changes_a_few_pixels_and_nothing_elsewhere(kind, part):
    for number in range(5):
        whole = draw_animal(kind, SEED, number, 64)
        changed = (draw_animal(kind, SEED, number, 64, Change(hidden=[part])) != whole).any(axis=-1)
        assert changed.mean() < 0.6
        # Without the whole animal, at least these pixels change.
        gone = (draw_animal(kind, SEED, number, 64, Change(hidden=PARTS)) != whole).any(axis=-1)
        assert (changed & ~gone).sum() <= 0.02 * changed.size
