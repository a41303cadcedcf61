"""Columns of data frames: vectors, numbers as names, paths, pandas's types, missing values."""

from pathlib import Path

import numpy as np
import pytest

from app.errors import AppWarning
from app.keras2.image_data_generator import DataFrameIterator, ImageDataGenerator

pandas = pytest.importorskip("pandas")
FILES = [f"{name}/{name}{k}.png" for name in ("cat", "dog") for k in range(1, 5)]


def flow_of(folder, frame, **options):
    settings = {"target_size": (6, 6), "shuffle": False, "batch_size": 3, **options}
    return ImageDataGenerator().flow_from_dataframe(frame, folder, **settings)


@pytest.mark.parametrize(
    ("cells", "shape"),
    [
        ([[k, k + 1.5] for k in range(8)], (3, 2)),
        ([np.full((2, 3), k) for k in range(8)], (3, 2, 3)),
        ([(k,) for k in range(8)], (3, 1)),
        (list(range(8)), (3,)),
        ([k % 2 == 0 for k in range(8)], (3,)),
    ],
    ids=["lists", "arrays", "tuples", "numbers", "truths"],
)
def test_raw_column_of_any_shape_is_stacked(folder, cells, shape):
    frame = pandas.DataFrame({"filename": FILES, "target": pandas.Series(cells)})
    flow = flow_of(folder, frame, y_col="target", class_mode="raw")
    _, targets = next(flow)
    assert targets.shape == shape
    assert targets.dtype != object
    np.testing.assert_array_equal(targets, np.array(cells[:3]))


def test_raw_columns_of_numbers_and_of_vectors_are_stacked(folder):
    frame = pandas.DataFrame({"filename": FILES, "a": range(8), "b": range(8, 16)})
    frame["u"] = [[k, 0] for k in range(8)]
    frame["v"] = [[0, k] for k in range(8)]
    numbers = next(flow_of(folder, frame, y_col=["a", "b"], class_mode="raw"))[1]
    assert numbers.tolist() == [[0, 8], [1, 9], [2, 10]]
    vectors = next(flow_of(folder, frame, y_col=["u", "v"], class_mode="raw"))[1]
    assert vectors.shape == (3, 2, 2)


def test_raw_column_of_ragged_lists_stays_objects(folder):
    frame = pandas.DataFrame({"filename": FILES, "target": [[0] * (k + 1) for k in range(8)]})
    targets = next(flow_of(folder, frame, y_col="target", class_mode="raw"))[1]
    assert targets.dtype == object
    assert targets[2] == [0, 0, 0]


def test_multi_output_columns_of_numbers_and_vectors(folder):
    frame = pandas.DataFrame({"filename": FILES, "age": np.arange(8.0)})
    frame["box"] = [np.array([k, k, k + 1, k + 1]) for k in range(8)]
    age, box = next(flow_of(folder, frame, y_col=["age", "box"], class_mode="multi_output"))[1]
    assert age.tolist() == [0, 1, 2]
    assert box.shape == (3, 4)


