import os
import socket
import tempfile
from pathlib import Path

import pytest
from PIL import Image

from app.data.decoding import FORMATS
from app.data.image_files import (
    IMAGE_ENDINGS,
    OTHER_PICTURE_ENDINGS,
    class_folders,
    find_images,
    names_alike,
    nested_folders,
)
from tests.conftest import latin_1


def touch(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def found(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_images(folder).paths]


def test_image_endings_are_those_of_the_formats_that_are_read():
    registered = Image.registered_extensions()
    expected = {ending for ending, name in registered.items() if name in FORMATS}
    assert expected == IMAGE_ENDINGS
    assert not IMAGE_ENDINGS & OTHER_PICTURE_ENDINGS


@pytest.mark.parametrize("ending", sorted(IMAGE_ENDINGS))
def test_find_images_whatever_the_case_of_the_ending(tmp_path, ending):
    names = [f"a{ending}", f"b{ending.upper()}", f"c{ending.title()}"]
    for name in names:
        touch(tmp_path / name)
    assert found(tmp_path) == names


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.png", "._0.jpg", ".DS_Store", ".ipynb_checkpoints/0-checkpoint.jpg",
        ".thumbnails/0.jpg", "__MACOSX/cat/0.jpg", "@eaDir/0.jpg/SYNOPHOTO_THUMB_S.jpg",
        "sub/@eaDir/0.jpg", "#recycle/0.jpg", "$RECYCLE.BIN/0.jpg", "Thumbs.db", "thumbs.db",
        "desktop.ini", "System Volume Information/0.jpg", "__pycache__/0.jpg", "Icon\r",
    ],
)  # fmt: skip
def test_find_images_ignores_what_is_hidden_or_left_by_systems(tmp_path, name):
    touch(tmp_path / "1.png")
    touch(tmp_path / name)
    listed = find_images(tmp_path)
    assert [path.name for path in listed.paths] == ["1.png"]
    assert listed.unusable == []
    assert listed.other == {}


def test_find_images_searches_a_hidden_folder_that_is_asked_for(tmp_path):
    touch(tmp_path / ".cache" / "1.png")
    assert found(tmp_path / ".cache") == ["1.png"]


@pytest.mark.parametrize("name", ["a.heic", "a.HEIF", "a.avif", "a.svg", "a.psd", "a.CR2", "a.nef"])
def test_find_images_names_pictures_in_other_formats(tmp_path, name):
    touch(tmp_path / name)
    listed = find_images(tmp_path)
    assert listed.paths == []
    assert [path.name for path, _ in listed.unusable] == [name]
    assert "JPEG or PNG" in listed.unusable[0][1]


def test_find_images_counts_other_files_by_ending(tmp_path):
    for name in ("a.txt", "b.TXT", "notes", "c.xml"):
        touch(tmp_path / name)
    assert find_images(tmp_path).other == {"": 1, ".txt": 2, ".xml": 1}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_find_images_recognizes_content_without_an_ending(tmp_path, kind):
    Image.new("RGB", (3, 3)).save(tmp_path / "0001", kind)
    Image.new("RGB", (3, 3)).save(tmp_path / "photo.1234", kind)
    assert found(tmp_path) == ["0001", "photo.1234"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_find_images_names_special_files_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "device.png").symlink_to("/dev/zero")
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{short}/s")
        (tmp_path / "socket.gif").symlink_to(f"{short}/s")
        listed = find_images(tmp_path)
    assert listed.paths == []
    reasons = {path.name: reason for path, reason in listed.unusable}
    assert reasons == {
        "pipe.jpg": "a named pipe, not a regular file",
        "device.png": "a device, not a regular file",
        "socket.gif": "a socket, not a regular file",
    }


def test_find_images_follows_links_without_loops_and_names_broken_ones(tmp_path):
    root = tmp_path / "root"
    touch(root / "1.png")
    touch(tmp_path / "elsewhere" / "2.png")
    (root / "folder").symlink_to(tmp_path / "elsewhere")
    (root / "again").symlink_to(tmp_path / "elsewhere")
    (root / "loop").symlink_to(root)
    (root / "self.png").symlink_to("self.png")
    (root / "file.png").symlink_to(root / "1.png")
    (root / "broken.png").symlink_to("nowhere.png")
    listed = find_images(root)
    names = [path.relative_to(root).as_posix() for path in listed.paths]
    assert len(names) == 3
    assert {"1.png", "file.png"} < set(names)
    assert [(path.name, reason) for path, reason in listed.unusable] == [
        ("broken.png", "a broken link"),
        ("self.png", "a broken link"),
    ]
    by_name = dict(zip(names, listed.identities, strict=True))
    assert by_name["1.png"] == by_name["file.png"]
    assert len(find_images(root, follow_links=False).paths) == 2


def test_find_images_prefers_a_real_folder_to_a_link(tmp_path):
    touch(tmp_path / "z" / "1.png")
    (tmp_path / "a").symlink_to(tmp_path / "z")
    assert found(tmp_path) == ["z/1.png"]


def test_find_images_sorts_as_paths_do(tmp_path):
    names = ["a/1.png", "a-b/1.png", "a b/1.png", "a/b/1.png", "a.png", "A.png", "é.png"]
    for name in names:
        touch(tmp_path / name)
    assert find_images(tmp_path).paths == sorted(tmp_path / name for name in names)


def test_find_images_keeps_names_that_are_not_utf8(tmp_path):
    name = latin_1("Müll.png")
    touch(tmp_path / name)
    assert find_images(tmp_path).paths == [tmp_path / name]


def test_find_images_lists_real_photographs(real_data):
    root = real_data / "catsdogs" / "PetImages" / "Cat"
    assert find_images(root).paths == sorted(root.glob("*.jpg"))


def test_class_folders_are_neither_hidden_nor_left_by_systems(tmp_path):
    for name in ("dog", "cat", ".ipynb_checkpoints", "__MACOSX", "@eaDir", "#recycle"):
        touch(tmp_path / name / "1.png")
    touch(tmp_path / "file.png")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "linked").symlink_to("cat")
    assert [path.name for path in class_folders(tmp_path)] == ["cat", "dog", "linked"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("cat", {"cat", "link"}), (".", {"root", "link"}), ("..", {"root", "link"}),
        ("cat/inner", {"cat", "link"}), ("../apart", None),
    ],
)  # fmt: skip
def test_nested_folders_finds_links_to_other_classes(tmp_path, target, expected):
    root = tmp_path / "root"
    for name in ("root/cat/inner", "root/dog", "apart"):
        (tmp_path / name).mkdir(parents=True)
    (root / "link").symlink_to(target)
    pair = nested_folders(root, class_folders(root))
    assert (pair and {folder.name for folder in pair}) == expected


def test_names_alike_differ_in_case_or_accents_only():
    assert list(names_alike(["Cat", "cat", "dog"])) == [("Cat", "cat")]
    assert list(names_alike(["café", "cafe\u0301", "cafe"])) == [("café", "cafe\u0301")]
    assert list(names_alike(["straße", "a", "b"])) == []
