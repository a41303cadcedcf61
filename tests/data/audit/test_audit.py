import io
import json
import struct
import warnings
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from app.data.audit import duplicates
from app.data.audit.audit import audit
from app.data.audit.findings import Audit, Duplicates, Place
from app.data.dataset import SPLIT_NAMES, Dataset, Split
from app.data.mnist import load_mnist


def make_picture(seed: int, size: tuple[int, int] = (120, 160)) -> Image.Image:
    """Return a smooth random color picture, unlike that of any other seed."""
    coarse = np.random.default_rng(seed).integers(30, 226, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((size[1], size[0]), Image.Resampling.BICUBIC)


def encode(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def make_splits(root: Path, files: dict[str, bytes]) -> Dataset:
    """Write `split/class/name → content` and return them as a dataset of `cat` and `dog`."""
    class_names = ("cat", "dog")
    examples = {}
    for split in SPLIT_NAMES:
        names = sorted(name for name in files if name.startswith(f"{split}/"))
        for name in names:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
        labels = np.array([class_names.index(name.split("/")[1]) for name in names], np.int64)
        examples[split] = Split([root / name for name in names], labels, names)
    return Dataset("pets", **examples, class_names=class_names, channels=3, source="test")


def make_array_splits(images: np.ndarray, labels: np.ndarray) -> Dataset:
    """Return `(N, H, W, C)` as a dataset: half train, a quarter each validation and test."""
    half, rest = len(images) // 2, 3 * len(images) // 4
    parts = {
        split: Split(images[part], labels[part], [str(i) for i in range(part.start, part.stop)])
        for split, part in zip(
            SPLIT_NAMES,
            (slice(0, half), slice(half, rest), slice(rest, len(images))),
            strict=True,
        )
    }
    return Dataset("digits", **parts, class_names=("0", "1"), channels=1, source="test")


def names_of(group: Duplicates) -> list[str]:
    return [place.name for place in group.members]


def assert_clean(found: Audit, *, apart_from: str = "") -> None:
    """Assert that nothing was found, in any field but one."""
    for field in ("unreadable", "exact", "near", "small", "odd"):
        if field != apart_from:
            assert not getattr(found, field), f"{field}: {getattr(found, field)}"


def plain_files(per_class: int = 4) -> dict[str, bytes]:
    """Return a sound dataset, the same number of images in every class and split."""
    names = [
        f"{split}/{pet}/{number}.png"
        for split in SPLIT_NAMES
        for pet in ("cat", "dog")
        for number in range(per_class)
    ]
    return {name: encode(make_picture(seed), "PNG") for seed, name in enumerate(names)}


def test_audit_of_sound_files(tmp_path: Path):
    found = audit(make_splits(tmp_path, plain_files()), workers=2)
    assert_clean(found)
    assert (found.dataset, found.num_images, found.leaks) == ("pets", 24, ())
    assert found.near_sought
    assert found.balance["test"].counts == {"cat": 4, "dog": 4}
    assert (found.balance["test"].ratio, found.balance["test"].unbalanced) == (1.0, False)


def test_random_images_are_no_duplicates(tmp_path: Path):
    files = {f"train/cat/{i}.jpg": encode(make_picture(i), "JPEG") for i in range(150)}
    noise = np.random.default_rng(0).integers(0, 256, (150, 48, 48, 3), dtype=np.uint8)
    files |= {f"train/dog/{i}.png": encode(Image.fromarray(x), "PNG") for i, x in enumerate(noise)}
    assert_clean(audit(make_splits(tmp_path, files), workers=2))


def test_exact_duplicates(tmp_path: Path):
    files = plain_files()
    files["test/cat/copy.png"] = files["train/cat/0.png"]
    files["train/dog/wrong.png"] = files["train/cat/1.png"]
    # The same pixels in another container.
    files["train/cat/other.bmp"] = encode(make_picture(2), "BMP")
    found = audit(make_splits(tmp_path, files), workers=2)
    assert_clean(found, apart_from="exact")
    groups = {tuple(names_of(group)): group for group in found.exact}
    leak = groups["train/cat/0.png", "test/cat/copy.png"]
    assert (leak.across_splits, leak.across_classes, leak.same_bytes) == (True, False, True)
    wrong = groups["train/cat/1.png", "train/dog/wrong.png"]
    assert (wrong.across_splits, wrong.across_classes, wrong.same_bytes) == (False, True, True)
    other = groups["train/cat/2.png", "train/cat/other.bmp"]
    assert (other.across_splits, other.across_classes, other.same_bytes) == (False, False, False)
    assert len(groups) == 3
    assert found.leaks == (leak,)
    assert leak.members[1] == Place("test/cat/copy.png", "test", "cat")


@pytest.mark.parametrize(
    "change",
    [
        lambda image: Image.open(io.BytesIO(encode(image, "JPEG", quality=40))),
        lambda image: image.resize((80, 60)),
        lambda image: image.resize((300, 300)),
        lambda image: ImageEnhance.Brightness(image).enhance(0.7),
        lambda image: ImageEnhance.Contrast(image).enhance(0.6),
        lambda image: image.convert("L"),
    ],
    ids=["reencoded", "smaller", "another aspect", "darker", "paler", "gray"],
)
def test_near_duplicates(tmp_path: Path, change):
    files = plain_files()
    files["test/dog/changed.png"] = encode(change(make_picture(0)), "PNG")
    found = audit(make_splits(tmp_path, files), workers=2)
    assert_clean(found, apart_from="near")
    (group,) = found.near
    assert names_of(group) == ["train/cat/0.png", "test/dog/changed.png"]
    assert (group.across_splits, group.across_classes, group.same_bytes) == (True, True, False)
    assert 0.95 <= group.correlation <= 1.0
    assert found.leaks == (group,)


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda image: image.rotate(90, expand=True),
        lambda image: image.crop((40, 30, 160, 120)),
    ],
    ids=["mirrored", "rotated", "cropped"],
)
def test_augmented_copies_are_no_duplicates(tmp_path: Path, change):
    files = plain_files()
    files["test/dog/changed.png"] = encode(change(make_picture(0)), "PNG")
    assert_clean(audit(make_splits(tmp_path, files), workers=2))


