import numpy as np
import pytest
from PIL import Image

from app.data.dataset import label_text
from app.data.folder import load_folder
from app.data.labeled_folder import load_labeled_folder
from app.data.registry import load_dataset, normal_dataset, with_labels
from app.errors import AppError
from tests.reporters import RecordingReporter


@pytest.fixture
def root(tmp_path):
    """Twenty images in each of two folders."""
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(20):
            Image.new("RGB", (4, 4)).save(tmp_path / "photos" / name / f"{i}.png")
    return tmp_path / "photos"


@pytest.fixture
def write(tmp_path):
    def write_rows(rows, header="image,label"):
        path = tmp_path / "labels.csv"
        path.write_text("\n".join([header, *rows]), encoding="utf-8")
        return path

    return write_rows


def rows_of(root, extension=True):
    files = sorted(root.glob("*/*.png"))
    names = [
        f.relative_to(root) if extension else f.relative_to(root).with_suffix("") for f in files
    ]
    return [f"{name.as_posix()},{name.parent}" for name in names]


@pytest.mark.parametrize("extension", [True, False])
def test_labels_of_a_file_are_those_of_class_folders(root, write, extension):
    rows = rows_of(root, extension)
    np.random.default_rng(0).shuffle(rows)
    expected, loaded = load_folder(root), load_labeled_folder(root, write(rows))
    assert loaded.class_names == expected.class_names
    assert loaded.fingerprints() == expected.fingerprints()
    for name in ("train", "validation", "test"):
        assert list(loaded.split(name).images) == list(expected.split(name).images)
        np.testing.assert_array_equal(loaded.split(name).labels, expected.split(name).labels)


def test_a_dataset_names_folder_and_file(root, write, tmp_path):
    file = write(rows_of(root))
    dataset = with_labels(str(root), str(file))
    assert dataset == f"{root}::{file}"
    assert normal_dataset(f"{root}/::{file}") == dataset
    loaded = load_dataset(dataset, tmp_path)
    assert loaded.name == "photos"
    assert loaded.source == f"folder {root} with labels of {file}"
    for other in ("mnist", "my.module:load", dataset):
        with pytest.raises(AppError, match="--labels with the dataset"):
            with_labels(other, str(file))


def test_given_splits_are_kept_and_a_missing_one_is_drawn(root, write):
    rows = [f"{row},{'test' if k % 4 == 0 else 'train'}" for k, row in enumerate(rows_of(root))]
    loaded = load_labeled_folder(root, write(rows, "image,label,split"))
    sizes = [len(loaded.split(name)) for name in ("train", "validation", "test")]
    assert sizes == [26, 4, 10]
    every = {path for name in ("train", "validation", "test") for path in loaded.split(name).images}
    assert len(every) == 40


def test_several_labels_are_rows_of_booleans_and_every_split_has_each(root, write):
    has = {}
    for k, row in enumerate(rows_of(root)):
        name, label = row.split(",")
        has[name] = [label, *(["old"] * (k % 5 == 0)), *(["rare"] * (k % 13 == 0))][k % 7 == 1 :]
    rows = [f"{name},{'|'.join(labels)}" for name, labels in has.items()]
    reporter = RecordingReporter()
    loaded = load_labeled_folder(root, write(rows), reporter)
    assert loaded.multi_label
    assert loaded.class_names == ("cat", "dog", "old", "rare")
    assert "any number of them per image" in reporter.lines[0]
    found = []
    for name in ("train", "validation", "test"):
        split = loaded.split(name)
        assert split.labels.shape == (len(split), 4)
        assert split.labels.any(axis=0).all()
        for image, label in zip(split.names, split.labels, strict=True):
            assert label_text(label, loaded.class_names) == "|".join(sorted(has[image]))
        found += split.names
    assert sorted(found) == sorted(has)
    assert loaded.fingerprints() == load_labeled_folder(root, write(rows[::-1])).fingerprints()


def test_what_is_worth_knowing_is_reported(root, write):
    reporter = RecordingReporter()
    rows = rows_of(root)[1:]
    file = write([*(f"{row},3" for row in rows), f"{rows[0]},3"], "image,label,age")
    load_labeled_folder(root, file, reporter)
    said = "\n".join(reporter.lines)
    assert "2 classes" in said
    assert "Ignored columns: age." in said
    assert "without a row, which are not used: 1." in said
    assert any("repeat others: 1 (line 41 'cat/1.png'" in line for line in reporter.warnings)
    assert any("only 6 test images" in line for line in reporter.warnings)


def test_backslashes_accents_and_leading_dots_do_not_matter(root, write):
    Image.new("RGB", (4, 4)).save(root / "cat" / "cafe\u0301.png")
    rows = [row.replace("/", "\\") for row in rows_of(root) if "cafe" not in row]
    loaded = load_labeled_folder(root, write([*rows, "./cat/caf\u00e9.png,cat"]))
    assert sum(len(loaded.split(name)) for name in ("train", "validation", "test")) == 41


def test_an_unusable_picture_is_left_out(root, write):
    (root / "cat" / "new.heic").write_bytes(b"x")
    reporter = RecordingReporter()
    loaded = load_labeled_folder(root, write([*rows_of(root), "cat/new,cat"]), reporter)
    assert [name for name, _ in loaded.left_out] == ["cat/new.heic"]
    assert any("left out 1 file" in line for line in reporter.warnings)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda rows: [*rows, "cat/99,cat"], "1 of 41 images .*: line 42 'cat/99'"),
        (lambda rows: [f"photos/{row}" for row in rows], "40 of 40 images .* such as cat/0.png"),
        (lambda rows: [*rows, "cat/0,dog"], "two rows of 'cat/0' .* labels: lines 2 and 42"),
        (lambda rows: [*rows, "../labels.csv,cat"], "1 of 41 images"),
        (lambda rows: rows[:22], "'dog' .* has too few images: none for validation"),
    ],
)  # fmt: skip
def test_unusable_rows_are_explained(root, write, change, text):
    with pytest.raises(AppError, match="(?s)" + text) as caught:
        load_labeled_folder(root, write(change(rows_of(root))))
    assert "Expected" in str(caught.value)


def test_a_name_of_two_files_is_explained(root, write):
    Image.new("RGB", (4, 4)).save(root / "cat" / "0.jpg")
    with pytest.raises(AppError, match=r"cat/0.jpg and cat/0.png"):
        load_labeled_folder(root, write(rows_of(root, extension=False)))
    assert load_labeled_folder(root, write(rows_of(root)))


def test_a_file_without_names_of_columns_is_explained(root, write):
    with pytest.raises(AppError, match=r"The first line of .* has the image 'cat/0.png'"):
        load_labeled_folder(root, write(rows_of(root)[1:], rows_of(root)[0]))


def test_splits_without_training_images_are_explained(root, write):
    rows = [f"{row},test" for row in rows_of(root)]
    with pytest.raises(AppError, match="no training images: its splits are test"):
        load_labeled_folder(root, write(rows, "image,label,split"))


def test_a_folder_that_does_not_exist_is_explained(tmp_path):
    with pytest.raises(AppError, match="is no folder"):
        load_labeled_folder(tmp_path / "none", tmp_path / "labels.csv")
