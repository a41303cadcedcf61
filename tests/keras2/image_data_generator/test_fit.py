"""`fit` takes its statistics from the pixels that are normalized: mean 0 and deviation 1."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.keras2.image_data_generator import ImageDataGenerator

BOTH = {"featurewise_center": True, "featurewise_std_normalization": True}


def images(count=12, side=10, channels=3, kind=np.float32):
    return np.random.default_rng(0).integers(60, 250, (count, side, side, channels)).astype(kind)


def normalized(generator, x, seeds, **options):
    return np.concatenate(
        [generator.flow(x, batch_size=len(x), shuffle=False, seed=s, **options)[0] for s in seeds]
    )


@settings(deadline=None, max_examples=60)
@given(
    settings=st.fixed_dictionaries(
        {},
        optional={
            "rescale": st.sampled_from([1 / 255, 2.0, 1 / 127.5]),
            "preprocessing_function": st.sampled_from([lambda i: i / 127.5 - 1, lambda i: 255 - i]),
            "samplewise_center": st.just(True),
            "dtype": st.sampled_from(["float32", "float64"]),
            "data_format": st.sampled_from(["channels_first", "channels_last"]),
        },
    ),
    kind=st.sampled_from([np.uint8, np.float32, np.float64]),
    channels=st.sampled_from([1, 3]),
)
def test_fit_makes_mean_0_and_deviation_1(settings, kind, channels):
    if settings.get("samplewise_center") and channels == 1:
        channels = 3  # a gray image would be centered already
    x = images(channels=channels, kind=kind)
    if settings.get("data_format") == "channels_first":
        x = x.transpose(0, 3, 1, 2)
    generator = ImageDataGenerator(**BOTH, **settings)
    generator.fit(x)
    batch = normalized(generator, x, [0])
    assert abs(batch.mean()) < 1e-4
    assert abs(batch.std() - 1) < 1e-3


CHANGES = [
    {"channel_shift_range": 40.0}, {"brightness_range": (0.5, 1.5)}, {"rotation_range": 45},
    {"rotation_range": 45, "fill_mode": "constant", "cval": 255.0},
    {"zoom_range": (1.5, 2.0), "fill_mode": "constant", "cval": 20.0},
    {"rotation_range": 45, "interpolation_order": 3},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize(
    "scale",
    [{"rescale": 1 / 255}, {"preprocessing_function": lambda image: image / 127.5 - 1}, {}],
    ids=["rescale", "function", "none"],
)
def test_fit_on_augmented_images_uses_the_pixels_of_the_flow(change, scale):
    x = images(40)
    generator = ImageDataGenerator(**BOTH, **change, **scale)
    generator.fit(x, augment=True, rounds=3, seed=7)
    # The flow of the same seed makes the same images in its first epochs.
    flow = generator.flow(x, batch_size=40, shuffle=False, seed=7)
    batch = np.concatenate([next(flow) for _ in range(3)])
    assert abs(batch.mean()) < 1e-3
    assert abs(batch.std() - 1) < 1e-3
    other = normalized(generator, x, range(20, 24))
    assert abs(other.mean()) < 0.15
    assert abs(other.std() - 1) < 0.15


def test_fit_does_not_change_its_data():
    x = images()
    before = x.copy()
    ImageDataGenerator(**BOTH, rescale=0.5, preprocessing_function=lambda i: 255 - i).fit(x)
    np.testing.assert_array_equal(x, before)


def test_fit_of_many_pixels_sums_precisely():
    # 20 million equal pixels: a float32 sum would stop at 16.8 million.
    x = np.ones((20, 1024, 1024, 1), np.float32)
    generator = ImageDataGenerator(featurewise_center=True)
    generator.fit(x)
    assert generator.mean.item() == 1


def test_fit_whitens_the_pixels_of_the_flow():
    x = images(30, side=4)
    generator = ImageDataGenerator(
        featurewise_center=True, zca_whitening=True, zca_epsilon=1e-6,
        preprocessing_function=lambda image: image / 255, dtype="float64",
    )  # fmt: skip
    generator.fit(x)
    batch = normalized(generator, x, [0]).reshape(30, -1)
    products = batch @ batch.T / 30
    assert (np.abs(products) - np.eye(30) < 1e-3).all()


def test_fit_of_whole_numbers_into_whole_numbers():
    generator = ImageDataGenerator(rescale=0.5, dtype="uint8")
    flow = generator.flow(images(4, kind=np.uint8), shuffle=False)
    assert next(flow).dtype == np.uint8
    np.testing.assert_array_equal(next(flow), images(4) // 2)
