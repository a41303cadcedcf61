import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from app.augmentation.augmentation import Augmentation
from app.augmentation.presets import DIGITS, LECTURE, STRONG
from app.augmentation.random_numbers import uniforms

MANY = np.arange(3000)


def noise(count, *shape):
    return np.random.default_rng(0).integers(0, 256, (count, *shape), np.uint8)


def test_augmentation_without_settings_changes_nothing():
    images = noise(3, 9, 12, 3)
    np.testing.assert_array_equal(Augmentation()(images, np.arange(3), 0, 0), images)


def test_flips_are_exact_and_of_half_of_the_images():
    images = noise(200, 8, 7, 1)
    flipped = Augmentation(horizontal_flip=True)(images, np.arange(200), 0, 0)
    mirrored = (flipped == images[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (mirrored | (flipped == images).all(axis=(1, 2, 3))).all()
    assert 70 < mirrored.sum() < 130


def test_alternating_flips_show_both_sides_in_two_epochs():
    def flips(epoch, **settings):
        augmentation = Augmentation(horizontal_flip=True, **settings)
        return augmentation.draw(MANY, 5, epoch, 9, 9).flip_horizontal

    first, second, third = (flips(epoch, alternating_flip=True) for epoch in range(3))
    np.testing.assert_array_equal(first, flips(0))
    np.testing.assert_array_equal(second, ~first)
    np.testing.assert_array_equal(third, first)
    assert stats.binomtest(int(first.sum()), len(MANY)).pvalue > 1e-3


def test_draw_with_an_aspect_range_draws_one_scale_and_a_log_uniform_ratio():
    drawn = Augmentation(zoom_range=[0.5, 1.1], aspect_range=4 / 3).draw(MANY, 0, 0, 9, 9)
    scale = np.sqrt(drawn.zoom_x * drawn.zoom_y)
    ratio = drawn.zoom_x / drawn.zoom_y
    assert stats.kstest(scale, "uniform", (0.5, 0.6)).pvalue > 1e-3
    assert stats.kstest(ratio, "loguniform", (3 / 4, 4 / 3)).pvalue > 1e-3
    assert abs(stats.spearmanr(scale, ratio).statistic) < 0.06


@pytest.mark.parametrize(
    ("shift", "allowed"),
    [
        (0.2, None),
        (7.5, None),
        (3, {-2, -1, 0, 1, 2}),
        (np.int64(2), {-1, 0, 1}),
        (np.float32(0.25), None),
        ([5, 10], {-10, -5, 5, 10}),
        ([-50, -10], {-50, -10, 10, 50}),
        ([0.1, 0.3], {-30, -10, 10, 30}),
        (np.array([4.0]), {-4, 4}),
    ],
)
def test_pixel_shifts_of_every_form(shift, allowed):
    transforms = Augmentation(width_shift_range=shift).draw(MANY, 0, 0, 50, 100)
    assert not transforms.shift_y.any()
    if allowed is None:
        highest = shift * 100 if shift < 1 else shift
        assert stats.kstest(transforms.shift_x, "uniform", (-highest, 2 * highest)).pvalue > 1e-3
    else:
        assert set(np.rint(transforms.shift_x).astype(int)) == allowed
    down = Augmentation(height_shift_range=shift).draw(MANY, 0, 0, 100, 50)
    assert np.abs(down.shift_y).max() == pytest.approx(np.abs(transforms.shift_x).max(), rel=0.01)


def test_augmentation_shifts_move_along_their_axis():
    images = np.zeros((40, 60, 60, 1), np.uint8)
    images[:, 30, 30] = 255
    rows = Augmentation(width_shift_range=[9])(images, np.arange(40), 0, 0)[:, 30, :, 0]
    assert {int(row.argmax()) for row in rows} == {21, 39}
    columns = Augmentation(height_shift_range=[9])(images, np.arange(40), 0, 0)[:, :, 30, 0]
    assert {int(column.argmax()) for column in columns} == {21, 39}


@pytest.mark.parametrize("augment", [LECTURE, STRONG], ids=["lecture", "strong"])
@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=20),
    st.integers(0, 99),
    st.integers(0, 99),
)
@settings(max_examples=20)
def test_augmentation_of_an_image_does_not_depend_on_its_batch(augment, positions, seed, epoch):
    images = noise(len(positions), 6, 6, 3)
    together = augment(images, np.array(positions), seed, epoch)
    for k, position in enumerate(positions):
        alone = augment(images[k : k + 1], np.array([position]), seed, epoch)
        np.testing.assert_array_equal(alone[0], together[k])


