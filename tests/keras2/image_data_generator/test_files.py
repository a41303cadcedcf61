"""Which files are listed, and how they are read: the rule and the loader of `app.data`."""

import os
import shutil

import keras
import numpy as np
import pytest
from PIL import Image

from app.data.decoding import load_image
from app.errors import AppWarning
from app.keras2.image_data_generator import DirectoryIterator, ImageDataGenerator


def picture(path, size=(30, 20), seed=0, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.fixture
def animals(tmp_path):
    root = tmp_path / "animals"
    for k, name in enumerate(("cat/1.png", "cat/2.png", "dog/1.png")):
        picture(root / name, seed=k)
    return root


def names_of(root, **options):
    return ImageDataGenerator().flow_from_directory(root, (8, 8), **options).filenames


@pytest.mark.parametrize(
    "folder", [".ipynb_checkpoints", "__MACOSX", "@eaDir", ".git", "$RECYCLE.BIN", "__pycache__"]
)
def test_hidden_folders_are_neither_classes_nor_searched(animals, folder):
    picture(animals / folder / "x.png")
    picture(animals / "cat" / folder / "x.png")
    flow = ImageDataGenerator().flow_from_directory(animals, (8, 8), class_mode="binary")
    assert flow.class_indices == {"cat": 0, "dog": 1}
    assert flow.filenames == ["cat/1.png", "cat/2.png", "dog/1.png"]


@pytest.mark.parametrize("name", ["._1.png", ".1.png", ".DS_Store", "Thumbs.db", "notes.txt"])
def test_hidden_files_are_no_images(animals, name):
    (animals / "cat" / name).write_bytes(b"no image")
    assert names_of(animals) == ["cat/1.png", "cat/2.png", "dog/1.png"]


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        ("jfif", "JPEG"), ("jpe", "JPEG"), ("JPG", "JPEG"), ("Jpeg", "JPEG"), ("webp", "WEBP"),
        ("gif", "GIF"), ("TIF", "TIFF"), ("bmp", "BMP"), ("dib", "BMP"), ("pgm", "PPM"),
        ("PNG", "PNG"), ("apng", "PNG"),
    ],
)  # fmt: skip
def test_every_ending_of_the_loader_is_listed_and_read(animals, ending, kind):
    picture(animals / "dog" / f"2.{ending}", format=kind)
    flow = ImageDataGenerator().flow_from_directory(animals, (8, 8), shuffle=False)
    assert f"dog/2.{ending}" in flow.filenames
    assert len(next(flow)[0]) == 4
    frame = pytest.importorskip("pandas").DataFrame({"filename": [f"dog/2.{ending}"]})
    rows = ImageDataGenerator().flow_from_dataframe(frame, animals, class_mode=None)
    assert len(next(rows)) == 1


def test_files_are_listed_in_the_order_of_keras(legacy_class, tmp_path):
    for name in ("b/2.png", "b/10.png", "b/a/1.png", "b-c/1.png", "b/c d/1.png", "B/z.png"):
        picture(tmp_path / name)
    assert names_of(tmp_path) == legacy_class().flow_from_directory(tmp_path).filenames


def test_links_to_folders_are_followed_as_asked(animals, tmp_path):
    picture(tmp_path / "elsewhere" / "3.png")
    (animals / "cat" / "more").symlink_to(tmp_path / "elsewhere")
    (animals / "dog" / "linked.png").symlink_to(tmp_path / "elsewhere" / "3.png")
    assert names_of(animals) == ["cat/1.png", "cat/2.png", "dog/1.png", "dog/linked.png"]
    assert "cat/more/3.png" in names_of(animals, follow_links=True)


def test_flow_from_directory_with_circular_links_ends(animals):
    (animals / "cat" / "round").symlink_to(animals)
    assert len(names_of(animals, follow_links=True)) >= 3


def test_broken_links_are_named_and_left_out(animals):
    (animals / "cat" / "broken.png").symlink_to(animals / "nowhere.png")
    with pytest.warns(AppWarning, match=r"broken\.png"):
        assert names_of(animals) == ["cat/1.png", "cat/2.png", "dog/1.png"]


def test_named_pipes_are_named_and_left_out(animals):
    os.mkfifo(animals / "cat" / "pipe.png")
    with pytest.warns(AppWarning, match=r"pipe\.png"):
        assert len(names_of(animals)) == 3


@pytest.mark.parametrize("class_mode", [None, "input"])
def test_flat_folder_without_labels_is_read(tmp_path, class_mode):
    for k in range(3):
        picture(tmp_path / f"{k}.png", seed=k)
    (tmp_path / ".hidden").mkdir()
    flow = ImageDataGenerator().flow_from_directory(
        tmp_path, (8, 8), class_mode=class_mode, shuffle=False
    )
    assert flow.filenames == ["0.png", "1.png", "2.png"]
    assert (flow.samples, flow.num_classes, flow.class_indices) == (3, 0, {})
    batch = next(flow)
    assert (batch if class_mode is None else batch[1]).shape == (3, 8, 8, 3)


def test_flat_folder_with_labels_raises(tmp_path):
    picture(tmp_path / "0.png")
    with pytest.raises(ValueError, match="subfolder per class"):
        names_of(tmp_path)


