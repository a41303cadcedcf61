"""The arithmetic of the page against the Python program, NumPy and SciPy."""

import io

import numpy as np
import pytest
from scipy import ndimage

from app.augmentation.presets import LECTURE
from app.augmentation.random_numbers import uniforms
from app.augmentation.resampling import FILL_MODES, resample
from app.insight.occlusion import border_color
from app.lecture.kernels import KERNELS
from app.lecture.sizes import settings_that_fit
from app.lecture.volumes import example_layer, steps

SIZE = {"height": 28, "width": 28, "channels": 1}


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    rows, columns = np.mgrid[:28, :28]
    smooth = 127 + 100 * np.sin(rows / 3) * np.cos(columns / 4)
    return smooth.astype(np.float32)[..., np.newaxis]


def test_uniforms_are_those_of_the_augmentation(modules):
    found = modules.call("play/random_numbers.js", "uniforms", 7, 3, 11, 16)
    assert found == uniforms(7, 3, np.array([11]), 16)[0].tolist()


def test_normals_have_mean_zero_and_deviation_one(modules):
    found = np.array(modules.call("play/random_numbers.js", "normals", 1, 20000))
    assert abs(found.mean()) < 0.02
    assert abs(found.std() - 1) < 0.02


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**32 - 1])
def test_seeded_integers_are_numpys(modules, seed):
    found = modules.run(
        "play/seeded_integers.js",
        "(() => { const d = module.seededIntegers(input);"
        " return [d(0, 3, 75), d(-1, 2, 54), d(0, 2, 3), d(5, 6, 2), d(0, 1000003, 40)]; })()",
        seed,
    )
    random = np.random.default_rng(seed)
    expected = [(0, 3, 75), (-1, 2, 54), (0, 2, 3), (5, 6, 2), (0, 1000003, 40)]
    assert found == [random.integers(*case).tolist() for case in expected]


@pytest.mark.parametrize(
    ("size", "filters", "side", "stride", "padding", "seed"),
    [((5, 5, 3), 2, 3, 2, 1, 0), ((7, 5, 1), 3, 3, 1, 0, 4), ((8, 8, 2), 1, 2, 2, 0, 9)],
)
def test_demo_has_the_numbers_of_the_command(modules, size, filters, side, stride, padding, seed):
    layer = example_layer(size, (filters, side), stride, padding, seed)
    width, height, depth = size
    found = modules.run(
        "play/volumes.js",
        "(() => { const l = module.exampleLayer(input);"
        " return [l.padded, l.filters, l.biases, module.demoSteps(l)]; })()",
        {"width": width, "height": height, "depth": depth, "filters": filters, "side": side,
         "stride": stride, "padding": padding, "seed": seed},
    )  # fmt: skip
    assert found[0] == layer.padded.tolist()
    assert found[1] == layer.filters.tolist()
    assert found[2] == layer.biases.tolist()
    expected = [{**vars(step), "sums": step.sums.tolist()} for step in steps(layer)]
    assert found[3] == expected


@pytest.mark.parametrize("setting", [(10, 3, 2, 0), (7, 3, 3, 1), (227, 11, 4, 0), (5, 3, 1, 1)])
def test_settings_that_fit_are_those_of_the_command(modules, setting):
    width, side, stride, padding = setting
    given = {"width": width, "side": side, "stride": stride, "padding": padding}
    found = modules.call("play/sizes.js", "settingsThatFit", given)
    assert dict(zip("WFSP", found.values(), strict=True)) == settings_that_fit(*setting)


@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("shape", [(28, 28, 1), (40, 33, 3)])
def test_resampling_agrees_with_the_augmentation(modules, fill_mode, shape):
    random = np.random.default_rng(3)
    image = random.uniform(0, 255, shape).astype(np.float32)
    height, width, channels = shape
    size = {"height": height, "width": width, "channels": channels}
    for position in range(4):
        transforms = LECTURE.draw(np.array([position]), 5, 2, height, width)
        matrix = transforms.matrices(height, width)
        expected = resample(image[np.newaxis], matrix, fill_mode, 9.0)[0]
        found = np.array(
            modules.run(
                "play/resample.js",
                "plain(module.resample(input[0], input[1], input[2], input[3]))",
                [image.ravel().tolist(), size, matrix[0].ravel().tolist(),
                 {"fillMode": fill_mode, "value": 9}],
            )
        ).reshape(shape)  # fmt: skip
        # OpenCV rounds coordinates to 1/32 of a pixel for some sizes; at the border of "constant"
        # and "wrap", that changes a pixel.
        differences = np.abs(found - expected)
        assert np.median(differences) < 0.5
        assert (differences > 12).mean() < 0.01


def test_augmented_image_is_the_augmentations(modules, image):
    pixels = np.round(image).astype(np.uint8)
    ranges = {name: getattr(LECTURE, name) for name in (
        "rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range",
        "horizontal_flip", "fill_mode")}  # fmt: skip
    for position in range(6):
        found = modules.call(
            "play/augmentation.js", "augmented", pixels.ravel().tolist(), SIZE, ranges,
            {"seed": 1, "epoch": 4, "position": position},
        )  # fmt: skip
        expected = LECTURE(pixels[np.newaxis], np.array([position]), 1, 4)[0]
        assert np.abs(np.array(found) - expected.ravel()).max() <= 1


