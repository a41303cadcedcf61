"""Arrays as CIFAR-10-C is published: one for each corruption, severity after severity."""

import numpy as np
import pytest

from app.data.cifar_c import SEVERITIES, read_cifar_c
from app.errors import AppError

LABELS = np.tile(np.array([3, 0, 1, 2], np.uint8), SEVERITIES)
IMAGES = {
    name: np.random.default_rng(seed).integers(0, 256, (20, 32, 32, 3), np.uint8)
    for seed, name in enumerate(("gaussian_noise", "fog"))
}


@pytest.fixture
def folder(tmp_path):
    for name, images in IMAGES.items():
        np.save(tmp_path / f"{name}.npy", images)
    np.save(tmp_path / "labels.npy", LABELS)
    (tmp_path / "README.txt").write_text("not wanted")
    return tmp_path


def test_the_published_layout_is_read(folder):
    found = read_cifar_c(folder)
    assert list(found) == ["fog", "gaussian_noise"]
    for name, split in found.items():
        np.testing.assert_array_equal(split.pixels, IMAGES[name])
        np.testing.assert_array_equal(split.labels, LABELS)
        assert split.labels.dtype == np.int64
        assert isinstance(split.images, np.memmap)  # 154 MB for each corruption of the real one


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("fog", IMAGES["fog"][:10], "10 images of fog and 20 labels"),
        ("fog", IMAGES["fog"].astype(np.float32), "float32 of fog"),
        ("fog", IMAGES["fog"][..., :2], "(20, 32, 32, 2) uint8 of fog"),
        ("labels", LABELS[:19], "labels (19,)"),
        ("labels", np.arange(20), "not the same for five severities"),
        ("labels", LABELS.astype(np.float32), "float32"),
        ("labels", LABELS.astype(np.int8) - 1, "int8"),
        ("labels", np.array([{}], object), "no usable labels.npy"),
    ],
)
def test_other_arrays_are_refused(folder, name, array, message):
    np.save(folder / f"{name}.npy", array, allow_pickle=True)
    with pytest.raises(AppError) as caught:
        read_cifar_c(folder)
    assert message in str(caught.value)
    assert "as CIFAR-10-C unpacks to" in str(caught.value)


def test_missing_and_damaged_files_are_refused(folder, tmp_path):
    with pytest.raises(AppError, match="no folder"):
        read_cifar_c(tmp_path / "nothing")
    (folder / "fog.npy").write_bytes((folder / "fog.npy").read_bytes()[:5000])
    with pytest.raises(AppError, match=r"no usable fog\.npy"):
        read_cifar_c(folder)
    for path in folder.glob("*.npy"):
        if path.name != "labels.npy":
            path.unlink()
    with pytest.raises(AppError, match="has no corruptions"):
        read_cifar_c(folder)
    (folder / "labels.npy").unlink()
    with pytest.raises(AppError, match=r"no usable labels\.npy"):
        read_cifar_c(folder)
