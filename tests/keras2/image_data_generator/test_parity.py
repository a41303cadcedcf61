"""Same arguments, same seed, same pixels as the class that Keras 2 had."""

import numpy as np
import pytest

from app.keras2 import ImageDataGenerator

LECTURE = {
    "rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2,
    "shear_range": 0.2, "zoom_range": 0.2, "horizontal_flip": True,
}  # fmt: skip
ARGUMENTS = [
    {}, {"rotation_range": 40}, {"width_shift_range": 0.3}, {"height_shift_range": 0.3},
    {"width_shift_range": 4}, {"width_shift_range": 2.5}, {"height_shift_range": [-3, 0, 3]},
    {"height_shift_range": [-5, -2]}, {"width_shift_range": (0.1, 0.2)}, {"shear_range": 30},
    {"width_shift_range": [0], "rotation_range": 9}, {"height_shift_range": 1},
    {"zoom_range": 0.4}, {"zoom_range": [0.5, 0.7]}, {"zoom_range": (1.0, 1.0)},
    {"channel_shift_range": 60}, {"brightness_range": (0.3, 1.8)}, {"horizontal_flip": True},
    {"vertical_flip": True}, LECTURE, {**LECTURE, "interpolation_order": 0},
    {**LECTURE, "interpolation_order": 3},
    {**LECTURE, "channel_shift_range": 30, "brightness_range": [0.5, 1.5], "vertical_flip": True},
]  # fmt: skip
SHAPES = [(16, 16, 3), (14, 21, 3), (13, 13, 1)]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_random_transform_with_quirks_repeats_every_pixel_and_draw(
    legacy_class, noise, arguments, shape
):
    theirs, ours = legacy_class(**arguments), ImageDataGenerator(**arguments, legacy_quirks=True)
    for seed, image in enumerate(noise(4, *shape)):
        assert ours.get_random_transform(shape, seed) == theirs.get_random_transform(shape, seed)
        expected = theirs.random_transform(image, seed)
        stream = np.random.random()
        np.testing.assert_array_equal(ours.random_transform(image, seed), expected)
        assert np.random.random() == stream


