"""Which images a command line names: lazily, in a fixed order."""

import numpy as np
import pytest

from app.bulk import sorted_texts as sorting
from app.bulk.image_list import read_piece, write_list
from app.bulk.sorted_texts import sorted_texts
from app.bulk.sources import entries_of, image_of
from app.data.folder import load_folder
from app.data.image_files import find_images
from app.data.shards.loading import load_shards
from app.data.shards.packing import pack
from app.errors import AppError


def test_sorted_texts_of_many_runs_are_those_of_one(monkeypatch, tmp_path):
    rng = np.random.default_rng(0)
    texts = [f"{number}\n\udce4ä" for number in rng.permutation(1_000)]
    expected = sorted(texts, key=str.upper)
    assert list(sorted_texts(iter(texts), str.upper)) == expected
    monkeypatch.setattr(sorting, "RUN", 64)
    assert list(sorted_texts(iter(texts), str.upper, tmp_path)) == expected
    assert list(sorted_texts([], str.upper)) == []
    assert list(tmp_path.iterdir()) == []


def test_entries_of_a_folder_come_as_paths_sort(shapes):
    (shapes / "across-b").mkdir()
    (shapes / "across-b" / "1.png").write_bytes(b"")
    (shapes / "across" / "photo.heic").write_bytes(b"")
    (shapes / "across" / "notes.txt").write_text("no image")
    listing = find_images(shapes)
    expected = sorted([*listing.paths, *(path for path, _ in listing.unusable)])
    found = list(entries_of(str(shapes)))
    assert found == [str(path) for path in expected]
    assert image_of(found[0]) == (found[0], expected[0])
    pattern = list(entries_of(str(shapes / "*" / "1.png")))
    assert pattern == sorted(pattern)
    assert len(pattern) == 4


def test_entries_of_shards_are_all_their_images(shapes, tmp_path):
    pack(load_folder(shapes), tmp_path / "shards")
    loaded = load_shards(tmp_path / "shards")
    images = [image_of(entry) for entry in entries_of(str(tmp_path / "shards"))]
    splits = (loaded.train, loaded.validation, loaded.test)
    assert [name for name, _ in images] == [name for split in splits for name in split.names]
    assert [image.read() for _, image in images] == [
        image.read() for split in splits for image in split.images
    ]


@pytest.mark.parametrize(
    ("argument", "message"), [("{}", "holds no image"), ("{}/*.png", "No file matches")]
)
def test_entries_of_nothing_are_refused(tmp_path, argument, message):
    with pytest.raises(AppError, match=message):
        list(entries_of(argument.format(tmp_path)))


def test_pieces_of_a_list_are_its_images(shapes, tmp_path):
    file = tmp_path / "list"
    arguments = [str(shapes / "disc"), str(shapes)]
    images = write_list(arguments, file, 7)
    assert images.count == 48
    assert len(images) == 7
    names = [
        name
        for number in reversed(range(7))
        for name, _ in reversed(list(read_piece(file, images.piece(number))))
    ]
    assert names[::-1] == [entry for one in arguments for entry in entries_of(one)]
    assert write_list(arguments, file, 7) == images
    assert write_list(arguments[::-1], file, 7).digest != images.digest
    (shapes / "disc" / "0.png").rename(shapes / "disc" / "00.png")
    assert write_list(arguments, file, 7).digest != images.digest