def test_lecture_ranges_are_the_preset(modules):
    assert modules.run("play/augmentation.js", "module.LECTURE_RANGES") == {
        name: getattr(LECTURE, name)
        for name in ("rotation_range", "width_shift_range", "height_shift_range", "shear_range",
                     "zoom_range", "horizontal_flip", "fill_mode")
    }  # fmt: skip


def test_kernels_are_the_lectures(modules):
    found = modules.run("play/kernels.js", "module.KERNELS")
    for name, kernel in found.items():
        if name != "zero":
            assert kernel["numbers"] == KERNELS[name].numbers.tolist()
            assert kernel["divisor"] == KERNELS[name].divisor


def test_shift_moves_content_by_whole_pixels(modules, image):
    found = modules.call(
        "play/changes.js", "changedPixels", image.ravel().tolist(), SIZE,
        {"shift_x": 3 / 28, "shift_y": -2 / 28},
    )  # fmt: skip
    moved = np.array(found).reshape(28, 28)
    np.testing.assert_array_equal(moved[:-2, 3:], np.round(image[2:, :-3, 0]))


def test_rotation_by_90_degrees_turns_counterclockwise(modules, image):
    found = modules.call(
        "play/changes.js", "changedPixels", image.ravel().tolist(), SIZE, {"rotation": 90}
    )
    turned = np.array(found).reshape(28, 28)
    np.testing.assert_allclose(turned, np.rot90(image[..., 0]), atol=0.51)


def test_changes_do_nothing_by_default(modules):
    pixels = list(range(784))
    assert modules.call("play/changes.js", "changedPixels", pixels, SIZE, {}) == pixels


def test_sticker_covers_its_square(modules, image):
    sticker = {"x": 0.5, "y": 0.25, "size": 0.2, "shade": 200}
    found = modules.call(
        "play/changes.js", "changedPixels", image.ravel().tolist(), SIZE, {"sticker": sticker}
    )
    changed = np.array(found).reshape(28, 28)
    assert (changed[4:10, 11:17] == 200).all()
    np.testing.assert_array_equal(changed[10:], np.round(image[10:, :, 0]))


def test_coarse_first_visits_every_level_once(modules):
    order = modules.call("play/changes.js", "coarseFirst", 29)
    assert sorted(order) == list(range(29))
    assert order[:3] == [0, 16, 8]
    around = modules.call("play/changes.js", "coarseFirst", 57, 20)
    assert sorted(around) == list(range(57))
    assert around[:3] == [20, 52, 4]


def test_occlusion_covers_the_places_of_the_program(modules, image):
    places = modules.call("play/occlusion.js", "occlusionPlaces", SIZE, 15)
    starts = np.round((np.arange(15) + 0.5) * 28 / 15 - 5 / 2).astype(int)
    found = {place["cell"]: (place["top"], place["left"]) for place in places}
    assert found == {
        row * 15 + column: (starts[row], starts[column])
        for row in range(15)
        for column in range(15)
    }
    first = [divmod(place["cell"], 15) for place in places[:9]]
    assert sorted(first) == [(row, column) for row in (3, 7, 11) for column in (3, 7, 11)]
    color = modules.call("play/occlusion.js", "borderColor", image.ravel().tolist(), SIZE)
    assert color == np.round(border_color(image)).tolist()


def test_unknown_places_of_a_map_are_as_the_nearest_known(modules):
    random = np.random.default_rng(3)
    values = random.normal(size=(6, 9)).astype(np.float32)
    known = random.random((6, 9)) < 0.2
    body = """module.withoutGaps({ height: 6, width: 9,
        values: Float32Array.from(input, (value) => value ?? NaN) }).values"""
    given = [
        float(value) if there else None
        for value, there in zip(values.flat, known.flat, strict=True)
    ]
    found = np.array(modules.run("play/occlusion.js", f"plain({body})", given)).reshape(6, 9)
    distance = ndimage.distance_transform_edt(~known)
    for place in np.ndindex(6, 9):
        away = np.hypot(*(np.argwhere(known) - place).T)
        nearest = values[known][np.isclose(away, distance[place])]
        assert np.isclose(nearest, found[place]).any()


def test_spread_is_numpys(modules):
    passes = np.random.default_rng(0).dirichlet(np.ones(4), 30)
    found = modules.run(
        "play/spread.js",
        "Object.values(module.spreadOf(input)).map((part) => [...part])",
        passes.tolist(),
    )
    expected = [passes.mean(0), passes.std(0), passes.min(0), passes.max(0),
                np.bincount(passes.argmax(1), minlength=4)]  # fmt: skip
    for mine, numpys in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, numpys, atol=1e-12)


@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 4), (3, 3, 2, 5)])
def test_npy_file_is_read_by_numpy(modules, shape):
    values = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    given = [values.ravel().tolist(), list(shape)]
    content = bytes(modules.call("draw/save.js", "npyBytes", *given))
    np.testing.assert_array_equal(np.load(io.BytesIO(content), allow_pickle=False), values)


def test_csv_file_is_read_by_numpy(modules):
    values = np.random.default_rng(1).normal(size=(4, 3, 2)).astype(np.float32)
    text = modules.call("draw/save.js", "csvText", values.ravel().tolist(), [4, 3, 2])
    read = np.loadtxt(io.StringIO(text), delimiter=",", dtype=np.float32)
    np.testing.assert_array_equal(read, np.moveaxis(values, -1, 0).reshape(8, 3))