@pytest.mark.parametrize("mode", ["nearest", "constant", "reflect", "wrap"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_random_transform_with_quirks_repeats_every_fill_mode_and_format(
    legacy_class, noise, mode, data_format, shape
):
    settings = {**LECTURE, "fill_mode": mode, "cval": 9.0, "data_format": data_format}
    theirs, ours = legacy_class(**settings), ImageDataGenerator(**settings, legacy_quirks=True)
    for seed, image in enumerate(noise(3, *shape)):
        if data_format == "channels_first":
            image = image.transpose(2, 0, 1)
        np.testing.assert_array_equal(
            ours.random_transform(image, seed), theirs.random_transform(image, seed)
        )


# One parameter at a time, and all.
DRAWN = [
    {"theta": 33.0}, {"tx": 3.3}, {"ty": -2.7}, {"shear": 20.0}, {"zx": 0.7, "zy": 1.3},
    {"flip_horizontal": True}, {"flip_vertical": True}, {"channel_shift_intensity": 40.0},
    {"theta": -50.0, "tx": 2.0, "ty": 1.5, "shear": 9.0, "zx": 1.2, "zy": 0.6,
     "flip_horizontal": True, "channel_shift_intensity": -30.0},
]  # fmt: skip


@pytest.mark.parametrize("drawn", DRAWN, ids=str)
@pytest.mark.parametrize("mode", ["nearest", "constant", "reflect", "wrap"])
@pytest.mark.parametrize("shape", [(17, 17, 3), (40, 40, 1)], ids=str)
def test_apply_transform_matches_the_legacy_pixels(legacy_class, noise, drawn, mode, shape):
    settings = {"fill_mode": mode, "cval": 7.0}
    theirs, ours = legacy_class(**settings), ImageDataGenerator(**settings)
    for image in noise(3, *shape):
        difference = np.abs(
            ours.apply_transform(image, drawn) - theirs.apply_transform(image, drawn)
        )
        # With `constant` and `wrap`, a coordinate on the very edge may fall to either side.
        share = 0.0 if mode in ("nearest", "reflect") else 0.01
        assert (difference > 0.02).mean() <= share


def test_brightness_matches_the_legacy_class_within_a_level(legacy_class, noise):
    for factor in (0.0, 0.6, 1.0, 1.9):
        image = noise(1, 12, 12, 3)[0]
        theirs = legacy_class().apply_transform(image, {"brightness": factor})
        ours = ImageDataGenerator().apply_transform(image, {"brightness": factor})
        assert np.abs(theirs - ours).max() <= 1


STANDARDS = [
    {"rescale": 1 / 255}, {"samplewise_center": True, "samplewise_std_normalization": True},
    {"featurewise_center": True, "featurewise_std_normalization": True},
    {"zca_whitening": True, "featurewise_center": True, "zca_epsilon": 1e-4},
    {"preprocessing_function": lambda x: 255 - x, "rescale": 0.5},
]  # fmt: skip


@pytest.mark.parametrize("arguments", STANDARDS, ids=lambda arguments: ",".join(arguments))
@pytest.mark.parametrize("quirks", [True, False])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_fit_and_standardize_match_the_legacy_class(
    legacy_class, noise, arguments, quirks, data_format
):
    images = noise(12, 6, 7, 3)
    if data_format == "channels_first":
        images = images.transpose(0, 3, 1, 2)
    theirs = legacy_class(**arguments, data_format=data_format)
    ours = ImageDataGenerator(**arguments, data_format=data_format, legacy_quirks=quirks)
    theirs.fit(images)
    ours.fit(images)
    for name in ("mean", "std", "zca_whitening_matrix"):
        expected, found = getattr(theirs, name), getattr(ours, name)
        assert (expected is None) == (found is None)
        if expected is not None:
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    for image in images:
        np.testing.assert_allclose(
            ours.standardize(image.copy()), theirs.standardize(image.copy()), rtol=1e-4, atol=1e-4
        )


def test_fit_on_transformed_images(legacy_class, noise):
    settings = {**LECTURE, "featurewise_center": True}
    theirs, ours = legacy_class(**settings), ImageDataGenerator(**settings, legacy_quirks=True)
    for generator in (theirs, ours):
        generator.fit(noise(5, 9, 9, 3), augment=True, rounds=2, seed=3)
    np.testing.assert_array_equal(ours.mean, theirs.mean)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize("by_index", [True, False])
def test_flow_with_quirks_repeats_the_legacy_batches(legacy_class, noise, shuffle, seed, by_index):
    images, labels, weights = noise(11, 8, 9, 3), np.arange(11), np.linspace(0, 1, 11)
    batches = []
    for generator in (legacy_class(**LECTURE), ImageDataGenerator(**LECTURE, legacy_quirks=True)):
        np.random.seed(7)
        flow = generator.flow(images, labels, 4, shuffle=shuffle, sample_weight=weights, seed=seed)
        got = []
        for turn in range(7):
            got.append(flow[turn % 3] if by_index else next(flow))
            if by_index and turn % 3 == 2:
                flow.on_epoch_end()
        batches.append(got)
    for theirs, ours in zip(*batches, strict=True):
        for expected, found in zip(theirs, ours, strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("class_mode", ["categorical", "binary", "sparse", "input", None])
@pytest.mark.parametrize("subset", [None, "training", "validation"])
def test_flow_from_directory_with_quirks_repeats_the_legacy_batches(
    legacy_class, folder, class_mode, subset
):
    batches, names = [], []
    settings = {**LECTURE, "validation_split": 0.4}
    for generator in (legacy_class(**settings), ImageDataGenerator(**settings, legacy_quirks=True)):
        flow = generator.flow_from_directory(
            folder, (12, 15), class_mode=class_mode, batch_size=3, seed=2, subset=subset,
            keep_aspect_ratio=subset is None, interpolation="bilinear",
        )  # fmt: skip
        names.append((flow.filenames, flow.class_indices, flow.samples, len(flow)))
        batches.append([next(flow) for _ in range(5)])
    assert names[0] == names[1]
    for theirs, ours in zip(*batches, strict=True):
        if class_mode is None:
            theirs, ours = [theirs], [ours]
        for expected, found in zip(theirs, ours, strict=True):
            np.testing.assert_array_equal(found, expected)


MODES = [
    ("categorical", "animal"), ("categorical", "several"), ("binary", "animal"),
    ("sparse", "animal"), ("input", "animal"), ("raw", ["x", "y"]), ("raw", "x"),
    ("multi_output", ["x", "y"]), (None, "animal"),
]  # fmt: skip


@pytest.mark.parametrize(("class_mode", "y_col"), MODES)
def test_flow_from_dataframe_with_quirks_repeats_the_legacy_batches(
    legacy_class, folder, class_mode, y_col
):
    pandas = pytest.importorskip("pandas")
    rows = [
        {"filename": f"{name}/{name}{k}.png", "animal": name, "x": k, "y": -k, "weight": k / 5,
         "several": [name, "young"] if k % 2 else (name,)}
        for name in ("cat", "dog") for k in range(1, 5)
    ]  # fmt: skip
    frame = pandas.DataFrame(rows)
    batches = []
    for generator in (legacy_class(**LECTURE), ImageDataGenerator(**LECTURE, legacy_quirks=True)):
        flow = generator.flow_from_dataframe(
            frame, str(folder), y_col=y_col, weight_col="weight" if class_mode else None,
            target_size=(9, 9), class_mode=class_mode, batch_size=3, seed=1,
            color_mode="grayscale",
        )  # fmt: skip
        batches.append([next(flow) for _ in range(4)])
    for theirs, ours in zip(*batches, strict=True):
        if class_mode is None:
            theirs, ours = [theirs], [ours]
        for expected, found in zip(theirs, ours, strict=True):
            assert type(found) is type(expected)
            for one, other in zip(expected, found, strict=True):
                np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("change", [{}, {"brightness_range": (0.5, 1.5)}], ids=str)
def test_flows_with_quirks_repeat_the_legacy_batches_in_every_dtype(
    legacy_class, folder, noise, dtype, change
):
    settings = {**LECTURE, **change, "rescale": 1 / 255, "dtype": dtype}
    batches = []
    for generator in (legacy_class(**settings), ImageDataGenerator(**settings, legacy_quirks=True)):
        flows = (
            generator.flow(noise(5, 9, 9, 3).astype(np.uint8), seed=4),
            generator.flow_from_directory(folder, (12, 15), class_mode=None, seed=4),
        )
        batches.append([next(flow) for flow in flows])
    for expected, found in zip(*batches, strict=True):
        assert found.dtype == expected.dtype == dtype
        np.testing.assert_array_equal(found, expected)


def test_quirks_save_pictures_under_the_legacy_names(legacy_class, folder, noise, tmp_path):
    seen = []
    for name, generator in (
        ("old", legacy_class(**LECTURE)),
        ("new", ImageDataGenerator(**LECTURE, legacy_quirks=True)),
    ):
        where = tmp_path / name
        where.mkdir()
        np.random.seed(3)
        next(generator.flow(noise(4, 8, 8, 3), save_to_dir=where, save_prefix="array"))
        next(generator.flow_from_directory(folder, (8, 8), save_to_dir=where, save_format="jpg"))
        pictures = {path.name: path.read_bytes() for path in where.iterdir()}
        seen.append((pictures, np.random.random()))
    assert seen[0] == seen[1]
    assert len(seen[0][0]) == 16


def test_flow_from_directory_with_quirks_lists_the_files_of_keras(legacy_class, folder, tmp_path):
    import shutil

    (tmp_path / "cat").mkdir()
    for name in ("a.png", ".jpg", "b_png", "C.JPG", "d.gif", "e"):
        shutil.copy(folder / "cat" / "cat1.png", tmp_path / "cat" / name)
    expected = legacy_class().flow_from_directory(tmp_path).filenames
    quirks = ImageDataGenerator(legacy_quirks=True)
    assert quirks.flow_from_directory(tmp_path).filenames == expected
    assert len(expected) == 4
