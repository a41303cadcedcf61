"""Datasets in tar files: what is written, what is read, and what is refused."""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.data.dataset import SPLIT_NAMES, Dataset, Split
from app.data.decoding import UndecodableImage, load_image
from app.data.folder import load_folder
from app.data.registry import load_dataset
from app.data.shards.loading import load_shards, verify_shards
from app.data.shards.packing import pack
from app.errors import AppError
from tests.conftest import write_shapes


def arrays(counts=(9, 4, 3), side=5, channels=1, seed=0):
    """Return a dataset of random pixels."""
    rng = np.random.default_rng(seed)
    splits = []
    for count in counts:
        pixels = rng.integers(0, 256, (count, side, side + 1, channels), np.uint8)
        names = [f"a/b ü {number}" for number in range(count)]
        splits.append(Split(pixels, np.arange(count) % 3, names))
    return Dataset("random", *splits, ("x", "y", "z ü"), channels, "random numbers")


@pytest.fixture
def packed(tmp_path):
    """A folder of files, its shards, and the folder they were packed from."""
    files = write_shapes(tmp_path / "shapes")
    pack(load_folder(files), tmp_path / "shards", shard_bytes=4_000)
    return files, tmp_path / "shards"


def test_shards_of_files_are_the_dataset_of_the_folder(packed):
    files, folder = packed
    before, after = load_folder(files), load_dataset(str(folder), folder)
    assert (after.class_names, after.channels) == (before.class_names, before.channels)
    for name in SPLIT_NAMES:
        one, other = before.split(name), after.split(name)
        np.testing.assert_array_equal(one.labels, other.labels)
        assert list(one.names) == list(other.names)
        for path, image in zip(one.images, other.images, strict=True):
            assert image.read() == path.read_bytes()
            assert image.ending == path.suffix
            np.testing.assert_array_equal(load_image(path), load_image(image))
    assert len(list(folder.glob("train-*.tar"))) > 1
    assert verify_shards(folder) == sum(len(before.split(name)) for name in SPLIT_NAMES)


def test_tar_reads_names_labels_and_files(packed):
    _, folder = packed
    dataset = load_shards(folder)
    members = []
    for path in sorted(folder.glob("train-*.tar")):
        with tarfile.open(path) as tar:
            members += [(member.name, tar.extractfile(member).read()) for member in tar]
    train = dataset.train
    assert len(members) == 3 * len(train)
    for number, (name, label, image) in enumerate(zip(*[iter(members)] * 3, strict=True)):
        key = f"{number:08}"
        assert name == (f"{key}.txt", train.names[number].encode())
        assert label == (f"{key}.cls", b"%d" % train.labels[number])
        assert image == (f"{key}.png", train.images[number].read())


# In a process of its own: it leaves files open.
_WEBDATASET = """
import hashlib, json, sys, webdataset
found = webdataset.WebDataset(sys.argv[1:], shardshuffle=False)
print(json.dumps([
    (one["cls"].decode(), one["txt"].decode(), hashlib.sha256(one["png"]).hexdigest())
    for one in found
]))
"""
# In a process of its own, too: its threads outlive it.
_DATASETS = """
import hashlib, json, os, sys, datasets
found = datasets.load_dataset(
    "webdataset", data_files=sys.argv[1:], split="train", streaming=True
).decode(False)
print(json.dumps([
    (str(one["cls"]), one["txt"], hashlib.sha256(one["png"]["bytes"]).hexdigest())
    for one in found
]), flush=True)
os._exit(0)
"""


@pytest.mark.parametrize(
    ("package", "script"), [("webdataset", _WEBDATASET), ("datasets", _DATASETS)]
)
def test_other_packages_read_the_same(packed, tmp_path, package, script):
    if not find_spec(package):
        pytest.skip(f"{package} is not installed")
    _, folder = packed
    shards = sorted(map(str, folder.glob("train-*.tar")))
    done = subprocess.run(
        [sys.executable, "-c", script, *shards],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)},
        cwd=tmp_path,  # the project has a folder `datasets`
        capture_output=True,
        text=True,
        check=True,
    )
    train = load_shards(folder).train
    assert json.loads(done.stdout) == [
        [str(label), name, hashlib.sha256(image.read()).hexdigest()]
        for label, name, image in zip(train.labels, train.names, train.images, strict=True)
    ]


