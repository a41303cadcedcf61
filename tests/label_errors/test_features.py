"""Labels checked with the features of a saved model, which must not know them."""

from dataclasses import replace

import pytest

from app.data.folder import load_folder
from app.errors import AppError
from app.label_errors.check import CheckOptions, check_labels


@pytest.mark.slow
def test_errors_are_found_with_features_of_a_model_of_other_images(shapes_model, shapes, tmp_path):
    model, _ = shapes_model
    wrong = shapes / "down" / "was-disc.png"
    (shapes / "disc" / "3.png").rename(wrong)
    options = CheckOptions(3, None, tmp_path, str(model))
    check = check_labels(load_folder(shapes), str(shapes), options)
    assert len(check.images) == 36
    row = check.row(check.found.ranked[0])
    assert (row["image"], row["label"], row["suggested"]) == ("down/was-disc.png", "down", "disc")
    assert check.probabilities.sum(axis=1) == pytest.approx(1)
    assert not list(tmp_path.glob("*.npz"))


@pytest.mark.slow
def test_of_a_model_s_own_images_only_those_of_its_test_split_are_checked(shapes_model, tmp_path):
    model, folder = shapes_model
    data = load_folder(folder)
    check = check_labels(data, str(folder), CheckOptions(2, None, tmp_path, str(model)))
    assert list(check.images.names) == list(data.test.names)


@pytest.mark.slow
def test_a_model_that_may_have_seen_the_images_is_refused(shapes_model, tmp_path):
    model, folder = shapes_model
    data = load_folder(folder)
    changed = replace(data, test=data.validation)
    with pytest.raises(AppError, match="whose test images have changed since"):
        check_labels(changed, str(folder), CheckOptions(2, None, tmp_path, str(model)))