def test_classes_may_name_the_folder_itself_as_in_keras(legacy_class, tmp_path):
    picture(tmp_path / "0.png")
    picture(tmp_path / "x" / "1.png")
    theirs = legacy_class().flow_from_directory(tmp_path, classes=["."], class_mode=None)
    ours = ImageDataGenerator().flow_from_directory(tmp_path, classes=["."], class_mode=None)
    assert ours.filenames == theirs.filenames
    assert ours.class_indices == theirs.class_indices


def test_directory_iterator_uses_the_formats_of_a_subclass(animals):
    class Portable(DirectoryIterator):
        white_list_formats = ("jpg",)

    picture(animals / "cat" / "3.jpg")
    assert Portable(animals, ImageDataGenerator(), (8, 8)).filenames == ["cat/3.jpg"]


# --- the loader

KINDS = [
    "sixteen.png",
    "sixteen.tif",
    "phone.jpg",
    "palette.png",
    "alpha.png",
    "cmyk.jpg",
    "la.png",
]


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    root = tmp_path_factory.mktemp("kinds") / "data" / "a"
    root.mkdir(parents=True)
    random = np.random.default_rng(0)
    ramp = np.linspace(0, 65535, 60 * 40).reshape(40, 60).astype(np.uint16)
    Image.fromarray(ramp).save(root / "sixteen.png")
    Image.fromarray(ramp).save(root / "sixteen.tif")
    colors = Image.fromarray(random.integers(0, 256, (40, 60, 3), np.uint8)).resize((60, 40))
    exif = Image.Exif()
    exif[0x0112] = 6
    colors.save(root / "phone.jpg", exif=exif)
    colors.quantize(16).save(root / "palette.png")
    clear = Image.fromarray(random.integers(0, 256, (40, 60, 4), np.uint8))
    clear.save(root / "alpha.png")
    clear.convert("LA").save(root / "la.png")
    colors.convert("CMYK").save(root / "cmyk.jpg")
    return root.parent


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize(("color_mode", "channels"), [("rgb", 3), ("grayscale", 1), ("rgba", 4)])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos"])
def test_files_are_read_by_the_one_loader(kinds, color_mode, channels, interpolation, data_format):
    flow = ImageDataGenerator(data_format=data_format).flow_from_directory(
        kinds, (16, 20), color_mode=color_mode, class_mode=None, shuffle=False,
        interpolation=interpolation,
    )  # fmt: skip
    batch = next(flow)
    assert sorted(flow.filenames) == sorted(f"a/{name}" for name in KINDS)
    for path, image in zip(flow.filepaths, batch, strict=True):
        from pathlib import Path

        expected = load_image(Path(path), (16, 20), channels, interpolation=interpolation)
        if data_format == "channels_first":
            image = image.transpose(1, 2, 0)
        np.testing.assert_array_equal(image, expected)
        if "sixteen" in path:
            assert len(np.unique(image[..., 0])) > 100


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos", "box"])
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("color_mode", ["rgb", "grayscale", "rgba"])
def test_plain_pictures_have_the_pixels_of_keras(tmp_path, interpolation, keep, color_mode):
    for k, size in enumerate([(30, 20), (17, 40), (12, 12), (90, 7)]):
        picture(tmp_path / "a" / f"{k}.png", size, seed=k)
    flow = ImageDataGenerator().flow_from_directory(
        tmp_path, (11, 13), class_mode=None, shuffle=False, interpolation=interpolation,
        keep_aspect_ratio=keep, color_mode=color_mode,
    )  # fmt: skip
    for path, image in zip(flow.filepaths, next(flow), strict=True):
        theirs = keras.utils.load_img(
            path, color_mode, (11, 13), interpolation, keep_aspect_ratio=keep
        )
        np.testing.assert_array_equal(image, keras.utils.img_to_array(theirs))


def test_quirks_read_files_as_keras(kinds, legacy_class):
    for color_mode in ("rgb", "rgba", "grayscale"):
        settings = {"color_mode": color_mode, "class_mode": None, "shuffle": False}
        theirs = legacy_class().flow_from_directory(kinds, (16, 20), **settings)
        quirks = ImageDataGenerator(legacy_quirks=True)
        ours = quirks.flow_from_directory(kinds, (16, 20), **settings)
        np.testing.assert_array_equal(next(ours), next(theirs))


def test_transparency_is_kept_in_rgba_and_composited_on_white_in_rgb(tmp_path):
    clear = np.zeros((8, 8, 4), np.uint8)
    clear[:, :4] = (255, 0, 0, 255)
    (tmp_path / "a").mkdir()
    Image.fromarray(clear).save(tmp_path / "a" / "x.png")
    read = {
        mode: next(
            ImageDataGenerator().flow_from_directory(
                tmp_path, (8, 8), color_mode=mode, class_mode=None
            )
        )[0]
        for mode in ("rgb", "rgba")
    }
    np.testing.assert_array_equal(read["rgba"], clear)
    assert (read["rgb"][:, 4:] == 255).all()


def test_a_file_that_vanishes_is_named_and_left_out(animals):
    flow = ImageDataGenerator().flow_from_directory(animals, (8, 8), class_mode=None)
    (animals / "cat" / "1.png").unlink()
    with pytest.warns(AppWarning, match=r"cat/1\.png"):
        assert len(next(flow)) == 2
    shutil.rmtree(animals)
    with pytest.warns(AppWarning), pytest.raises(ValueError, match="None of the 3 files"):
        next(flow)