@settings(max_examples=25, deadline=None)
@given(
    counts=st.tuples(*[st.integers(3, 12)] * 3),
    side=st.integers(1, 40),
    channels=st.sampled_from([1, 3]),
    shard_bytes=st.integers(1, 20_000),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_order_gives_the_pixels_that_were_packed(
    tmp_path_factory, counts, side, channels, shard_bytes, seed
):
    dataset = arrays(counts, side, channels, seed)
    folder = tmp_path_factory.mktemp("shards") / "new"
    pack(dataset, folder, shard_bytes=shard_bytes)
    loaded = load_shards(folder)
    order = np.random.default_rng(seed).permutation(counts[0])
    taken = loaded.train.take(order)
    np.testing.assert_array_equal(taken.labels, dataset.train.labels[order])
    assert list(taken.names) == [dataset.train.names[k] for k in order]
    pixels = [load_image(image, channels=channels) for image in taken.images]
    np.testing.assert_array_equal(np.stack(pixels), dataset.train.pixels[order])


def test_the_same_dataset_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        pack(arrays(), tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    pack(arrays(seed=1), tmp_path / "three")
    one, two, three = (
        load_shards(tmp_path / name).fingerprints() for name in ("one", "two", "three")
    )
    assert one == two
    assert all(three[split] != found for split, found in one.items())


def test_nothing_is_read_before_it_is_asked_for(packed):
    _, folder = packed
    train = load_shards(folder).train
    for path in folder.glob("*.tar"):
        path.unlink()
    assert len(train.take(np.arange(3)[::-1]).images[:2]) == 2
    with pytest.raises(UndecodableImage, match="No such file"):
        load_image(train.images[0])


def test_unreadable_files_are_left_out_and_named(tmp_path):
    files = write_shapes(tmp_path / "shapes")
    train = load_folder(files).train
    broken = train.images[2]
    broken.unlink()
    dataset = load_folder(files)
    missing = Split([*dataset.train.images, broken], np.append(dataset.train.labels, 0),
                    [*dataset.train.names, "gone"])  # fmt: skip
    found = pack(
        Dataset("d", missing, dataset.validation, dataset.test, dataset.class_names, 1, "here"),
        tmp_path / "new",
    )
    assert found == ("gone",)
    assert len(load_shards(tmp_path / "new").train) == len(missing) - 1


def change(path, position, value=None):
    content = bytearray(path.read_bytes())
    content[position] = content[position] ^ 255 if value is None else value
    path.write_bytes(content)


def test_a_changed_byte_is_found_when_it_is_read_and_by_verify(packed):
    _, folder = packed
    train = load_shards(folder).train
    row = train.images.rows[1]
    change(folder / f"train-{row['shard']:06}.tar", int(row["offset"]) + 20)
    load_image(train.images[0])
    with pytest.raises(UndecodableImage, match="other content than when it was packed"):
        load_image(train.images[1])
    with pytest.raises(AppError, match="1 of 36 images") as refusal:
        verify_shards(folder)
    assert "train 1: its shard has other content" in refusal.value.received


def test_a_changed_label_in_a_tar_file_is_found_by_verify(packed):
    _, folder = packed
    with tarfile.open(folder / "test-000000.tar") as tar:
        member = next(one for one in tar if one.name.endswith(".cls"))
    change(folder / "test-000000.tar", member.offset_data, ord("7"))
    with pytest.raises(AppError, match="is not what the index has there"):
        verify_shards(folder)


def edit(change):
    def edited(folder):
        content = json.loads((folder / "shards.json").read_text("utf-8"))
        change(content)
        (folder / "shards.json").write_text(json.dumps(content))

    return edited


def truncate(name):
    def truncated(folder):
        path = folder / name
        path.write_bytes(path.read_bytes()[:-100])

    return truncated


def swap_indexes(folder):
    one, other = folder / "train.index.npy", folder / "test.index.npy"
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def pickled(folder):
    np.save(folder / "train.index.npy", np.array([{}], object), allow_pickle=True)


DAMAGE = {
    "truncated shard": (truncate("train-000000.tar"), "truncated, or another file"),
    "missing shard": (lambda folder: (folder / "test-000000.tar").unlink(), "is missing"),
    "truncated index": (truncate("train.index.npy"), "cannot be used"),
    "missing index": (lambda folder: (folder / "test.index.npy").unlink(), "cannot be used"),
    "pickled index": (pickled, "cannot be used"),
    "other index": (swap_indexes, "disagrees"),
    "other version": (edit(lambda c: c.update(format="convlab shards 2")), "has the format"),
    "foreign file": (lambda folder: (folder / "shards.json").write_text("[]"), "cannot be used"),
    "no JSON": (lambda folder: (folder / "shards.json").write_text("{"), "cannot be used"),
    "missing split": (edit(lambda c: c["splits"].pop("test")), "cannot be used"),
    "path outside": (
        edit(lambda c: c["splits"]["test"][0].update(file="../x.tar")), "cannot be used"
    ),
    "one class": (edit(lambda c: c.update(class_names=["a"])), "cannot be used"),
    "fewer classes": (edit(lambda c: c.update(class_names=["a", "b"])), "disagrees"),
    "other counts": (
        edit(lambda c: c["splits"]["test"][0].update(images=2)), "disagrees"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_folders_are_refused_with_the_file(packed, kind):
    _, folder = packed
    damage, expected = DAMAGE[kind]
    damage(folder)
    with pytest.raises(AppError) as refusal:
        load_dataset(str(folder), folder)
    text = f"{refusal.value.received} {refusal.value.expected}"
    assert expected in text
    assert str(folder) in text
    assert "Pack the images again" in refusal.value.fix


def test_packing_replaces_nothing_and_leaves_nothing_behind(packed, monkeypatch, tmp_path):
    files, folder = packed
    with pytest.raises(AppError, match="exists"):
        pack(load_folder(files), folder)
    monkeypatch.setattr("app.data.shards.packing.hash_of", lambda content: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pack(load_folder(files), tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shapes", "shards"]


def test_images_become_files_again(packed, tmp_path):
    from app.data.extracting import extract

    _, folder = packed
    train = load_shards(folder).train
    extract(train, ("a", "b", "c"), tmp_path / "again")
    written = sorted((tmp_path / "again").rglob("*.png"), key=lambda path: path.name)
    assert [path.read_bytes() for path in written] == [image.read() for image in train.images]
    with Image.open(written[0]) as image:
        assert image.size == (40, 40)


def test_arrays_become_png_files_again(tmp_path):
    from app.data.extracting import extract

    pack(arrays(), tmp_path / "shards")
    loaded = load_shards(tmp_path / "shards")
    extract(loaded.train, loaded.class_names, tmp_path / "again")
    files = [path for path in (tmp_path / "again").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".png"}


def test_extracting_a_damaged_shard_is_an_error_with_the_image(packed, tmp_path):
    from app.data.extracting import extract

    _, folder = packed
    train = load_shards(folder).train
    row = train.images.rows[0]
    change(folder / f"train-{row['shard']:06}.tar", int(row["offset"]) + 20)
    with pytest.raises(AppError, match="cannot be read: its shard has other content"):
        extract(train, ("a", "b", "c"), tmp_path / "again")
    assert not (tmp_path / "again").exists()


def member_of(folder, ending):
    with tarfile.open(folder / "test-000000.tar") as tar:
        return next(one for one in tar if one.name.endswith(ending))


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (lambda folder: 10, "is damaged"),
        (lambda folder: member_of(folder, ".txt").offset_data, "is not what the index has there"),
        (
            lambda folder: member_of(folder, ".png").offset + 3,
            "is not what the index has|is damaged|in no readable part",
        ),
    ],
)
def test_damaged_headers_and_names_are_found_by_verify(packed, position, expected):
    _, folder = packed
    change(folder / "test-000000.tar", position(folder))
    with pytest.raises(AppError, match=expected):
        verify_shards(folder)


def test_taking_keeps_labels_that_were_given_anew(packed):
    _, folder = packed
    dataset = load_shards(folder).with_classes_of(("down", "disc", "across"))
    taken = dataset.train.take(np.arange(5))
    np.testing.assert_array_equal(taken.labels, dataset.train.labels[:5])
