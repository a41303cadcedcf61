"""Images as arrays, Pillow images and file objects give the answer of their file."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.classifier import load
from app.classifier.image_sources import image_source, named_sources
from app.data.decoding import load_image
from app.errors import AppError


def pixels(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([(), (1,), (3,), (4,)]))
def test_image_source_of_an_array_decodes_to_what_its_png_file_does(height, width, channels):
    values = pixels(height, width, *channels)
    stream = io.BytesIO()
    Image.fromarray(values[..., 0] if channels == (1,) else values).save(stream, "PNG")
    for wanted in (1, 3):
        expected = load_image(stream.getvalue(), (9, 7), wanted)
        np.testing.assert_array_equal(load_image(image_source(values), (9, 7), wanted), expected)
    if channels == (3,):
        np.testing.assert_array_equal(load_image(image_source(values)), values)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "HSV",
             "YCbCr", "LAB", "I", "I;16", "F"]
)  # fmt: skip
def test_image_source_of_a_pillow_image_decodes_whatever_its_mode(mode):
    gray = Image.fromarray(pixels(6, 5))
    image = Image.new(mode, (5, 6)) if mode in ("PA", "La", "RGBa", "LAB") else gray.convert(mode)
    assert load_image(image_source(image)).shape == (6, 5, 3)


def test_image_source_of_a_pillow_image_keeps_transparency_and_orientation(tmp_path):
    image = Image.fromarray(pixels(6, 4, 4))
    image.putalpha(Image.new("L", (4, 6), 0))
    np.testing.assert_array_equal(load_image(image_source(image)), 255)
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(pixels(6, 4, 3)).save(tmp_path / "turned.png", exif=exif)
    with Image.open(tmp_path / "turned.png") as opened:
        found = load_image(image_source(opened))
    np.testing.assert_array_equal(found, load_image(tmp_path / "turned.png"))
    assert found.shape == (4, 6, 3)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pixels(4, 4, 3) / 255.0, r"float64, with values from 0(.|\n)*\(image \* 255\)\.round\(\)"),
        (pixels(4, 4, 3).astype("float32"), r"Convert it: image\.round\(\)\.astype\('uint8'\)"),
        (pixels(4, 4).astype("int64"), r"int64(.|\n)*astype\('uint8'\)"),
        (pixels(4, 4).astype("uint16") * 256, "Bring its values to 0–255"),
        (np.full((4, 4), np.nan), "float64, with values from nan"),
        (pixels(4, 4) > 9, "array of bool"),
        (pixels(4, 4).astype(complex), "array of complex128"),
        (np.array([["a"]]), "array of <U1"),
        (pixels(4, 4, 2), r"shape \(4, 4, 2\)"),
        (pixels(5, 8, 8), r"shape \(5, 8, 8\)(.|\n)*numpy\.newaxis"),
        (pixels(4), r"shape \(4,\)"),
        (pixels(0, 4), r"shape \(0, 4\)"),
        (np.uint8(3), "shape"),
        ({"a": 1}, "type dict"),
        (3, "type int"),
        (None, "type NoneType"),
        (io.StringIO("x"), "opened as text"),
        ([[1, 2], [3, 4]], "type list"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_named_sources_of_anything_else_says_what_it_got(values, text):
    with pytest.raises(AppError, match=text):
        list(named_sources(values))


def test_image_source_of_an_endless_file_object_stops_reading(monkeypatch):
    class Endless(io.RawIOBase):
        def read(self, count=-1):
            assert count > 0
            return b"x" * count

    monkeypatch.setattr("app.classifier.image_sources.MAX_FILE_BYTES", 1000)
    with pytest.raises(AppError, match="more than 1,000 bytes"):
        image_source(Endless())


def test_named_sources_names_images_by_position(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(pixels(4, 4)).save(path)
    mixed = (one for one in [path, pixels(2, 4, 4, 3), str(path), path.read_bytes()])
    names = [name for name, _ in named_sources(mixed)]
    assert names == [str(path), "image 1", "image 2", str(path), "image 4"]
    assert [name for name, _ in named_sources(pixels(3, 4, 4, 1))] == [
        f"image {k}" for k in range(3)
    ]
    assert [name for name, _ in named_sources([])] == []
    with path.open("rb") as file:
        assert dict(named_sources(file)) == {"image 0": path.read_bytes()}


def test_predict_of_arrays_and_pillow_images_equals_that_of_the_file(shapes_model):
    folder, data = shapes_model
    classifier = load(folder)
    path = data / "disc" / "0.png"
    values = np.asarray(Image.open(path))
    (expected,) = classifier.predict(path)
    found = classifier.predict([values, Image.open(path), io.BytesIO(path.read_bytes()), path])
    found += classifier.predict(np.stack([values, values]))
    found += classifier.predict(values)
    assert [one.probabilities for one in found] == [expected.probabilities] * 7


def test_predict_of_a_digit_as_an_array_finds_it_as_in_its_file(tmp_path):
    page = np.full((120, 90), 250, np.uint8)
    page[30:90, 40:48] = 20  # a one
    Image.fromarray(page).save(tmp_path / "page.png")
    classifier = load("mnist-tiny")
    file, array, three = classifier.predict(
        [tmp_path / "page.png", page, np.stack([page] * 3, axis=-1)]
    )
    assert file.probabilities == array.probabilities == three.probabilities
    model = load("mnist-tiny").inspect()
    np.testing.assert_array_equal(model.load_image(page), model.load_image(tmp_path / "page.png"))


def test_repr_of_public_objects_is_short(shapes_model):
    from app.evaluate import evaluate

    folder, data = shapes_model
    classifier = load(folder)
    (found,) = classifier.predict(data / "disc" / "0.png")
    name = folder.name
    assert repr(classifier) == f"<Classifier {name}: across, disc, down; 32×32×3; litert>"
    assert (
        repr(load(folder).inspect())
        == f"<InspectedModel {name}: across, disc, down; 32×32×3; keras>"
    )
    assert repr(classifier.card).startswith(f"<Card {name}: across, disc, down; 20")
    assert repr(found) == f"<Prediction {found.image}: disc, {found.probability:.1%}>"
    measured = evaluate(classifier)
    assert len(repr(measured)) < 150
    assert measured.split == "test"
    assert f"accuracy {measured.evaluation.accuracy:.2%}" in repr(measured)
