"""Import paths of earlier versions, which notebooks may still use."""

from importlib import import_module

import pytest


@pytest.mark.parametrize(
    ("former", "present"),
    [
        ("app.augmentation:ImageDataGenerator", "app.keras2:ImageDataGenerator"),
        ("app.inference:load", "app.classifier:load"),
        ("app.storage.keras2:load_keras2_model", "app.keras2:load_keras2_model"),
        ("app.storage.keras2:load_keras2_weights", "app.keras2:load_keras2_weights"),
        (
            "app.augmentation.generator.directory_iterator:DirectoryIterator",
            "app.keras2.image_data_generator.directory:DirectoryIterator",
        ),
    ],
)
def test_former_path_is_the_same_object(former, present):
    def object_at(path):
        module, name = path.split(":")
        return getattr(import_module(module), name)

    assert object_at(former) is object_at(present)


def test_open_model_is_an_inspected_classifier():
    from app.classifier.inspected_model import InspectedModel
    from app.insight import open_model

    assert isinstance(open_model("mnist-tiny"), InspectedModel)
