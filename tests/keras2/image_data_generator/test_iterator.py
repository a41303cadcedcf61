"""The base class, iterators made directly, pickling, threads."""

import multiprocessing
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.keras2.image_data_generator import (
    BatchFromFilesMixin,
    DataFrameIterator,
    DirectoryIterator,
    ImageDataGenerator,
    Iterator,
    NumpyArrayIterator,
    threads,
    transformed_batches,
)

LECTURE = {
    "rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2,
    "shear_range": 0.2, "zoom_range": 0.2, "horizontal_flip": True,
}  # fmt: skip


class Numbers(Iterator):
    def _get_batches_of_transformed_samples(self, index_array):
        return index_array


class Noise(Iterator):
    def _get_batches_of_transformed_samples(self, index_array):
        return np.random.random(len(index_array))


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(0, 40), batch_size=st.integers(1, 9), shuffle=st.booleans(),
    seed=st.one_of(st.none(), st.integers(0, 2**31)),
)  # fmt: skip
def test_iterator_passes_hold_every_sample_once(n, batch_size, shuffle, seed):
    numbers = Numbers(n, batch_size, shuffle, seed)
    assert len(numbers) == -(-n // batch_size)
    for _ in range(3):
        chosen = [next(numbers) for _ in range(len(numbers))]
        if chosen:
            found = np.concatenate(chosen)
            assert sorted(found) == list(range(n))
            if not shuffle:
                assert found.tolist() == list(range(n))
    by_index = [numbers[k] for k in range(len(numbers))]
    assert sorted(np.concatenate([[], *by_index])) == list(range(n))


@pytest.mark.parametrize("batch_size", [0, 32])
def test_iterator_of_nothing_yields_empty_batches(batch_size):
    numbers = Iterator(0, batch_size, False, 0)
    assert next(numbers.index_generator).size == 0
    assert next(numbers.index_generator).size == 0


def test_iterator_with_a_users_order_uses_it():
    class Twice(Numbers):
        def _set_index_array(self):
            self.index_array = np.repeat(np.arange(self.n // 2), 2)

    assert next(Twice(6, 6, True, 0)).tolist() == [0, 0, 1, 1, 2, 2]
    assert Twice(6, 2, True, 0)[1].tolist() == [1, 1]
    assert Twice(6, 2, True, 0).batch_of_epoch(5, 2).tolist() == [2, 2]


def test_flow_index_restarts_at_the_first_batch():
    numbers = Numbers(5, 2, False, 0)
    next(numbers)
    assert next(numbers._flow_index()).tolist() == [0, 1]


def test_iterator_with_seed_makes_numpys_numbers_repeatable():
    first, second = Noise(8, 4, True, 3), Noise(8, 4, True, 3)
    one = [next(first) for _ in range(4)]
    np.random.random()
    two = [next(second) for _ in range(4)]
    np.testing.assert_array_equal(one, two)
    assert len({batch[0] for batch in one}) == 4


def test_batch_of_epoch_does_not_change_the_epoch(noise):
    flow = ImageDataGenerator(**LECTURE).flow(noise(9, 6, 6, 1), np.arange(9), 4, seed=1)
    expected = [[batch[1].tolist() for batch in (next(flow) for _ in range(3))] for _ in range(3)]
    flow = ImageDataGenerator(**LECTURE).flow(noise(9, 6, 6, 1), np.arange(9), 4, seed=1)
    assert flow.batch_of_epoch(2, 1)[1].tolist() == expected[2][1]
    assert flow[0][1].tolist() == expected[0][0]
    assert flow.batch_of_epoch(2, 2)[1].tolist() == expected[2][2]
    assert flow.epoch == 0


def test_iterator_has_a_next_method_as_in_keras_2(noise):
    flow = ImageDataGenerator().flow(noise(4, 5, 5, 1), np.arange(4), 2, shuffle=False)
    assert flow.next()[1].tolist() == [0, 1]
    assert next(flow)[1].tolist() == [2, 3]
    assert type(flow).next(flow)[1].tolist() == [0, 1]


def test_numpy_array_iterator_has_the_positions_and_defaults_of_keras(legacy_class, noise):
    from keras.src.legacy.preprocessing.image import NumpyArrayIterator as Legacy

    images, labels, weights = noise(7, 6, 5, 3), np.arange(7), np.arange(7) / 7
    for positional in (
        (images, labels), (images, None),
        (images, labels, 3, True, weights, 5),
        ((images, labels), labels, 2, False),
    ):  # fmt: skip
        x, y, *more = positional
        quirks = ImageDataGenerator(**LECTURE, legacy_quirks=True)
        np.random.seed(0)
        theirs = Legacy(x, y, legacy_class(**LECTURE), *more)
        expected = [next(theirs) for _ in range(3)]
        np.random.seed(0)
        ours = NumpyArrayIterator(x, y, quirks, *more)
        for one, other in zip(expected, [next(ours) for _ in range(3)], strict=True):
            assert type(one) is type(other)
            for a, b in (
                zip(np.atleast_1d(one), np.atleast_1d(other), strict=True)
                if isinstance(one, np.ndarray)
                else zip(one, other, strict=True)
            ):
                for c, d in zip(a, b, strict=True):
                    np.testing.assert_array_equal(c, d)


def test_directory_iterator_made_directly(folder):
    flow = DirectoryIterator(folder, ImageDataGenerator(), (8, 9))
    assert flow.image_shape == (8, 9, 3)
    images, labels = next(flow)
    assert images.shape == (12, 8, 9, 3)
    assert labels.sum(0).tolist() == [5, 7]
    assert flow.allowed_class_modes == {"categorical", "binary", "sparse", "input", None}
    assert next(DirectoryIterator(folder, None, (4, 4), class_mode=None)).shape == (12, 4, 4, 3)


def test_data_frame_iterator_made_directly(folder):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"filename": ["cat/cat1.png", "dog/dog1.png"], "class": ["a", "b"]})
    images, labels = next(DataFrameIterator(frame, str(folder), shuffle=False))
    assert images.shape == (2, 256, 256, 3)
    assert labels.tolist() == [[1, 0], [0, 1]]


def test_batch_from_files_mixin_works_in_user_classes(folder):
    class Pairs(BatchFromFilesMixin, Iterator):
        def __init__(self, paths, generator):
            self.set_processing_attrs(
                generator, (6, 7), "grayscale", "channels_last", None, "", "png", None, "bilinear",
                False,
            )  # fmt: skip
            self.paths, self.dtype, self.class_mode = paths, "float32", "raw"
            super().__init__(len(paths), 2, False, 0)

        @property
        def filepaths(self):
            return self.paths

        @property
        def labels(self):
            return np.arange(len(self.paths))

        @property
        def sample_weight(self):
            return None

    paths = sorted(str(path) for path in folder.rglob("*.png"))
    images, labels = next(Pairs(paths, ImageDataGenerator(rescale=1 / 255)))
    assert images.shape == (2, 6, 7, 1)
    assert 0 < images.max() <= 1
    assert labels.tolist() == [0, 1]


def test_flow_of_a_subclass_calls_its_methods(noise):
    class Inverting(ImageDataGenerator):
        def apply_transform(self, x, transform_parameters):
            return 255 - super().apply_transform(x, transform_parameters)

        def standardize(self, x):
            return super().standardize(x) + 1

    images = noise(4, 5, 5, 1)
    flow = Inverting().flow(images, shuffle=False)
    np.testing.assert_allclose(next(flow), 256 - images)


def test_flow_of_a_generator_with_a_replaced_method_calls_it(noise):
    images = noise(4, 5, 5, 1)
    generator = ImageDataGenerator()
    generator.standardize = lambda x: x + 1
    np.testing.assert_allclose(next(generator.flow(images, shuffle=False)), images + 1)
    generator.random_transform = generator.apply_transform = lambda x, *_: 255 - x
    np.testing.assert_allclose(next(generator.flow(images, shuffle=False)), 256 - images)


def test_numpy_array_iterator_takes_a_generator_of_tf_keras(noise):
    tf_keras = pytest.importorskip("tf_keras")
    images = noise(5, 6, 6, 3)
    theirs = tf_keras.preprocessing.image.ImageDataGenerator(rescale=0.5, horizontal_flip=True)
    np.random.seed(1)
    flow = NumpyArrayIterator(images, None, theirs, seed=3)
    assert next(flow).shape == images.shape
    assert next(flow).max() <= 127.5


@pytest.mark.parametrize("workers", [None, 1, 2, 7])
def test_random_preprocessing_functions_are_repeatable(noise, workers):
    def speckled(image):
        return image + np.random.normal(size=image.shape)

    def flow(workers):
        generator = ImageDataGenerator(rotation_range=20, preprocessing_function=speckled)
        return generator.flow(noise(9, 6, 6, 1), batch_size=4, seed=2, workers=workers)

    expected, found = flow(1), flow(workers)
    for _ in range(5):
        np.testing.assert_array_equal(next(found), next(expected))


def test_iterators_share_one_pool_of_threads(noise):
    flows = [
        ImageDataGenerator(**LECTURE).flow(noise(8, 40, 40, 3), batch_size=8, workers=5)
        for _ in range(60)
    ]
    before = threading.active_count()
    for flow in flows:
        next(flow)
    assert threading.active_count() - before <= 64


@pytest.mark.parametrize(("rows", "workers", "fewest", "parts"), [
    (10, 4, 1, 4), (3, 8, 1, 3), (10, 4, 5, 2), (10, 4, 11, 1), (10, 1, 1, 1), (0, 4, 1, 1),
])  # fmt: skip
def test_share_gives_each_row_to_exactly_one_thread(rows, workers, fewest, parts):
    calls = []
    threads.share(calls.append, rows, workers, fewest)
    assert len(calls) == parts
    assert sorted(np.concatenate(calls)) == list(range(rows))


def test_workers_are_all_cores_by_default(noise, folder, monkeypatch):
    monkeypatch.setattr(transformed_batches, "available_cores", lambda: 3)
    asked = []
    monkeypatch.setattr(
        transformed_batches, "share",
        lambda work, count, workers, fewest: asked.append(workers) or work(np.arange(count)),
    )  # fmt: skip
    generator = ImageDataGenerator()
    for workers, expected in ((None, 3), (2, 2)):
        next(generator.flow(noise(4, 5, 5, 1), workers=workers))
        next(generator.flow_from_directory(folder, (4, 4), workers=workers))
        assert asked[-2:] == [expected] * 2
    with pytest.raises(ValueError, match="workers"):
        generator.flow(noise(4, 5, 5, 1), workers=0)


@pytest.mark.parametrize("quirks", [False, True])
def test_iterators_can_be_pickled_in_the_middle_of_a_pass(noise, quirks):
    generator = ImageDataGenerator(**LECTURE, legacy_quirks=quirks)
    flow = generator.flow(noise(9, 8, 8, 1), np.arange(9), 4, seed=1, workers=2)
    next(flow)
    again = pickle.loads(pickle.dumps(flow))
    for _ in range(4):
        for expected, found in zip(next(flow), next(again), strict=True):
            np.testing.assert_array_equal(found, expected)


_FORKING = """
import multiprocessing, warnings
import numpy as np
from app.keras2.image_data_generator import ImageDataGenerator

warnings.simplefilter("ignore")  # of forking beside threads
images = np.random.default_rng(0).integers(0, 256, (12, 40, 40, 3)).astype(np.float32)
flow = ImageDataGenerator(rotation_range=40).flow(images, np.arange(12), 6, seed=1, workers=2)
expected = flow[1][0]  # its threads run now

def second_batch(queue):
    queue.put(flow[1][0])

context = multiprocessing.get_context("fork")
queue = context.Queue()
child = context.Process(target=second_batch, args=(queue,))
child.start()
found = queue.get(timeout=120)
child.join(60)
assert child.exitcode == 0
np.testing.assert_array_equal(found, expected)
"""


@pytest.mark.slow
def test_iterators_work_in_forked_processes():
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("no fork here")
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", _FORKING], cwd=root, check=True, timeout=300)
