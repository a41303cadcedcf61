import json

import pytest

from app.augmentation.augmentation import Augmentation
from app.augmentation.parsing import parse_augmentation, read_augmentation
from app.errors import AppError
from app.registries import AUGMENTATIONS


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_names(name):
    assert parse_augmentation(name) is AUGMENTATIONS.load(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rotation_range=15,zoom_range=.1", Augmentation(rotation_range=15, zoom_range=0.1)),
        ("zoom_range=[.9, 1.1], mixup=.2", Augmentation(zoom_range=[0.9, 1.1], mixup=0.2)),
        ("zoom_range=(.9,1.1)", Augmentation(zoom_range=(0.9, 1.1))),
        ("vertical_flip=true,fill_mode=wrap", Augmentation(vertical_flip=True, fill_mode="wrap")),
        ("horizontal_flip=True,vertical_flip=False", Augmentation(horizontal_flip=True)),
        ("brightness_range=none", Augmentation()),
        ("height_shift_range=[-3,0,3]", Augmentation(height_shift_range=[-3, 0, 3])),
    ],
)  # fmt: skip
def test_settings(text, expected):
    assert parse_augmentation(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "lektion", "rotation=15", "rotation_range=", "rotation_range=x1", "rotation_range=15,",
        "rotation_range=15 zoom_range=2", "zoom_range=[1,2", "rotation_range=1,rotation_range=2",
        "zoom_range=-1", "fill_mode=mirror", "horizontal_flip=1", "rotation_range=-4",
        "rotation_range={[]:1}", f"rotation_range={'9' * 400}", "interpolation_order=3.0",
    ],
)  # fmt: skip
def test_bad_text_is_explained(text):
    with pytest.raises(AppError, match="--augment"):
        parse_augmentation(text)


@pytest.mark.parametrize("name", [name for name in AUGMENTATIONS if name != "none"])
def test_parse_augmentation_of_its_own_text_returns_it(name):
    assert parse_augmentation(str(AUGMENTATIONS.load(name))) == AUGMENTATIONS.load(name)


def test_read_augmentation_returns_settings_as_text(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"rotation_range": 15, "zoom_range": [0.9, 1.1]}))
    assert read_augmentation(path) == "rotation_range=15,zoom_range=[0.9,1.1]"
    path.write_text("{}")
    assert parse_augmentation(read_augmentation(path)) is None


@pytest.mark.parametrize("content", ["{", "[1]", '{"rotation": 2}', '{"zoom_range": [2, 1]}', "3"])
def test_a_bad_file_is_explained(tmp_path, content):
    path = tmp_path / "mine.json"
    path.write_text(content)
    with pytest.raises(AppError, match=r"mine\.json"):
        read_augmentation(path)
    with pytest.raises(AppError, match=r"none\.json"):
        read_augmentation(tmp_path / "none.json")
