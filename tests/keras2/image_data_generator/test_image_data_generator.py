"""What the old class got wrong, what it never had, and what it refuses."""

import keras
import numpy as np
import pytest

from app.errors import AppWarning
from app.keras2 import ImageDataGenerator

LECTURE = {
    "rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2,
    "shear_range": 0.2, "zoom_range": 0.2, "horizontal_flip": True,
}  # fmt: skip


def spot(height=30, width=50):
    image = np.zeros((height, width, 1), np.float32)
    image[height // 2, width // 2] = 255
    return image


def brightest(image):
    return tuple(int(axis[0]) for axis in np.nonzero(image[..., 0] == image.max()))


def test_height_shift_moves_images_up_and_down():
    moved = [
        brightest(ImageDataGenerator(height_shift_range=[5]).random_transform(spot(), seed))
        for seed in range(20)
    ]
    assert set(moved) == {(10, 25), (20, 25)}
    moved = [
        brightest(ImageDataGenerator(width_shift_range=[5]).random_transform(spot(), seed))
        for seed in range(20)
    ]
    assert set(moved) == {(15, 20), (15, 30)}


def test_rotation_by_180_degrees_is_about_the_center():
    image = np.arange(5 * 8, dtype=np.float32).reshape(5, 8, 1)
    turned = ImageDataGenerator().apply_transform(image, {"theta": 180.0})
    np.testing.assert_allclose(turned, image[::-1, ::-1], atol=1e-3)


def test_flow_of_the_validation_subset_is_not_augmented(noise):
    images = noise(10, 8, 8, 3)
    generator = ImageDataGenerator(**LECTURE, rescale=0.5, validation_split=0.3)
    flow = generator.flow(images, shuffle=False, subset="validation", seed=0)
    np.testing.assert_array_equal(next(flow), 0.5 * images[:3])
    trained = next(generator.flow(images, shuffle=False, subset="training", seed=0))
    assert trained.shape == (7, 8, 8, 3)
    assert not np.array_equal(trained, 0.5 * images[3:])


def test_brightness_of_small_floats_is_not_clipped():
    image = np.full((4, 4, 3), 0.5, np.float32)
    bright = ImageDataGenerator().apply_transform(image, {"brightness": 1.5})
    np.testing.assert_allclose(bright, 0.75)


@pytest.mark.parametrize("size", [(28, 28, 1), (40, 36, 3)])
def test_flow_results_do_not_depend_on_workers_or_order(noise, size):
    images = noise(23, *size)
    generator = ImageDataGenerator(**LECTURE)
    one = generator.flow(images, np.arange(23), 5, seed=3)
    many = generator.flow(images, np.arange(23), 5, seed=3, workers=4)
    many._rows_per_thread = 1  # however small the images are
    for index in (3, 0, 4, 1, 2):
        for expected, found in zip(one[index], many[index], strict=True):
            np.testing.assert_array_equal(found, expected)


def test_flow_epochs_hold_every_image_once_and_differ(noise):
    flow = ImageDataGenerator(**LECTURE).flow(noise(7, 6, 6, 1), np.arange(7), 3, seed=1)
    epochs = [[next(flow) for _ in range(3)] for _ in range(2)]
    for batches in epochs:
        assert sorted(np.concatenate([labels for _, labels in batches])) == list(range(7))
    assert not np.array_equal(epochs[0][0][1], epochs[1][0][1])
    again = ImageDataGenerator(**LECTURE).flow(noise(7, 6, 6, 1), np.arange(7), 3, seed=1)
    for expected in epochs[0] + epochs[1]:
        np.testing.assert_array_equal(next(again)[0], expected[0])


def test_flow_without_a_seed_depends_on_numpys_seed(noise):
    batches = []
    for _ in range(2):
        np.random.seed(4)
        batches.append(next(ImageDataGenerator(**LECTURE).flow(noise(4, 6, 6, 3))))
    np.testing.assert_array_equal(*batches)


def test_flow_of_a_subset_keeps_its_sample_weights(noise):
    generator = ImageDataGenerator(validation_split=0.5)
    flow = generator.flow(
        noise(4, 5, 5, 1), [0, 1, 0, 1], sample_weight=[1, 2, 3, 4], shuffle=False,
        subset="training",
    )  # fmt: skip
    np.testing.assert_array_equal(next(flow)[2], [3, 4])


def test_fit_uses_every_image_once_per_epoch(noise):
    # Constant images that carry their own number, which survives whatever is drawn for them.
    images = np.arange(10, dtype=np.float32)[:, None, None, None] * np.ones((8, 8, 1), np.float32)
    flow = ImageDataGenerator(**LECTURE).flow(images, np.zeros(10), 3, seed=0, workers=2)
    seen = {}
    make = flow._get_batches_of_transformed_samples

    def recorded(index_array):
        images, labels = make(index_array)
        numbers = images[:, 4, 4, 0].round().astype(int).tolist()
        seen.setdefault(flow.batch_epoch, []).extend(numbers)
        return images, labels

    flow._get_batches_of_transformed_samples = recorded
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")]
    )
    model.compile("sgd", "binary_crossentropy")
    model.fit(flow, epochs=3, verbose=0)
    whole = [found for found in seen.values() if len(found) >= 10]
    assert len(whole) == 3
    for found in whole:
        assert sorted(found[-10:]) == list(range(10))
    assert len({tuple(found[-10:]) for found in whole}) == 3


