"""`save_to_dir`: names as in Keras 2, and no file is ever overwritten."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.keras2.image_data_generator import ImageDataGenerator


@pytest.mark.parametrize("quirks", [False, True])
@pytest.mark.parametrize("ending", ["png", "jpg", "jpeg", "bmp", "tiff", "JPG"])
def test_pictures_are_saved_under_names_of_keras(noise, tmp_path, ending, quirks):
    images = noise(3, 6, 6, 3)
    flow = ImageDataGenerator(legacy_quirks=quirks).flow(
        images, shuffle=False, save_to_dir=tmp_path, save_prefix="seen", save_format=ending
    )
    next(flow)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert [re.sub(r"_\d+\.", "_#.", name) for name in names] == [
        f"seen_{k}_#.{ending}" for k in range(3)
    ]
    if ending == "png":
        for name, image in zip(names, images, strict=True):
            stretched = (image - image.min()) / np.ptp(image) * 255
            np.testing.assert_allclose(np.asarray(Image.open(tmp_path / name)), stretched, atol=1)


@pytest.mark.parametrize("quirks", [False, True])
def test_pictures_of_many_flows_are_all_kept(noise, tmp_path, quirks):
    generator = ImageDataGenerator(rotation_range=30, legacy_quirks=quirks)
    for _ in range(40):
        flow = generator.flow(noise(1, 6, 6, 3), seed=1, save_to_dir=str(tmp_path))
        for _ in range(3):
            next(flow)
    assert len(list(tmp_path.iterdir())) == 120


def test_pictures_are_never_overwritten_where_names_are_used_up(noise, tmp_path, monkeypatch):
    flow = ImageDataGenerator().flow(noise(1, 4, 4, 1), save_to_dir=tmp_path)
    monkeypatch.setattr(type(flow), "_NAMES", 2)
    kept = tmp_path / "_0_0.png"
    kept.write_bytes(b"mine")
    for _ in range(6):
        next(flow)
    assert len(list(tmp_path.iterdir())) == 7
    assert kept.read_bytes() == b"mine"


def test_saving_does_not_move_numpys_random_stream(noise, tmp_path):
    drawn = []
    for where in (None, tmp_path):
        np.random.seed(0)
        next(ImageDataGenerator().flow(noise(2, 4, 4, 1), save_to_dir=where))
        drawn.append(np.random.random())
    assert drawn[0] == drawn[1]


def test_pictures_with_transparency_are_saved_as_jpeg(noise, tmp_path):
    next(ImageDataGenerator().flow(noise(2, 4, 4, 4), save_to_dir=tmp_path, save_format="jpg"))
    assert len(list(tmp_path.iterdir())) == 2


def test_failed_save_leaves_no_file(noise, tmp_path, monkeypatch):
    from app.keras2.image_data_generator import transformed_batches

    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def write(self, content):
            raise OSError(28, "No space left on device")

    def opened(path, mode):
        path.touch(exist_ok=False)
        return Full()

    monkeypatch.setattr(transformed_batches.Path, "open", opened)
    flow = ImageDataGenerator().flow(noise(1, 4, 4, 1), save_to_dir=tmp_path)
    with pytest.raises(OSError, match="No space"):
        next(flow)
    assert not list(tmp_path.iterdir())


_SAVING = """
import sys, numpy as np
from app.keras2.image_data_generator import ImageDataGenerator
flow = ImageDataGenerator().flow(np.zeros((2, 4, 4, 1)), seed=0, save_to_dir=sys.argv[1])
for _ in range(50):
    next(flow)
"""


@pytest.mark.slow
def test_processes_with_one_seed_do_not_overwrite_each_other(tmp_path):
    command = [sys.executable, "-c", _SAVING, str(tmp_path)]
    root = Path(__file__).parents[3]
    running = [subprocess.Popen(command, cwd=root) for _ in range(2)]
    assert [process.wait(timeout=300) for process in running] == [0, 0]
    assert len(list(tmp_path.iterdir())) == 200


@pytest.mark.parametrize("ending", ["picture", "", "psd"])
def test_flow_with_an_unwritable_save_format_raises(noise, tmp_path, ending):
    with pytest.raises(ValueError, match="save_format"):
        ImageDataGenerator().flow(noise(1, 4, 4, 1), save_to_dir=tmp_path, save_format=ending)
