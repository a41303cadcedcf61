"""Files of labels: against what pandas reads from the same text."""

import io

import numpy as np
import pandas as pd
import pytest

from app.data.label_file import read_label_table
from app.errors import AppError

ONE = "image,label\na.jpg,cat\nb.jpg,golden retriever\nc.jpg,cat\n"


@pytest.fixture
def read(tmp_path):
    def read_text(text, encoding="utf-8"):
        path = tmp_path / "labels.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return read_label_table(path)

    return read_text


def labels(table):
    return [[table.class_names[k] for k in np.flatnonzero(row)] for row in table.targets]


def test_one_label_per_image_is_what_pandas_reads(read):
    frame = pd.read_csv(io.StringIO(ONE))
    table = read(ONE)
    assert table.images == tuple(frame.image)
    dummies = pd.get_dummies(frame.label)
    assert table.class_names == tuple(dummies.columns)
    np.testing.assert_array_equal(table.targets, dummies.to_numpy())
    assert table.lines == (2, 3, 4)
    assert table.splits is None
    assert table.column == "image"


@pytest.mark.parametrize(
    ("header", "separator"),
    [("labels", " "), ("Tags", ","), ("label", "|"), ("Finding Labels", "|"), ("class", ";")],
)
def test_several_labels_are_what_pandas_reads(read, header, separator):
    cells = [f"red{separator}big", "big", "", f"small{separator}red{separator}old"]
    frame = pd.DataFrame({"id": range(4), header: cells})
    table = read(frame.to_csv(index=False))
    # As Python's strings: for those of Arrow, an empty cell is a label of its own.
    dummies = frame[header].astype(object).str.get_dummies(separator)
    assert table.class_names == tuple(dummies.columns)
    np.testing.assert_array_equal(table.targets, dummies.to_numpy())


def test_a_column_per_class_keeps_its_order(read):
    frame = pd.DataFrame({"image_id": ["x", "y"], "rust": [0, 1], "healthy": [1.0, 0.0]})
    table = read(frame.to_csv(index=False))
    assert table.class_names == ("rust", "healthy")
    np.testing.assert_array_equal(table.targets, frame[["rust", "healthy"]].to_numpy())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_encodings_and_line_ends(read, delimiter, encoding, end):
    text = ONE.replace(",", delimiter).replace("cat", "Kätzchen").replace("\n", end)
    table = read(text, encoding)
    assert labels(table) == [["Kätzchen"], ["golden retriever"], ["Kätzchen"]]


def test_quoted_cells_blank_lines_and_an_index_column(read):
    table = read(',image,label\n0,"a, b.jpg","cat, big"\n\n1,c.jpg, dog \n')
    assert table.images == ("a, b.jpg", "c.jpg")
    assert labels(table) == [["cat, big"], ["dog"]]
    assert table.lines == (2, 4)
    assert table.ignored == ()


def test_the_image_column_is_found_by_name_or_is_the_first(read):
    assert read("label,fname\ncat,1\ndog,2\n").images == ("1", "2")
    assert read("Picture,breed\n1,cat\n2,dog\n").images == ("1", "2")


def test_splits_by_name_or_as_fastai_has_them(read):
    text = "id,split,label\n1,Train,a\n2,val,b\n3,testing,a\n"
    assert read(text).splits == ("train", "validation", "test")
    text = "fname,labels,is_valid\n1,a b,True\n2,b,False\n"
    assert read(text).splits == ("validation", "train")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "no content"),
        ("image,label\n", "no rows"),
        ("image\na.jpg\nb.jpg\n", "one column"),
        ("image,label\na,cat\nb,cat\n", "one label, 'cat'"),
        ("image,label\na,cat\nb,\nc,dog\n", "no label in line 3"),
        ("image,label\na,cat\nb\n", "1 cells in line 3"),
        ("image,label,label\na,cat,x\n", "two columns called 'label'"),
        ("id,breed,age\na,cat,3\nb,dog,4\n", "'breed' holds 'cat'"),
        ("id,cat,dog\na,1,0\nb,-1,1\n", "'cat' holds '-1'"),
        ("id,split,label\na,fold1,cat\nb,train,dog\n", "'fold1' in the column 'split', line 2"),
        ('image,label\na,"cat\nb,dog\n', "cannot be read as CSV"),
        ("image,label\na,cat\nb,Café\n".encode("latin-1"), "byte 0xe9 in line 3"),
        (ONE.encode("utf-16-le"), "null bytes"),
    ],
)  # fmt: skip
def test_unusable_files_are_explained(read, text, part):
    with pytest.raises(AppError) as caught:
        read(text)
    assert part in str(caught.value)
    assert "Expected" in str(caught.value)


def test_a_file_that_cannot_be_read_is_explained(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(AppError, match="cannot be read"):
            read_label_table(path)