def test_uniforms_are_uniform_and_independent():
    draws = uniforms(7, 3, np.arange(4000), 7)
    for column in draws.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    correlation = np.corrcoef(draws.T) - np.eye(7)
    assert np.abs(correlation).max() < 0.06
    for other in (uniforms(8, 3, np.arange(4000), 7), uniforms(7, 4, np.arange(4000), 7)):
        assert abs(np.corrcoef(draws[:, 0], other[:, 0])[0, 1]) < 0.06


def test_draw_of_a_parameter_does_not_depend_on_others():
    alone = Augmentation(rotation_range=40).draw(MANY, 1, 2, 9, 9).rotation
    np.testing.assert_array_equal(alone, LECTURE.draw(MANY, 1, 2, 9, 9).rotation)


def test_parse_augmentation_lecture_has_the_slide_s_seven_arguments():
    assert Augmentation(
        rotation_range=40, width_shift_range=0.2, height_shift_range=0.2,
        shear_range=LECTURE.shear_range, zoom_range=0.2, horizontal_flip=True, fill_mode="nearest",
    ) == LECTURE  # fmt: skip
    assert LECTURE.shear_range == pytest.approx(np.rad2deg(0.2), abs=1e-3)


def test_digits_preset_does_not_flip():
    drawn = DIGITS.draw(MANY, 0, 0, 28, 28)
    assert not drawn.flip_horizontal.any()
    assert not drawn.flip_vertical.any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"rotation_range": -1}, {"rotation_range": "40"}, {"rotation_range": [1, 2]},
        {"rotation_range": float("nan")}, {"shear_range": 90}, {"zoom_range": 1.0},
        {"zoom_range": [1.2, 0.8]}, {"zoom_range": [0, 1]}, {"zoom_range": [1, 2, 3]},
        {"zoom_range": -0.1}, {"zoom_range": "a"}, {"width_shift_range": -0.1},
        {"height_shift_range": []}, {"height_shift_range": "2"}, {"brightness_range": 0.5},
        {"brightness_range": [1.5, 0.5]}, {"brightness_range": [-1, 1]}, {"fill_mode": "mirror"},
        {"cval": "black"}, {"interpolation_order": 6}, {"interpolation_order": 1.5},
        {"aspect_range": 0.75}, {"aspect_range": [1, 2]}, {"alternating_flip": True},
        {"color_jitter": 2}, {"random_erasing": -1}, {"mixup": -0.1}, {"channel_shift_range": -3},
    ],
    ids=str,
)  # fmt: skip
def test_augmentation_with_invalid_ranges_raises(wrong):
    with pytest.raises(ValueError, match=rf"Received `{next(iter(wrong))}`=.*Expected"):
        Augmentation(**wrong)


def test_augmentation_stores_plain_numbers():
    array = Augmentation(
        zoom_range=np.array([0.8, 1.1]), rotation_range=np.float32(15), width_shift_range=[1, 2]
    )
    assert array == Augmentation(
        zoom_range=[0.8, 1.1], rotation_range=15.0, width_shift_range=(1, 2)
    )
    assert str(array) == "rotation_range=15.0,width_shift_range=[1,2],zoom_range=[0.8,1.1]"
