"""Images of a dataset as a folder of files."""

import numpy as np
import pytest
from PIL import Image

from app.data.dataset import Split
from app.data.extracting import extract
from app.data.registry import load_dataset
from app.errors import AppError


def split_of(images):
    labels = np.arange(len(images)) % 2
    return Split(images, labels, [f"image {number}" for number in range(len(images))])


@pytest.mark.parametrize("channels", [1, 3])
def test_arrays_become_png_files_that_hold_the_same_pixels(tmp_path, channels):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (12, 7, 5, channels), np.uint8)
    extract(split_of(pixels), ("left", "a/b"), tmp_path / "new")
    found = sorted((tmp_path / "new").rglob("*.png"), key=lambda path: path.name)
    assert [path.parent.name for path in found] == ["left", "a_b"] * 6
    for path, expected in zip(found, pixels, strict=True):
        with Image.open(path) as image:
            np.testing.assert_array_equal(np.asarray(image).reshape(expected.shape), expected)


def test_files_are_copied_byte_for_byte_and_read_back_as_a_dataset(tmp_path):
    files = []
    for number in range(40):
        files.append(tmp_path / f"{number}.JPG")
        Image.new("RGB", (8, 8), (6 * number, 0, 0)).save(files[-1], "JPEG")
    extract(split_of(files), ("cat", "dog"), tmp_path / "new")
    assert (tmp_path / "new" / "dog" / "002.jpg").read_bytes() == files[1].read_bytes()
    dataset = load_dataset(str(tmp_path / "new"), tmp_path)
    assert dataset.class_names == ("cat", "dog")
    assert sum(len(dataset.split(name)) for name in ("train", "validation", "test")) == 40


def test_extract_refuses_an_existing_folder_and_classes_of_one_folder(tmp_path):
    images = split_of(np.zeros((4, 3, 3, 1), np.uint8))
    with pytest.raises(AppError, match="exists"):
        extract(images, ("a", "b"), tmp_path)
    with pytest.raises(AppError, match="share a folder: A_, a_"):
        extract(images, ("a:", "A/"), tmp_path / "new")
    assert list(tmp_path.iterdir()) == []