def test_attributes_may_change_after_construction():
    generator = ImageDataGenerator()
    generator.rotation_range, generator.zoom_range = 90, 0.5
    drawn = generator.get_random_transform((8, 8, 3), seed=1)
    assert drawn["theta"] != 0
    assert drawn["zx"] != 1
    generator.fill_mode = "mirror"
    with pytest.raises(ValueError, match="fill_mode"):
        generator.random_transform(spot())


@pytest.mark.parametrize("workers", [1, 2])
def test_flow_of_an_empty_subset_yields_an_empty_batch(noise, workers):
    flow = ImageDataGenerator(validation_split=0.2).flow(
        noise(3, 6, 6, 1), subset="validation", workers=workers
    )
    assert len(flow) == 0
    assert next(flow).shape == (0, 6, 6, 1)


@pytest.mark.parametrize("workers", [1, 3])
def test_model_trains_with_a_flow(noise, workers):
    images, labels = noise(16, 8, 8, 3), np.arange(16) % 2
    flow = ImageDataGenerator(**LECTURE, rescale=1 / 255).flow(
        images, labels, 4, seed=0, workers=workers
    )
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")]
    )
    model.compile("sgd", "binary_crossentropy")
    history = model.fit(flow, epochs=2, verbose=0, validation_data=flow)
    assert np.isfinite(history.history["loss"]).all()
    model.fit(flow, steps_per_epoch=2, epochs=2, verbose=0)
    assert model.predict(flow, verbose=0).shape == (16, 1)


def test_flow_from_directory_leaves_out_a_damaged_file(folder, tmp_path):
    import shutil

    root = tmp_path / "photographs"
    shutil.copytree(folder, root)
    (root / "cat" / "cat1.png").write_bytes(b"no image")
    flow = ImageDataGenerator().flow_from_directory(
        root, (8, 8), class_mode="binary", shuffle=False, workers=2
    )
    assert flow.batch_filenames(0)[:2] == ["cat/cat1.png", "cat/cat2.png"]
    with pytest.warns(AppWarning, match="cat1.png"):
        images, labels = flow[0]
    assert flow.batch_filenames(0)[0] == "cat/cat2.png"
    assert len(flow.batch_filenames(0)) == len(images)
    assert len(images) == len(labels) == 11
    assert labels.sum() == 7


