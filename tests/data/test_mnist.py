import gzip
import hashlib
import os
import struct
import tracemalloc

import numpy as np
import pytest

from app.data.mnist import has_mnist, load_mnist
from app.errors import AppError


def write_idx(path, array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes()))


@pytest.fixture
def small_mnist(tmp_path):
    folder = tmp_path / "mnist"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for stem, count in (("train", 5010), ("t10k", 7)):
        write_idx(folder / f"{stem}-images-idx3-ubyte.gz",
                  rng.integers(0, 256, (count, 28, 28), np.uint8))  # fmt: skip
        write_idx(folder / f"{stem}-labels-idx1-ubyte.gz", rng.integers(0, 10, count, np.uint8))
    return tmp_path


def test_the_last_5000_validate(small_mnist):
    assert has_mnist(small_mnist)
    splits = load_mnist(small_mnist)
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (10, 5000, 7)
    assert splits.train.images.shape == (10, 28, 28, 1)
    assert splits.validation.names[0] == "train/10"


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"<html>404</html>",
        lambda content: gzip.compress(b"\x00\x00\x08\x01\x00\x00\x00\x05ab"),
        lambda content: gzip.compress(b""),
        lambda content: gzip.compress(struct.pack(">HBBI", 0, 8, 1, 3) + b"abc"),
    ],
    ids=["cut", "html", "short", "empty", "other shape"],
)
def test_damaged_files_are_explained(small_mnist, damage):
    path = small_mnist / "mnist" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(AppError, match="data fetch mnist"):
        load_mnist(small_mnist)


def test_load_mnist_of_a_compression_bomb_reads_no_more_than_the_header_declares(small_mnist):
    bomb = gzip.compress(struct.pack(">HBBIII", 0, 8, 3, 7, 28, 28) + bytes(300_000_000))
    (small_mnist / "mnist" / "t10k-images-idx3-ubyte.gz").write_bytes(bomb)
    tracemalloc.start()
    with pytest.raises(AppError, match=r"shape \(7, 28, 28\), but it holds more than 5,488 bytes"):
        load_mnist(small_mnist)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("images", "labels", "text"),
    [
        ((7, 28, 28), [0, 1, 2, 3, 4, 5, 10], "holds the label 10"),
        ((7, 28, 28), [0] * 6, r"\(7, 28, 28\) and .* has \(6,\)"),
        ((7, 28, 27), [0] * 7, r"\(7, 28, 27\)"),
        ((7, 0, 0), [0] * 7, r"\(7, 0, 0\)"),
        ((0, 28, 28), [], "holds 0 images"),
        ((784,), [0] * 7, r"\(784,\)"),
    ],
)
def test_load_mnist_of_other_contents_says_what_is_wrong(small_mnist, images, labels, text):
    folder = small_mnist / "mnist"
    write_idx(folder / "t10k-images-idx3-ubyte.gz", np.zeros(images, np.uint8))
    write_idx(folder / "t10k-labels-idx1-ubyte.gz", np.array(labels, np.uint8))
    with pytest.raises(AppError, match=text) as caught:
        load_mnist(small_mnist)
    assert "from 0 to 9" in caught.value.expected


def test_load_mnist_needs_an_image_to_train_on_beside_those_that_validate(small_mnist):
    folder = small_mnist / "mnist"
    for stem, shape in (("images-idx3", (5000, 28, 28)), ("labels-idx1", (5000,))):
        write_idx(folder / f"train-{stem}-ubyte.gz", np.zeros(shape, np.uint8))
    with pytest.raises(AppError, match="holds 5,000 images"):
        load_mnist(small_mnist)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_load_mnist_never_waits_for_a_named_pipe(small_mnist):
    path = small_mnist / "mnist" / "t10k-images-idx3-ubyte.gz"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(AppError, match="a named pipe, not a regular file"):
        load_mnist(small_mnist)


def test_a_missing_file_is_explained(small_mnist):
    (small_mnist / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    assert not has_mnist(small_mnist)
    with pytest.raises(AppError, match="t10k-labels"):
        load_mnist(small_mnist)


def test_the_real_files(real_data):
    splits = load_mnist(real_data)
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (55_000, 5_000, 10_000)
    digest = hashlib.md5()
    # The checksum that the frameworks publish covers the file with its 16 bytes of header.
    digest.update(struct.pack(">HBBIII", 0, 8, 3, 60_000, 28, 28))
    digest.update(splits.train.images.tobytes() + splits.validation.images.tobytes())
    assert digest.hexdigest() == "6bbc9ace898e44ae57da46a324031adb"
    assert splits.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert splits.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
