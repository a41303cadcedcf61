import os

import numpy as np
import pytest
from PIL import Image

from app.data.folder import load_folder
from app.errors import AppError
from tests.conftest import latin_1
from tests.reporters import RecordingReporter


def fill(folder, count, mode="RGB"):
    folder.mkdir(parents=True)
    for i in range(count):
        Image.new(mode, (4, 4)).save(folder / f"{i}.png")


def counts(splits):
    return {name: np.bincount(splits.split(name).labels).tolist() for name in
            ("train", "validation", "test")}  # fmt: skip


def test_classes_are_split_alike_and_disjointly(tmp_path):
    for name, count in (("b", 40), ("a", 20)):
        fill(tmp_path / name, count)
    splits = load_folder(tmp_path)
    assert splits.class_names == ("a", "b")
    assert counts(splits) == {"train": [14, 28], "validation": [3, 6], "test": [3, 6]}
    every = [p for s in ("train", "validation", "test") for p in splits.split(s).images]
    assert len(set(every)) == 60
    assert splits.channels == 3
    again = load_folder(tmp_path)
    assert again.fingerprints() == splits.fingerprints()


def test_given_splits_are_taken_as_they_are(tmp_path):
    for split, count in (("train", 5), ("val", 2), ("test", 3)):
        for name in ("x", "y"):
            fill(tmp_path / split / name, count)
    assert counts(load_folder(tmp_path)) == {"train": [5, 5], "validation": [2, 2], "test": [3, 3]}


def test_capitals_and_other_names_of_splits(tmp_path):
    for split, count in (("Training_Set", 5), ("Test_Set", 3)):
        for name in ("x", "y"):
            fill(tmp_path / split / name, count)
    assert counts(load_folder(tmp_path))["test"] == [3, 3]


def test_a_train_may_be_a_class(tmp_path):
    for name in ("bus", "car", "train"):
        fill(tmp_path / name, 5)
    assert load_folder(tmp_path).class_names == ("bus", "car", "train")


def test_a_test_may_be_a_class_too(tmp_path):
    for name in ("dev/inner", "live"):
        fill(tmp_path / name, 4)
    assert load_folder(tmp_path).class_names == ("dev", "live")


def test_a_missing_split_comes_from_training(tmp_path):
    for name in ("x", "y"):
        fill(tmp_path / "train" / name, 20)
        fill(tmp_path / "test" / name, 4)
    assert counts(load_folder(tmp_path)) == {
        "train": [17, 17], "validation": [3, 3], "test": [4, 4],
    }  # fmt: skip


def test_three_images_are_enough(tmp_path):
    for name in ("x", "y"):
        fill(tmp_path / name, 3)
    assert counts(load_folder(tmp_path)) == {"train": [1, 1], "validation": [1, 1], "test": [1, 1]}


def test_gray_images_make_a_gray_dataset(tmp_path):
    for name in ("x", "y"):
        fill(tmp_path / name, 4, "L")
    assert load_folder(tmp_path).channels == 1


def test_hidden_files_are_ignored_and_subfolders_searched(tmp_path):
    for name in ("x", "y"):
        fill(tmp_path / name, 5)
        fill(tmp_path / name / "more", 5)
        (tmp_path / name / ".DS_Store").write_text("x")
    (tmp_path / ".git").mkdir()
    assert sum(map(sum, counts(load_folder(tmp_path)).values())) == 20


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda root: None, "is no folder"),
        (lambda root: root.write_text("x"), "is a file"),
        (lambda root: root.mkdir(), "no class folders"),
        (lambda root: fill(root / "one", 4), "one class folder: one"),
        (lambda root: (fill(root / "one", 4), (root / "two").mkdir()), "without images: two"),
        (lambda root: (fill(root / "one", 4), fill(root / "two", 2)), "too few images"),
        (
            lambda root: [fill(root / name, 4) for name in ("train/a", "train/b", "test/c")],
            "lacks: c",
        ),
        (
            lambda root: [fill(root / name, 4) for name in ("val/a", "val/b", "test/a", "test/b")],
            "test and val, but no images to train on",
        ),
        (lambda root: [fill(root / n, 4) for n in ("a", latin_1("Müll"))], "cannot be written"),
    ],
)  # fmt: skip
def test_unusable_folders_are_explained(tmp_path, make, text):
    root = tmp_path / "root"
    make(root)
    with pytest.raises(AppError, match=text) as caught:
        load_folder(root)
    assert "Expected" in str(caught.value)