def test_near_group_names_one_of_each_exact_copies(tmp_path: Path):
    files = plain_files()
    files["test/cat/copy.png"] = files["train/cat/0.png"]
    files["train/cat/small.png"] = encode(make_picture(0).resize((80, 60)), "PNG")
    files["train/cat/darker.png"] = encode(
        ImageEnhance.Brightness(make_picture(0)).enhance(0.7), "PNG"
    )
    found = audit(make_splits(tmp_path, files), workers=1)
    assert [names_of(group) for group in found.exact] == [["train/cat/0.png", "test/cat/copy.png"]]
    assert [names_of(group) for group in found.near] == [
        ["train/cat/0.png", "train/cat/darker.png", "train/cat/small.png"]
    ]
    assert not found.near[0].across_splits


def test_uniform_images_are_not_alike(tmp_path: Path):
    files = plain_files() | {
        f"train/{pet}/flat{level}.png": encode(Image.new("RGB", (90, 90), (level,) * 3), "PNG")
        for level in (0, 90, 255)
        for pet in ("cat", "dog")
    }
    found = audit(make_splits(tmp_path, files), workers=2)
    assert_clean(found, apart_from="exact")
    assert len(found.exact) == 3


def bomb() -> bytes:
    """Return a PNG whose header promises 20,000×20,000 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def test_unreadable_files(tmp_path: Path):
    faults = {
        "train/cat/zero.jpg": (b"", "empty"),
        "train/cat/text.jpg": (b"not a picture at all\n" * 20, "not an image"),
        "train/dog/cut.jpg": (encode(make_picture(90), "JPEG")[:1500], "truncated"),
        "test/dog/cut.png": (encode(make_picture(91), "PNG")[:3000], "truncated"),
        "test/cat/bomb.png": (bomb(), "too large"),
    }
    files = plain_files() | {name: content for name, (content, _) in faults.items()}
    splits = make_splits(tmp_path, files)
    (tmp_path / "validation/cat/0.png").unlink()
    found = audit(splits, workers=2)
    assert_clean(found, apart_from="unreadable")
    kinds = {fault.place.name: fault.kind for fault in found.unreadable}
    expected = {name: kind for name, (_, kind) in faults.items()}
    assert kinds == expected | {"validation/cat/0.png": "missing"}
    assert all(fault.reason for fault in found.unreadable)
    cut = next(fault for fault in found.unreadable if fault.place.name == "train/dog/cut.jpg")
    assert cut.place == Place("train/dog/cut.jpg", "train", "dog")
    assert found.num_images == 23
    assert found.balance["validation"].counts == {"cat": 3, "dog": 4}
    assert found.balance["validation"].files == {"cat": 4, "dog": 4}


def test_damaged_content(tmp_path: Path):
    content = bytearray(encode(make_picture(92), "PNG"))
    content[60:90] = b"\xff" * 30
    found = audit(make_splits(tmp_path, {"train/cat/a.png": bytes(content)}), workers=1)
    assert [fault.kind for fault in found.unreadable] == ["damaged"]


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def deep_color_png(seed: int) -> bytes:
    """Return a PNG of 16 bits per channel, which Pillow reads but cannot write."""
    import cv2

    return cv2.imencode(".png", np.asarray(make_picture(seed)).astype(np.uint16) * 257)[1].tobytes()


def test_odd_encodings(tmp_path: Path):
    first = make_picture(80)
    alpha = make_picture(81).convert("RGBA")
    alpha.putalpha(128)
    deep = np.asarray(make_picture(84).convert("L")).astype(np.uint16) * 257
    odd = {
        "train/cat/a.gif": ("animated, palette", encode(
            first.convert("P"), "GIF", save_all=True, append_images=[make_picture(85).convert("P")]
        )),
        "train/cat/b.png": ("alpha", encode(alpha, "PNG")),
        "train/cat/c.png": ("palette", encode(make_picture(82).convert("P"), "PNG")),
        "train/dog/d.jpg": ("CMYK", encode(make_picture(83).convert("CMYK"), "JPEG")),
        "train/dog/e.png": ("16-bit", encode(Image.fromarray(deep), "PNG")),
        "train/dog/f.png": ("16-bit", deep_color_png(86)),
        "train/dog/g.jpg": ("EXIF-rotated", encode(make_picture(87), "JPEG", exif=exif(6))),
        "train/dog/h.jpg": ("", encode(make_picture(88), "JPEG", exif=exif(1))),
        "train/dog/i.txt": ("not named as an image", encode(make_picture(89), "JPEG")),
    }  # fmt: skip
    files = plain_files() | {name: content for name, (_, content) in odd.items()}
    found = audit(make_splits(tmp_path, files), workers=2)
    assert_clean(found, apart_from="odd")
    kinds: dict[str, set[str]] = {}
    for kind, places in found.odd.items():
        for place in places:
            kinds.setdefault(place.name, set()).add(kind)
    assert kinds == {name: set(text.split(", ")) for name, (text, _) in odd.items() if text}


def test_exif_rotation_is_undone_before_comparing(tmp_path: Path):
    # Orientation 6: a viewer turns the stored pixels clockwise by a quarter.
    stored = make_picture(0).transpose(Image.Transpose.ROTATE_90)
    files = plain_files() | {"test/cat/turned.jpg": encode(stored, "JPEG", exif=exif(6))}
    (group,) = audit(make_splits(tmp_path, files), workers=2).near
    assert names_of(group) == ["train/cat/0.png", "test/cat/turned.jpg"]


def test_small_files(tmp_path: Path):
    files = plain_files() | {"train/cat/s.png": encode(make_picture(70, (31, 200)), "PNG")}
    splits = make_splits(tmp_path, files)
    found = audit(splits, workers=2)
    assert_clean(found, apart_from="small")
    (small,) = found.small
    assert (small.place.name, small.height, small.width) == ("train/cat/s.png", 31, 200)
    assert not audit(splits, workers=2, min_side=31).small
    assert len(audit(splits, workers=2, min_side=121).small) == 25


def test_balance(tmp_path: Path):
    files = {f"train/cat/{i}.png": encode(make_picture(i), "PNG") for i in range(8)}
    files |= {f"train/dog/{i}.png": encode(make_picture(20 + i), "PNG") for i in range(5)}
    files["test/cat/0.png"] = encode(make_picture(40), "PNG")
    balance = audit(make_splits(tmp_path, files), workers=1).balance
    assert (balance["train"].ratio, balance["train"].unbalanced) == (1.6, True)
    assert (balance["test"].ratio, balance["test"].unbalanced) == (None, True)
    assert (balance["validation"].ratio, balance["validation"].unbalanced) == (None, False)


def test_json_holds_every_finding(tmp_path: Path):
    files = plain_files() | {"train/cat/zero.jpg": b""}
    files["test/cat/copy.png"] = files["train/cat/0.png"]
    found = json.loads(json.dumps(audit(make_splits(tmp_path, files), workers=1).to_json()))
    assert found["num_leaks"] == 1
    assert found["exact"][0]["across_splits"] is True
    assert found["exact"][0]["members"][1]["name"] == "test/cat/copy.png"
    assert found["unreadable"][0]["kind"] == "empty"
    assert found["balance"]["train"]["counts"] == {"cat": 4, "dog": 4}


def test_progress_counts_every_image(tmp_path: Path):
    calls: list[tuple[int, int]] = []
    splits = make_splits(tmp_path, plain_files(2))
    audit(splits, workers=2, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(done, 12) for done in range(1, 13)]


def test_audit_leaves_the_warning_filters_alone(tmp_path: Path):
    splits = make_splits(tmp_path, plain_files())
    before = list(warnings.filters)
    audit(splits, workers=8)
    assert warnings.filters == before


def make_strokes(count: int, seed: int = 0) -> np.ndarray:
    """Return `(count, 28, 28, 1)` bright strokes on black, as alike as handwritten digits."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:28, :28]
    images = np.zeros((count, 28, 28, 1), np.uint8)
    for image in images:
        (y, x), angle = rng.uniform(11, 16, 2), rng.uniform(-0.6, 0.6)
        away = (columns - x) * np.cos(angle) + (rows - y) * np.sin(angle)
        along = (rows - y) * np.cos(angle) - (columns - x) * np.sin(angle)
        length, thickness = rng.uniform(6, 10), rng.uniform(1, 2)
        ink = np.clip(thickness + 0.5 - np.abs(away), 0, 1) * (np.abs(along) < length)
        image[:, :, 0] = np.clip(255 * ink - rng.uniform(0, 60, (28, 28)), 0, 255)
    return images


