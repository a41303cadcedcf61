"""Image files in one folder per class: copies, links, names that are taken."""

import pytest

from app.classifier.sorting import Sorter
from app.errors import AppError
from app.files import folder_name


@pytest.fixture
def photos(tmp_path):
    """Two folders with a file of the same name and different content."""
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "1.jpg").write_bytes(f"content {place}".encode())
    return tmp_path


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("link", ["", "hard", "symbolic"])
def test_sorter_gives_numbers_to_names_that_are_taken_and_can_be_repeated(photos, link):
    for written in (3, 0):
        sorter = Sorter(photos / "out", ("cat", "dog"), link)
        sorter.add(photos / "a" / "1.jpg", "cat")
        sorter.add(photos / "b" / "1.jpg", "cat")
        sorter.add(photos / "b" / "1.jpg", "dog")
        assert sorter.counts == {"cat": 2, "dog": 1}
        assert sorter.written == written
        assert tree(photos / "out") == {
            "cat/1.jpg": b"content a", "cat/1-2.jpg": b"content b", "dog/1.jpg": b"content b",
        }  # fmt: skip
    target, source = photos / "out" / "cat" / "1.jpg", photos / "a" / "1.jpg"
    assert target.is_symlink() == (link == "symbolic")
    assert (source.stat().st_nlink == 2) == (link == "hard")
    assert target.stat().st_mtime_ns == source.stat().st_mtime_ns
    assert source.read_bytes() == b"content a"


def test_sorter_counts_duplicates_and_files_in_folders_of_other_classes(photos):
    out, image = photos / "out", photos / "a" / "1.jpg"
    (photos / "b" / "1.jpg").write_bytes(image.read_bytes())
    sorter = Sorter(out, ("cat", "dog", "unknown"))
    for place in ("a", "b"):
        sorter.add(photos / place / "1.jpg", "unknown")
    assert (sorter.counts.total(), sorter.written, sorter.elsewhere) == (2, 1, [])

    sorter = Sorter(out, ("cat", "dog"))  # without the class of the earlier run
    sorter.add(image, "dog")
    assert (sorter.written, sorter.elsewhere) == (1, [out / "unknown" / "1.jpg"])
    assert set(tree(out)) == {"unknown/1.jpg", "dog/1.jpg"}


def test_sorter_leaves_other_files_and_broken_links(photos):
    folder = photos / "out" / "cat"
    folder.mkdir(parents=True)
    (folder / "1.jpg").symlink_to(photos / "gone")
    (folder / "1-2.jpg").mkdir()
    Sorter(photos / "out", ("cat", "dog")).add(photos / "a" / "1.jpg", "cat")
    assert (folder / "1.jpg").readlink() == photos / "gone"
    assert (folder / "1-3.jpg").read_bytes() == b"content a"
    assert len(list(folder.iterdir())) == 3  # and no temporary file


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("cat", "cat"), ("black cat", "black cat"), ("Kätzchen", "Kätzchen"), ("..", "_"),
        ("../../etc", "__.._etc"), ("/tmp", "_tmp"), (".hidden", "_hidden"), ("a\nb", "a_nb"),
        ("C:\\x", "C__x"), ("end. ", "end"), ("\x00", "_x00"),
    ],
)  # fmt: skip
def test_folder_name_stays_inside(name, folder):
    assert folder_name(name) == folder


def test_sorter_refuses_classes_of_one_folder_and_a_file(photos):
    with pytest.raises(AppError, match="Cat, cat would share a folder"):
        Sorter(photos / "out", ("Cat", "cat", "dog"))
    with pytest.raises(AppError, match="a/b, a:b would share"):
        Sorter(photos / "out", ("a/b", "a:b"))
    with pytest.raises(AppError, match="is a file"):
        Sorter(photos / "a" / "1.jpg", ("cat", "dog"))
    assert not (photos / "out").exists()


def test_sorter_says_why_it_cannot_write(photos):
    (photos / "out").mkdir()
    (photos / "out" / "cat").write_text("a file")
    with pytest.raises(AppError, match="Cannot write"):
        Sorter(photos / "out", ("cat", "dog")).add(photos / "a" / "1.jpg", "cat")