def doubts(root):
    reporter = RecordingReporter()
    splits = load_folder(root, reporter)
    return splits, reporter.warnings


def two_classes(root, count=150):
    for name in ("cat", "dog"):
        fill(root / name, count)
    return root


def test_load_folder_of_ordinary_images_has_no_doubts(tmp_path):
    splits, messages = doubts(two_classes(tmp_path / "pets"))
    assert messages == []
    assert splits.left_out == ()


def test_load_folder_names_what_it_leaves_out(tmp_path):
    root = two_classes(tmp_path / "pets")
    (root / "cat" / "phone.heic").write_bytes(b"x")
    (root / "dog" / "broken.png").symlink_to("nowhere.png")
    (root / "dog" / "notes.txt").write_text("x")
    (root / "dog" / "Thumbs.db").write_text("x")
    splits, messages = doubts(root)
    assert dict(splits.left_out) == {
        "cat/phone.heic": "HEIC pictures are not read; save it as JPEG or PNG",
        "dog/broken.png": "a broken link",
    }
    assert len(messages) == 2
    assert "cat/phone.heic (HEIC" in messages[0]
    assert "ignored 1 file that is no image, by extension and content: 1 .txt." in messages[1]


def test_load_folder_counts_the_images_beside_the_classes(tmp_path):
    for part in ("train", "validation", "test"):
        two_classes(tmp_path / part, 30)
    for name in ("a.png", "train/b.png", "train/c"):
        Image.new("RGB", (4, 4)).save(tmp_path / name, "PNG")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".hidden.png").write_bytes(b"x")
    _, messages = doubts(tmp_path)
    assert messages == [
        "warning: images beside the class folders, which have no class and are not used: 3, such "
        "as a.png."
    ]


@pytest.mark.parametrize("target", ["cat", ".", "..", "cat/inner"])
def test_load_folder_of_a_class_that_links_to_another_is_refused(tmp_path, target):
    root = two_classes(tmp_path / "pets")
    fill(root / "cat" / "inner", 3)
    (root / "third").symlink_to(target)
    with pytest.raises(AppError, match="hold the same files") as caught:
        load_folder(root)
    assert "third" in caught.value.received


def test_load_folder_of_splits_that_link_to_each_other_is_refused(tmp_path):
    two_classes(tmp_path / "train")
    (tmp_path / "test").symlink_to("train")
    with pytest.raises(AppError, match="hold the same files"):
        load_folder(tmp_path)


@pytest.mark.parametrize("how", ["symlink_to", "hardlink_to"])
@pytest.mark.parametrize("inside", ["file", "folder"])
def test_load_folder_reports_a_file_under_two_labels(tmp_path, how, inside):
    root = two_classes(tmp_path / "pets")
    if inside == "folder" and how == "symlink_to":
        (root / "dog" / "more").symlink_to(root / "cat")
    else:
        getattr(root / "dog" / "again.png", how)(root / "cat" / "0.png")
    _, messages = doubts(root)
    assert len(messages) == 1
    assert "used twice" in messages[0]
    assert "(two classes)" in messages[0]


def test_load_folder_warns_of_classes_that_differ_in_case_only(tmp_path):
    fill(tmp_path / "Cat", 150)
    try:
        fill(tmp_path / "cat", 150)
    except FileExistsError:
        pytest.skip("names do not differ in case here")
    _, messages = doubts(tmp_path)
    assert "'Cat' and 'cat' differ in upper and lower case only" in messages[0]


def test_load_folder_of_classes_that_look_the_same_is_refused(tmp_path):
    for name in ("caf\u00e9", "cafe\u0301"):
        fill(tmp_path / name, 5)
    with pytest.raises(AppError, match="encoded in different ways"):
        load_folder(tmp_path)


def test_load_folder_warns_of_few_images_and_of_carved_splits(tmp_path):
    for split, count in (("train", 40), ("valid", 5)):
        for name in ("x", "y"):
            fill(tmp_path / split / name, count)
    splits, messages = doubts(tmp_path)
    assert len(splits.test) == 12
    assert any("only 10 validation images" in message for message in messages)
    assert any("no folder of test images: 12" in message for message in messages)
    assert any("only 12 test images" in message for message in messages)


def test_load_folder_of_named_pipes_never_waits(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    root = two_classes(tmp_path / "pets")
    os.mkfifo(root / "cat" / "pipe.jpg")
    assert dict(load_folder(root).left_out) == {"cat/pipe.jpg": "a named pipe, not a regular file"}
