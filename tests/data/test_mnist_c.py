"""MNIST-C as published, in a small file of the same layout."""

import io
import zipfile

import numpy as np
import pytest

from app.data.mnist_c import CLEAN, CORRUPTIONS, read_mnist_c
from app.errors import AppError

NAMES = (CLEAN, *CORRUPTIONS)
LABELS = np.arange(12) % 10


def images_of(name):
    return np.random.default_rng(NAMES.index(name)).integers(0, 256, (12, 28, 28, 1), np.uint8)


def entries(prefix="mnist_c/"):
    found = {f"{prefix}README.txt": b"not wanted"}
    for name in NAMES:
        for part, array in (
            ("train_images", np.zeros((3, 28, 28, 1), np.uint8)),  # not wanted
            ("test_images", images_of(name)),
            ("test_labels", LABELS),
        ):
            found[f"{prefix}{name}/{part}.npy"] = npy(array)
    return found


def npy(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def write(path, content):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def check(found):
    assert tuple(found) == NAMES
    for name, split in found.items():
        assert (split.pixels == images_of(name)).all()
        assert split.labels.dtype == np.int64
        assert (split.labels == LABELS).all()


@pytest.mark.parametrize("prefix", ["mnist_c/", ""])
def test_the_published_layout_is_read_from_zip_and_folder(tmp_path, prefix):
    path = write(tmp_path / "mnist_c.zip", entries(prefix))
    check(read_mnist_c(path))
    zipfile.ZipFile(path).extractall(tmp_path / "unpacked")
    check(read_mnist_c(tmp_path / "unpacked"))


def test_a_numpy_archive_of_the_same_arrays_is_read(tmp_path):
    arrays = {}
    for name in NAMES:
        arrays |= {f"{name}/test_images": images_of(name), f"{name}/test_labels": LABELS}
    np.savez_compressed(tmp_path / "mnist_c.npz", **arrays)
    check(read_mnist_c(tmp_path / "mnist_c.npz"))


FOG = "mnist_c/fog/test_images.npy"
FOG_LABELS = "mnist_c/fog/test_labels.npy"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({FOG: None}, "no images or labels of fog"),
        ({FOG: npy(np.zeros((12, 28, 28), np.uint8))}, r"images \(12, 28, 28\) uint8 .* of fog"),
        ({FOG: npy(np.zeros((12, 32, 32, 1), np.uint8))}, r"\(12, 32, 32, 1\)"),
        ({FOG: npy(np.zeros((12, 28, 28, 1)))}, "float64"),
        ({FOG: npy(np.zeros((11, 28, 28, 1), np.uint8))}, r"labels \(12,\)"),
        ({FOG: npy(np.array([{}]))}, "damaged fog/test_images.npy"),
        ({FOG: entries()[FOG][:500]}, "damaged fog/test_images.npy"),
        ({FOG: b"PK\3\4"}, "damaged fog/test_images.npy"),
        ({FOG_LABELS: npy(LABELS.astype(float))}, "float64 of fog"),
        ({FOG_LABELS: npy(LABELS + 3)}, "no labels from 0 to 9 of fog"),
        ({FOG_LABELS: npy(LABELS[::-1].copy())}, "other labels of fog than of identity"),
        ({"../outside.npy": b""}, "leads out of the folder"),
        (dict.fromkeys(entries()), "0 of the wanted files"),
    ],
)  # fmt: skip
def test_what_is_something_else_is_refused(tmp_path, changes, message):
    content = {name: data for name, data in {**entries(), **changes}.items() if data is not None}
    path = write(tmp_path / "mnist_c.zip", content)
    with pytest.raises(AppError, match=message) as caught:
        read_mnist_c(path)
    assert "Expected mnist_c.zip as published" in str(caught.value)
    assert "zenodo" in caught.value.fix


def test_a_damaged_or_missing_file_is_refused(tmp_path):
    path = write(tmp_path / "mnist_c.zip", entries())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AppError, match="not a zip file"):
        read_mnist_c(path)
    spoiled = bytearray(whole)
    spoiled[len(whole) // 3 : len(whole) // 3 + 2000] = bytes(2000)
    path.write_bytes(bytes(spoiled))
    with pytest.raises(AppError, match="Cannot unpack"):
        read_mnist_c(path)
    with pytest.raises(AppError, match="No such file"):
        read_mnist_c(tmp_path / "nothing.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(AppError, match="of identity, shot_noise"):
        read_mnist_c(tmp_path / "empty")