def test_keras_trains_on_vectors(folder):
    import keras

    frame = pandas.DataFrame({"filename": FILES, "target": [[k, -k] for k in range(8)]})
    flow = flow_of(folder, frame, y_col="target", class_mode="raw")
    model = keras.Sequential(
        [keras.Input((6, 6, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    model.compile("sgd", "mse")
    assert np.isfinite(model.evaluate(flow, verbose=0))


@pytest.mark.parametrize("classes", [None, ["dog", "cat"]])
def test_flow_from_dataframe_takes_numbers_as_column_names(folder, classes):
    frame = pandas.DataFrame({0: FILES, 1: ["cat"] * 4 + ["dog"] * 4, 2: np.arange(8) / 8})
    flow = flow_of(folder, frame, x_col=0, y_col=1, weight_col=2, classes=classes)
    _, labels, weights = next(flow)
    assert labels.tolist() == ([[1, 0]] * 3 if classes is None else [[0, 1]] * 3)
    assert weights.tolist() == [0, 1 / 8, 2 / 8]
    weighted = flow_of(folder, frame[[1, 2, 0]].set_axis([1, 0, 2], axis=1), x_col=2, y_col=1,
                       weight_col=0)  # fmt: skip
    assert next(weighted)[2].tolist() == [0, 1 / 8, 2 / 8]


@pytest.mark.parametrize("kind", [Path, str])
@pytest.mark.parametrize("absolute", [True, False])
def test_flow_from_dataframe_takes_path_objects(folder, kind, absolute):
    names = [folder / name if absolute else kind(name) for name in FILES]
    frame = pandas.DataFrame({"filename": names, "class": ["a", "b"] * 4})
    flow = flow_of(None if absolute else Path(folder), frame)
    assert flow.samples == 8
    assert all(isinstance(name, str) for name in flow.filenames + flow.filepaths)
    assert next(flow)[0].shape == (3, 6, 6, 3)


@pytest.mark.parametrize("kind", ["category", "string", "object"])
@pytest.mark.parametrize("class_mode", ["categorical", "binary", "sparse"])
def test_labels_of_every_pandas_type(folder, kind, class_mode):
    frame = pandas.DataFrame({"filename": FILES, "class": ["cat"] * 4 + ["dog"] * 4})
    frame["class"] = frame["class"].astype(kind)
    frame["filename"] = frame["filename"].astype(kind)
    for classes in (None, ["cat", "dog"]):
        flow = flow_of(folder, frame, class_mode=class_mode, classes=classes, batch_size=8)
        labels = next(flow)[1]
        assert (labels.argmax(1) if labels.ndim == 2 else labels).tolist() == [0] * 4 + [1] * 4


@pytest.mark.parametrize("kind", ["Int64", "Float32", "float16", "boolean"])
def test_raw_columns_of_every_pandas_type_are_numbers(folder, kind):
    values = [True, False] * 4 if kind == "boolean" else [0, 1] * 4
    frame = pandas.DataFrame({"filename": FILES, "y": pandas.array(values, dtype=kind)})
    targets = next(flow_of(folder, frame, y_col="y", class_mode="raw"))[1]
    assert targets.dtype != object


@pytest.mark.parametrize(
    ("column", "value", "options", "error", "message"),
    [
        ("class", None, {}, TypeError, "1 missing values.*dropna"),
        ("class", np.nan, {"class_mode": "sparse"}, TypeError, "dropna"),
        ("filename", np.nan, {}, TypeError, "x_col.*dropna"),
        ("filename", 3, {}, TypeError, "such as 3"),
        ("class", 3, {"class_mode": "binary"}, TypeError, "astype"),
        ("weight", np.nan, {"weight_col": "weight"}, ValueError, "missing"),
    ],
)
def test_flow_from_dataframe_with_missing_values_names_them(
    folder, column, value, options, error, message
):
    frame = pandas.DataFrame({"filename": FILES, "class": ["a", "b"] * 4, "weight": np.ones(8)})
    if column != "weight":
        frame[column] = frame[column].astype(object)
    frame.loc[2, column] = value
    with pytest.raises(error, match=message):
        flow_of(folder, frame, **options)


def test_explicit_hidden_names_are_used_as_given(folder, tmp_path):
    import shutil

    shutil.copy(folder / "cat" / "cat1.png", tmp_path / ".hidden.png")
    frame = pandas.DataFrame({"filename": [".hidden.png"]})
    assert len(next(flow_of(tmp_path, frame, class_mode=None))) == 1


def test_flow_from_dataframe_leaves_out_folders_and_pipes(folder, tmp_path):
    import os

    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "gone")
    names = [str(folder / "cat" / "cat1.png"), "folder.png", "pipe.png", "link.png", "a\0.png"]
    frame = pandas.DataFrame({"filename": names})
    with pytest.warns(AppWarning, match="4 of 5 names"):
        assert flow_of(tmp_path, frame, class_mode=None).samples == 1


@pytest.mark.parametrize("argument", ["has_ext", "sort", "drop_duplicates"])
def test_old_arguments_are_ignored_with_a_warning(folder, argument):
    frame = pandas.DataFrame({"filename": FILES, "class": ["a", "b"] * 4})
    with pytest.warns(DeprecationWarning, match=argument):
        assert flow_of(folder, frame, **{argument: True}).samples == 8
    with pytest.raises(TypeError, match="unknown argument `color`"):
        flow_of(folder, frame, color=True)


def test_class_mode_other_is_raw_with_a_warning(folder):
    frame = pandas.DataFrame({"filename": FILES, "y": range(8)})
    with pytest.warns(DeprecationWarning, match="raw"):
        flow = flow_of(folder, frame, y_col="y", class_mode="other")
    assert next(flow)[1].tolist() == [0, 1, 2]


def test_data_frame_iterator_does_not_change_its_frame(folder):
    frame = pandas.DataFrame({"filename": [Path(name) for name in FILES], "class": ["a", "b"] * 4})
    before = frame.copy()
    DataFrameIterator(frame, folder, classes=["b"])
    pandas.testing.assert_frame_equal(frame, before)
