import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import chi2_contingency
from sklearn.neighbors import NearestCentroid

from app.data.faces import PEOPLE, SIDE, Person, draw_face, load_faces

IMAGES = 12  # of each person


@pytest.fixture(scope="module")
def faces():
    people = [Person.random(np.random.default_rng(one)) for one in range(PEOPLE)]
    return np.stack(
        [
            [draw_face(one, np.random.default_rng((label, k))) for k in range(IMAGES)]
            for label, one in enumerate(people)
        ]
    )


def test_a_face_is_the_same_for_the_same_numbers():
    person = Person.random(np.random.default_rng(1))
    first, again, other = (draw_face(person, np.random.default_rng(k)) for k in (2, 2, 3))
    assert first.shape == (SIDE, SIDE, 1)
    assert first.dtype == np.uint8
    assert (first == again).all()
    assert (first != other).mean() > 0.5
    assert draw_face(person, np.random.default_rng(2), 48).shape == (48, 48, 1)


def test_faces_are_aligned(faces):
    """Details survive in the mean of all faces, but not if each is shifted."""

    def details(images):
        mean = images.mean(axis=0)
        return (mean - gaussian_filter(mean, 2))[8:24, 8:24].std()

    images = faces.reshape(-1, SIDE, SIDE).astype(float)
    random = np.random.default_rng(0)
    moved = [np.roll(one, random.integers(-4, 5, 2), (0, 1)) for one in images]
    assert details(images) > 2 * details(np.stack(moved))
    mean = images.mean(axis=0)
    assert np.corrcoef(mean.ravel(), mean[:, ::-1].ravel())[0, 1] > 0.99


def test_people_differ_by_more_than_their_mean_brightness(faces):
    pixels = faces.reshape(PEOPLE, IMAGES, -1).astype(float)
    brightness = pixels.mean(axis=2, keepdims=True)
    labels = np.repeat(np.arange(PEOPLE), IMAGES // 2)

    def accuracy(features):
        first, second = np.split(features, 2, axis=1)
        fitted = NearestCentroid().fit(first.reshape(len(labels), -1), labels)
        return fitted.score(second.reshape(len(labels), -1), labels)

    forms = (pixels - brightness) / pixels.std(axis=2, keepdims=True)
    assert accuracy(forms) > 3 * accuracy(brightness)


@pytest.mark.slow
def test_the_dataset_has_every_person_in_every_split_in_random_order():
    dataset = load_faces()
    names = set()
    for split, count in (("train", 16_000), ("validation", 4000), ("test", 1000)):
        part = dataset.split(split)
        assert part.pixels.shape == (count, SIDE, SIDE, 1)
        assert (np.bincount(part.labels) == count // PEOPLE).all()
        table = np.zeros((5, PEOPLE))
        np.add.at(table, (np.arange(count) % 5, part.labels), 1)
        # Every fifth image shows all people, as often as chance has it.
        assert 0.001 < chi2_contingency(table).pvalue < 0.999
        names |= set(part.names)
    assert len(names) == 21_000
    assert len(dataset.class_names) == PEOPLE
    assert "stand-in" in dataset.source
