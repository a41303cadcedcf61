import shutil

import numpy as np
import pytest
from PIL import Image

from app.data.catsdogs import COPIES_OF_TEST, has_catsdogs, load_catsdogs
from app.errors import AppError


@pytest.fixture
def pets(tmp_path):
    for name in ("Cat", "Dog"):
        folder = tmp_path / "catsdogs" / "PetImages" / name
        folder.mkdir(parents=True)
        for number in (0, 1, 999, 1000, 1499, 1500, 2499, 2500, 12000):
            Image.new("RGB", (2, 2)).save(folder / f"{number}.jpg")
        (folder / "Thumbs.db").write_text("x")
    return tmp_path


@pytest.mark.parametrize(
    ("protocol", "train"),
    [("lecture", ["0", "1", "999"]), ("full", ["0", "1", "999", "2500", "12000"])],
)
def test_protocols_go_by_number(pets, protocol, train):
    assert has_catsdogs(pets)
    splits = load_catsdogs(pets, protocol)
    for split, numbers in (
        ("train", train), ("validation", ["1000", "1499"]), ("test", ["1500", "2499"]),
    ):  # fmt: skip
        examples = splits.split(split)
        assert [p.stem for p in examples.images] == numbers * 2
        assert examples.labels.tolist() == [0] * len(numbers) + [1] * len(numbers)
    assert splits.class_names == ("cat", "dog")


def test_a_split_without_dogs_is_explained(pets):
    for number in (1000, 1499):
        (pets / "catsdogs/PetImages/Dog" / f"{number}.jpg").unlink()
    with pytest.raises(AppError, match="Dog"):
        load_catsdogs(pets)


def test_the_real_photographs(real_data):
    lecture = load_catsdogs(real_data)
    counts = [len(lecture.split(name)) for name in ("train", "validation", "test")]
    assert counts == [1999, 1000, 2000]  # Cat/666 has no content in the official archive
    full = load_catsdogs(real_data, "full")
    assert len(full.train) > 16_000
    files = sum(1 for _ in real_data.glob("catsdogs/PetImages/*/*.jpg"))
    assert len(full.train) + len(full.validation) + len(full.test) == files - 5
    assert not set(full.train.images) & {*full.validation.images, *full.test.images}
    assert np.bincount(full.test.labels).tolist() == [1000, 1000]


def test_full_protocol_trains_on_no_copy_of_a_test_photograph(real_data):
    full = load_catsdogs(real_data, "full")
    tested = {path.read_bytes() for path in full.test.images}
    assert [path.name for path in full.train.images if path.read_bytes() in tested] == []


def test_full_protocol_leaves_out_the_known_copies_of_test_photographs(pets):
    folder = pets / "catsdogs" / "PetImages"
    for name, numbers in COPIES_OF_TEST.items():
        for number in numbers:
            shutil.copy(folder / name / "2500.jpg", folder / name / f"{number}.jpg")
    names = load_catsdogs(pets, "full").train.names
    assert "Cat/2500.jpg" in names
    assert not set(names) & {f"{k}/{n}.jpg" for k, found in COPIES_OF_TEST.items() for n in found}