@pytest.mark.parametrize(
    "damage",
    [
        lambda png: b"",
        lambda png: png[: len(png) // 2],
        lambda png: png[:11] + bytes([5]) + png[12:],  # a header that is too short
        lambda png: png[:16] + b"\x00\x01\x00\x00" * 2 + png[24:],  # 65,536 × 65,536 pixels
        lambda png: b"P6 1\xe2 16 255 " + png,  # a size that is no number
    ],
)
def test_damaged_files_are_left_out_with_a_warning(folder, tmp_path, damage):
    (tmp_path / "cat").mkdir()
    whole = (folder / "cat" / "cat1.png").read_bytes()
    (tmp_path / "cat" / "a.png").write_bytes(whole)
    (tmp_path / "cat" / "b.png").write_bytes(damage(whole))
    flow = ImageDataGenerator().flow_from_directory(tmp_path, (8, 8), class_mode=None)
    with pytest.warns(AppWarning, match=r"b\.png"):
        assert len(flow[0]) == 1
    quirks = ImageDataGenerator(legacy_quirks=True).flow_from_directory(tmp_path, (8, 8))
    with pytest.raises(Exception, match=r".") as raised:
        quirks[0]
    assert not isinstance(raised.value, AppWarning)


def test_flow_passes_other_arrays_on(noise):
    flow = ImageDataGenerator().flow((noise(4, 5, 5, 1), [np.arange(4), -np.arange(4)]), [1] * 4)
    (images, first, second), _ = next(flow)
    assert images.shape == (4, 5, 5, 1)
    np.testing.assert_array_equal(first, -second)


def test_generator_turns_on_required_arguments_with_a_warning():
    with pytest.warns(AppWarning, match="needs `featurewise_center`"):
        generator = ImageDataGenerator(featurewise_std_normalization=True)
    assert generator.featurewise_center
    with pytest.warns(AppWarning, match="was not fit"):
        generator.standardize(np.ones((3, 3, 1), np.float32))


@pytest.mark.parametrize(
    "wrong",
    [
        {"zoom_range": 1.5}, {"zoom_range": [2, 1]}, {"zoom_range": (1, 2, 3)},
        {"fill_mode": "mirror"}, {"brightness_range": 0.5}, {"data_format": "HWC"},
        {"validation_split": 1.0}, {"rotation_range": "40"}, {"rotation_range": -3},
    ],
    ids=str,
)  # fmt: skip
def test_generator_with_invalid_arguments_raises(wrong):
    with pytest.raises(ValueError, match=r"Received .*Expected"):
        ImageDataGenerator(**wrong)


def test_flow_with_invalid_arrays_raises(noise):
    generator = ImageDataGenerator(validation_split=0.5)
    images = noise(4, 5, 5, 3)
    for arguments, message in (
        ({"x": images, "y": [1, 2]}, "`y`"),
        ({"x": images, "y": [1] * 4, "sample_weight": [1]}, "`sample_weight`"),
        ({"x": (images, np.arange(2))}, r"x\[1\]\[0\]"),
        ({"x": images[0]}, "rank 4"),
        ({"x": images, "subset": "test"}, "'training' or 'validation'"),
        ({"x": images, "y": [0, 0, 1, 1], "subset": "training"}, "same classes"),
        ({"x": images, "batch_size": 0}, "at least 1"),
        ({"x": images, "batch_size": 4.0}, "whole number"),
        ({"x": images, "seed": -1}, "at least 0"),
        ({"x": images, "seed": 1.5}, "whole number"),
    ):
        with pytest.raises(ValueError, match=message):
            generator.flow(**arguments)
    with pytest.warns(AppWarning, match="2 channels"):
        generator.flow(images[..., :2])
    with pytest.raises(ValueError, match="rank 3"):
        generator.random_transform(images)
    with pytest.raises(ValueError, match="rank 4"):
        generator.fit(images[0])
    with pytest.raises(ValueError, match="from 0 to 0"):
        generator.flow(images)[1]
    with pytest.raises(FileNotFoundError, match="Create it"):
        generator.flow(images, save_to_dir="nowhere")


def test_flow_from_directory_with_invalid_arguments_raises(folder, tmp_path):
    generator = ImageDataGenerator()
    for error, where, arguments, message in (
        (FileNotFoundError, folder / "none", {}, "not a folder"),
        (NotADirectoryError, folder / "cat" / "notes.txt", {}, "not a folder"),
        (ValueError, tmp_path, {}, "no images"),
        (FileNotFoundError, folder, {"classes": ["cat", "cow"]}, "cow"),
        (ValueError, folder, {"class_mode": "other"}, "class_mode"),
        (ValueError, folder, {"color_mode": "bgr"}, "color_mode"),
        (ValueError, folder, {"interpolation": "cubic"}, "interpolation"),
        (ValueError, folder, {"target_size": (0, 5)}, "target_size"),
        (ValueError, folder, {"target_size": 64}, "target_size"),
        (ValueError, folder, {"target_size": None}, "target_size"),
        (ValueError, folder, {"target_size": (64, 64, 3)}, "target_size"),
        (ValueError, folder, {"target_size": (6.4, 64)}, "target_size"),
        (ValueError, folder, {"classes": ["cat"], "class_mode": "binary"}, "Expected two"),
    ):
        with pytest.raises(error, match=message):
            generator.flow_from_directory(where, **arguments)


def test_flow_from_dataframe_with_invalid_arguments_raises(folder):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"filename": ["cat/cat1.png", "dog/dog1.png"], "class": ["a", "b"], "n": [1, 2]}
    )
    generator = ImageDataGenerator()
    for error, change, arguments, message in (
        (KeyError, {}, {"x_col": "file"}, "'file'"),
        (KeyError, {}, {"y_col": "label"}, "'label'"),
        (KeyError, {}, {"weight_col": "w"}, "'w'"),
        (TypeError, {}, {"weight_col": "class"}, "numbers"),
        (TypeError, {}, {"x_col": "n"}, "x_col"),
        (TypeError, {}, {"y_col": "n"}, "astype"),
        (TypeError, {}, {"class_mode": "multi_output"}, "list"),
        (ValueError, {}, {"class_mode": "two"}, "class_mode"),
        (ValueError, {"class": ["a", "a"]}, {"class_mode": "binary"}, "Expected two"),
        (ValueError, {}, {"classes": ["z"]}, "none is left"),
    ):
        with pytest.raises(error, match=message):
            generator.flow_from_dataframe(frame.assign(**change), str(folder), **arguments)
    broken = frame.assign(filename=["cat/cat1.png", "dog/gone.png"])
    with pytest.warns(AppWarning, match="gone.png"):
        assert generator.flow_from_dataframe(broken, str(folder)).samples == 1