def test_array_dataset_with_planted_pairs():
    images = make_strokes(2000)
    images[1900] = images[10]  # train → test
    # Paler: a linear change, up to rounding.
    images[1800] = (images[20] * 0.8).astype(np.uint8)
    labels = np.arange(len(images)) % 2
    found = audit(make_array_splits(images, labels), workers=2)
    assert [names_of(group) for group in found.exact] == [["10", "1900"]]
    assert [names_of(group) for group in found.near] == [["20", "1800"]]
    assert found.exact[0].same_bytes
    assert len(found.leaks) == 2
    assert not found.small
    assert found.num_images == 2000


def test_array_dataset_in_color():
    images = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    images[39] = images[0]
    found = audit(make_array_splits(images, np.arange(40) % 2), workers=1)
    assert [names_of(group) for group in found.exact] == [["0", "39"]]
    assert not found.near


def test_pair_search_equals_a_naive_loop(monkeypatch):
    images = make_strokes(300, seed=3)[..., 0]
    images[150:] = np.clip(
        images[:150] + np.random.default_rng(1).normal(0, 12, (150, 28, 28)), 0, 255
    )
    seen = [duplicates.appearance(Image.fromarray(image), b"") for image in images]
    thumbnails = np.stack([one.thumbnail.ravel() for one in seen]).astype(np.float64)
    correlation = np.corrcoef(thumbnails)
    groups = list(range(len(seen)))
    for i in range(len(seen)):
        for j in range(i):
            distance = int((seen[i].bits != seen[j].bits).sum())
            if distance <= duplicates.MAX_DISTANCE and correlation[i, j] >= 0.99:
                old, new = groups[i], groups[j]
                groups = [new if group == old else group for group in groups]
    expected = sorted(
        [i for i, group in enumerate(groups) if group == chosen]
        for chosen in set(groups)
        if groups.count(chosen) > 1
    )
    assert expected
    monkeypatch.setattr(duplicates, "MIN_CORRELATION_TINY", 0.99)
    for block in (300, 2**12, 2**23):  # one row at a time, several blocks, one block
        monkeypatch.setattr(duplicates, "_BLOCK", block)
        assert [members for members, _ in duplicates.near_duplicates(seen)] == expected


