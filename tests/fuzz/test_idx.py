"""Damaged MNIST files: refused, or read as digits of the declared kind."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from app.data import mnist
from app.errors import AppError
from tests.fuzz.conftest import Campaign
from tests.fuzz.mutation import mutants


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("damaged", ["images-idx3", "labels-idx1"])
def test_load_mnist_of_damaged_files_refuses_or_reads_digits(
    campaign: Campaign, damaged: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(mnist, "VALIDATION_IMAGES", 3)
    rng = np.random.default_rng(0)
    contents = {
        "images-idx3": idx(rng.integers(0, 256, (6, 28, 28), np.uint8)),
        "labels-idx1": idx(rng.integers(0, 10, 6, np.uint8)),
    }
    folder = tmp_path / "mnist"
    folder.mkdir()
    for stem, content in contents.items():
        for split in ("train", "t10k"):
            (folder / f"{split}-{stem}-ubyte").write_bytes(content)
    target = folder / f"train-{damaged}-ubyte"
    target.unlink()
    seeds = [contents[damaged]]
    if ending:  # the compressed file is damaged, or what it holds
        seeds = [gzip.compress(contents[damaged], mtime=0)]
    for number, content in enumerate(mutants(seeds, campaign.count)):
        if ending and number % 2:
            (content,) = mutants([contents[damaged]], 1, number)
            content = gzip.compress(content, 1, mtime=0)
        target.with_name(target.name + ending).write_bytes(content)
        try:
            splits = mnist.load_mnist(tmp_path)
        except AppError as error:
            assert error.expected
            assert error.fix
            campaign.note("refused")
            continue
        campaign.note("read")
        assert len(splits.train) >= 1
        assert len(splits.validation) == 3
        for name in ("train", "validation", "test"):
            examples = splits.split(name)
            assert examples.images.shape == (len(examples), 28, 28, 1)
            assert examples.labels.min() >= 0
            assert examples.labels.max() <= 9
