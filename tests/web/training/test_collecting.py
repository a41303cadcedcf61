"""Images gathered on the page: a dataset folder, and nothing else is touched."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from app.web.errors import PublicError
from app.web.training.collecting import Collection


def png(level: int, size=(30, 20), kind="PNG") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, (level, 0, 0)).save(content, kind)
    return content.getvalue()


def test_gathered_images_are_a_dataset(tmp_path):
    from app.data.registry import load_dataset

    collection = Collection(tmp_path)
    for number in range(12):
        for name in ("thumbs up", "fist"):
            assert collection.add("hands", name, png(number * 10, kind="JPEG")) == number + 1
    assert collection.folders() == {"hands": {"fist": 12, "thumbs up": 12}}
    dataset = load_dataset(str(collection.path("hands")), tmp_path)
    assert dataset.class_names == ("fist", "thumbs up")
    assert sum(len(dataset.split(name)) for name in ("train", "validation", "test")) == 24
    assert collection.remove_last("hands", "fist") == 11
    assert collection.add("hands", "fist", png(3)) == 12


def test_large_images_are_reduced(tmp_path):
    collection = Collection(tmp_path)
    collection.add("big", "one", png(9, size=(3000, 1500)))
    (path,) = (tmp_path / "big" / "one").iterdir()
    with Image.open(path) as image:
        assert max(image.size) <= 512


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../up",
        "a/b",
        "a\\b",
        "C:",
        "nul\0",
        "x" * 61,
        " a",
        "a.",
        "<b>",
        "a\nb",
        "\ud800",
    ],
)
def test_odd_names_are_refused(tmp_path, name):
    collection = Collection(tmp_path)
    for folder, label in ((name, "class"), ("folder", name)):
        with pytest.raises(PublicError, match="cannot be used"):
            collection.add(folder, label, png(1))
    assert list(tmp_path.iterdir()) == []


def test_other_folders_are_never_written_to(tmp_path):
    (tmp_path / "mnist").mkdir()
    collection = Collection(tmp_path)
    for use in (collection.classes, lambda name: collection.add(name, "a", png(1)),
                lambda name: collection.remove_last(name, "a")):  # fmt: skip
        with pytest.raises(PublicError, match="holds other data"):
            use("mnist")
    assert collection.folders() == {}


def test_what_is_no_image_is_refused_and_leaves_nothing(tmp_path):
    collection = Collection(tmp_path)
    for content in (b"no image", png(1)[:40], np.zeros(9).tobytes()):
        with pytest.raises(PublicError, match="cannot be used"):
            collection.add("folder", "class", content)
    assert list(tmp_path.iterdir()) == []


def test_images_that_come_at_the_same_time_are_all_kept(tmp_path):
    collection = Collection(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda k: collection.add("hands", "fist", png(k)), range(16)))
    assert sorted(counts) == list(range(1, 17))
    assert collection.folders() == {"hands": {"fist": 16}}
