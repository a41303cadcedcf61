import numpy as np
import psutil
import pytest

from app.data.dataset import Split
from app.data.folder import load_folder
from app.data.pixels import Decoder, StreamedImages, fits_in_memory
from app.errors import AppError


def test_memory_and_stream_give_the_same_pixels(shapes):
    splits = load_folder(shapes)
    common = {"size": (20, 24), "channels": 3, "workers": 3}
    kept = Decoder(in_memory=True, **common).decode(splits.train, splits.class_names)
    streamed = Decoder(in_memory=False, **common).decode(splits.train, splits.class_names)
    assert isinstance(kept.images, np.ndarray)
    assert isinstance(streamed.images, StreamedImages)
    some = np.array([3, 0, 7])
    np.testing.assert_array_equal(kept.images[some], streamed.images[some])
    assert kept.images.shape == (len(splits.train), 20, 24, 3)


@pytest.mark.parametrize("in_memory", [True, False])
def test_bad_files_are_left_out_and_listed_never_deleted(shapes, in_memory):
    bad = {"across/0.png": b"", "disc/1.png": b"text", "down/2.png": b"\x89PNG\r\n\x1a\n"}
    for name, content in bad.items():
        (shapes / name).write_bytes(content)
    splits = load_folder(shapes)
    skipped = []
    for split in (splits.train, splits.validation, splits.test):
        decoder = Decoder((8, 8), 3, in_memory=in_memory, workers=2)
        decoded = decoder.decode(split, splits.class_names)
        assert len(decoded.images) == len(decoded.examples) == len(split) - len(decoded.skipped)
        assert not {name for name, _ in decoded.skipped} & set(decoded.examples.names)
        skipped += decoded.skipped
    assert {name for name, _ in skipped} == set(bad)
    assert all(reason for _, reason in skipped)
    assert all((shapes / name).read_bytes() == content for name, content in bad.items())


def test_a_class_without_a_readable_image_is_fatal(shapes):
    for path in (shapes / "disc").iterdir():
        path.write_text("no image")
    splits = load_folder(shapes)
    with pytest.raises(AppError, match="class 'disc'"):
        Decoder((8, 8), 3, in_memory=True, workers=1).decode(splits.train, splits.class_names)


@pytest.mark.parametrize("in_memory", [True, False])
def test_arrays_are_resized_by_the_same_rule(in_memory):
    from PIL import Image

    from app.data.dataset import Split

    pixels = np.random.default_rng(0).integers(0, 256, (2, 28, 28, 1), np.uint8)
    decoded = Decoder((14, 20), 3, in_memory, workers=1).decode(
        Split(pixels, np.array([0, 1]), ["a", "b"]), ["a", "b"]
    )
    expected = Image.fromarray(pixels[1, ..., 0]).convert("RGB").resize((20, 14), 2)
    np.testing.assert_array_equal(decoded.images[np.array([1])][0], np.asarray(expected))
    assert isinstance(decoded.images, np.ndarray) is in_memory


def test_too_many_pixels_for_the_memory_are_said(shapes, monkeypatch):
    def too_much(*_):
        raise MemoryError

    examples = load_folder(shapes).train
    monkeypatch.setattr(np, "empty", too_much)
    with pytest.raises(AppError, match=r"images of 40×40 pixels need 0\.0 GB of memory") as refusal:
        Decoder((40, 40), 3, in_memory=True, workers=1).decode(examples, ("a", "b", "c"))
    assert "--cache stream" in str(refusal.value)


def test_the_choice_goes_by_free_memory(monkeypatch):
    class Memory:
        available = 1_000_000

    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory)
    assert fits_in_memory(10, (100, 100), 3)
    assert not fits_in_memory(20, (100, 100), 3)


def test_streaming_keeps_memory_flat(tmp_path):
    """Memory is that of the few batches that are prepared ahead, not that of all images."""
    import tracemalloc

    from app.data.batches import Batches
    from tests.conftest import write_shapes

    splits = load_folder(write_shapes(tmp_path / "many", count=60))
    batch = 2 * 200 * 200 * 3  # bytes
    tracemalloc.start()
    decoder = Decoder((200, 200), 3, in_memory=False, workers=2)
    decoded = decoder.decode(splits.train, splits.class_names)
    number = 0
    for images, _ in Batches(decoded.images, decoded.examples.labels, 2, workers=2):
        assert images.nbytes == batch
        number += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Four ahead and the one in use, each once more while it is put together.
    assert peak < 12 * batch < number * batch / 2


def test_the_same_examples_in_another_size(shapes):
    splits = load_folder(shapes)
    decoder = Decoder((16, 16), 3, in_memory=True, workers=1)
    decoded = decoder.decode(splits.test, splits.class_names)
    wanted = Decoder((24, 24), 3, in_memory=True, workers=1).decode(splits.test, splits.class_names)
    every = np.arange(len(decoded.examples))
    np.testing.assert_array_equal(decoded.at((24, 24), 3).images[every], wanted.images[every])


def test_arrays_in_another_size():
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 1), np.uint8)
    examples = Split(images, np.zeros(4, np.int64), ["a"] * 4)
    decoded = Decoder((8, 8), 1, in_memory=True, workers=1).decode(examples, ("a",))
    assert decoded.at((12, 12), 1).images[np.arange(4)].shape == (4, 12, 12, 1)