def test_many_candidates_are_compared_all_at_once():
    # Faint noise on one strong pattern: every hash is close, and every thumbnail is alike.
    rng = np.random.default_rng(0)
    pattern = np.asarray(make_picture(5, (96, 96)).convert("L")).astype(float)
    images = (pattern + rng.normal(0, 2, (60, 96, 96))).astype(np.uint8)
    seen = [duplicates.appearance(Image.fromarray(image), b"") for image in images]
    ((members, lowest),) = duplicates.near_duplicates(seen)
    assert members == list(range(60))
    assert lowest > 0.99


def test_too_many_images_to_compare(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("app.data.audit.audit.MAX_COMPARED", 5)
    files = plain_files()
    files["test/cat/near.png"] = encode(make_picture(0).resize((80, 60)), "PNG")
    found = audit(make_splits(tmp_path, files), workers=1)
    assert (found.near, found.near_sought) == ((), False)


def test_audit_of_nothing():
    empty = np.zeros((0, 28, 28, 1), np.uint8)
    found = audit(make_array_splits(empty, np.zeros(0, np.int64)), workers=1)
    assert_clean(found)
    assert found.num_images == 0


def test_real_photographs_hold_the_known_pairs(real_data: Path):
    root = real_data / "catsdogs" / "PetImages"
    pairs = [("Cat/3345", "Cat/10360"), ("Dog/8087", "Dog/1947")]
    near_pairs = [("Cat/3112", "Cat/7545"), ("Dog/5163", "Dog/6026")]
    names = [name for pair in pairs + near_pairs for name in pair]
    names += [f"{pet}/{number}" for pet in ("Cat", "Dog") for number in range(200, 500)]
    labels = np.array([name.startswith("Dog") for name in names], np.int64)
    photographs = Split([root / f"{name}.jpg" for name in names], labels, names)
    nothing = photographs.take(np.zeros(0, np.int64))
    splits = Dataset("real", photographs, nothing, nothing, ("cat", "dog"), 3, "test")
    found = audit(splits, workers=2)
    assert not found.unreadable
    assert [tuple(names_of(group)) for group in found.exact] == pairs
    assert [tuple(names_of(group)) for group in found.near] == near_pairs


def test_real_digits_hold_no_pairs(real_data: Path):
    splits = load_mnist(real_data)
    nothing = splits.test.take(np.zeros(0, np.int64))
    assert_clean(audit(replace(splits, train=nothing, validation=nothing), workers=2))
