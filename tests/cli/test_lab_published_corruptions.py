"""`lab robustness` with published images: small files of their layouts, and what is refused."""

import csv
import shutil

import numpy as np
import pytest
from PIL import Image
from scipy.stats import binomtest

from app.classifier import load
from app.data.digits import load_digits
from app.data.mnist_c import CLEAN, CORRUPTIONS

MODELS = ("mnist-tiny", "mnist-dense")


@pytest.fixture(scope="module")
def digits():
    return load_digits().test.take(np.arange(60))


@pytest.fixture(scope="module")
def archive(tmp_path_factory, digits):
    """Digits that only stripes and fog change: stripes invert them, fog leaves nothing."""
    changed = {"stripe": 255 - digits.pixels, "fog": np.full_like(digits.pixels, 200)}
    arrays = {}
    for name in (CLEAN, *CORRUPTIONS):
        arrays[f"{name}/test_images"] = changed.get(name, digits.pixels)
        arrays[f"{name}/test_labels"] = digits.labels
    path = tmp_path_factory.mktemp("published") / "mnist_c.npz"
    np.savez(path, **arrays)
    return path


def rows_of(output):
    with (output / "robustness.csv").open(encoding="utf-8", newline="") as file:
        return {(row["model"], row["corruption"]): row for row in csv.DictReader(file)}


def test_errors_are_those_of_the_models(program, tmp_path, archive, digits):
    output = tmp_path / "lab"
    status, out, err = program("lab", "robustness", *MODELS, "--mnist-c", archive, "-o", output)
    assert status == 0, err
    rows = rows_of(output)
    assert len(rows) == len(MODELS) * 16
    for model in MODELS:
        for name, images in (
            (CLEAN, digits.pixels), ("zigzag", digits.pixels), ("stripe", 255 - digits.pixels)
        ):  # fmt: skip
            one_view = load(model).with_views(averaged=False)
            predicted = one_view.probabilities(images).argmax(axis=1)
            wrong = int((predicted != digits.labels).sum())
            interval = binomtest(wrong, 60).proportion_ci(method="wilson")
            row = rows[model, name]
            found = [float(row[column]) for column in ("error", "low", "high")]
            assert found == pytest.approx([wrong / 60, interval.low, interval.high], abs=1e-4)
    text = " ".join(out.split())
    mean = np.mean([float(rows["mnist-tiny", name]["error"]) for name in CORRUPTIONS])
    assert f"{100 * mean:.1f}% [" in text
    assert "points compared with mnist-tiny" in text
    with Image.open(output / "robustness.png") as picture:
        assert picture.width == 1200


@pytest.fixture(scope="module")
def arrays(tmp_path_factory, digits):
    """Digits in five severities: `dim` never changes them, `fade` turns the last two gray."""
    folder = tmp_path_factory.mktemp("arrays") / "digits-c"
    folder.mkdir()
    faded = np.tile(digits.pixels, (5, 1, 1, 1))
    faded[3 * len(digits) :] = 128
    np.save(folder / "dim.npy", np.tile(digits.pixels, (5, 1, 1, 1)))
    np.save(folder / "fade.npy", faded)
    np.save(folder / "labels.npy", np.tile(digits.labels, 5))
    return folder


def test_arrays_in_five_severities(program, tmp_path, arrays, digits):
    output = tmp_path / "lab"
    status, out, err = program("lab", "robustness", *MODELS, "--cifar-c", arrays, "-o", output)
    assert status == 0, err
    rows = rows_of(output)
    means, quotients = {}, []
    for model in MODELS:
        one_view = load(model).with_views(averaged=False)
        wrong = (one_view.probabilities(digits.pixels).argmax(axis=1) != digits.labels).mean()
        gray = one_view.probabilities(np.full_like(digits.pixels[:1], 128)).argmax()
        expected = {"dim": wrong, "fade": (3 * wrong + 2 * (digits.labels != gray).mean()) / 5}
        for name, error in expected.items():
            assert float(rows[model, name]["error"]) == pytest.approx(error, abs=1e-4)
        means[model] = np.mean(list(expected.values()))
        quotients.append(expected)
    text = " ".join(out.split())
    assert f"2 corruptions of {arrays.name}" in text
    for mean in means.values():
        assert f"error {100 * mean:.1f}% [" in text
    relative = np.mean([quotients[1][name] / quotients[0][name] for name in ("dim", "fade")])
    assert f"{100 * relative:.1f}% [" in text
    assert "(mCE)" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("MODEL", "--cifar-c", "ARRAYS"), "at least 10 classes"),
        (("mnist-tiny", "--cifar-c", "FILE"), "There is no folder"),
        (("mnist-tiny", "--cifar-c", "ARRAYS", "--mnist-c", "FILE"), "beside --mnist-c"),
        (("MODEL", "--mnist-c", "FILE"), "Expected a model of MNIST"),
        (("mnist-tiny", "--mnist-c", "FILE", "--dataset", "digits"), "beside --mnist-c"),
        (("mnist-tiny", "--mnist-c", "nothing.zip"), "No such file"),
        (("mnist-tiny", "mnist-tiny", "--mnist-c", "FILE"), "named twice"),
    ],
)
def test_slips(program, tmp_path, archive, arrays, shapes_model, arguments, message):
    places = {"MODEL": shapes_model[0], "FILE": archive, "ARRAYS": arrays}
    words = [places.get(word, word) for word in arguments]
    status, _, err = program("lab", "robustness", *words, "-o", tmp_path / "out")
    assert status == 2
    assert message in err
    assert "Traceback" not in err


def test_measurements_of_another_file_are_not_mixed_in(program, tmp_path, archive):
    command = ("lab", "robustness", "mnist-tiny", "-o", tmp_path / "lab", "--quick", "--mnist-c")
    assert program(*command, archive)[0] == 0
    other = tmp_path / "other.npz"
    arrays = dict(np.load(archive))
    arrays["fog/test_images"] = arrays["fog/test_images"] // 2
    np.savez(other, **arrays)
    status, _, err = program(*command, other)
    assert status == 2
    assert "measurements with other settings: images" in err
    moved = shutil.copy(archive, tmp_path / "moved.npz")
    assert program(*command, moved)[0] == 0
