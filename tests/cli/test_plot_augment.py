"""`python -m app plot augment`, in this process and in another one."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.augmentation.augmentation import Augmentation
from app.augmentation.parsing import parse_augmentation
from app.augmentation.presets import LECTURE, PHOTOGRAPHS, STRONG
from app.augmentation.sweep import sweeps
from app.cli import main
from app.cli.plot import augmentation as plot_augmentation
from app.config import RunSettings
from app.data.batches import Batches
from app.data.pixels import StreamedImages, epoch_order, prepare_batch
from app.figures import augmentation as augmentation_figures
from app.training.recipes import resolve

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(capsys):
    """Run the command; return exit status, standard output and standard error."""

    def call(*arguments):
        capsys.readouterr()
        try:
            status = main(["plot", "augment", *(str(argument) for argument in arguments)])
        except SystemExit as error:
            status = error.code
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def shown(monkeypatch):
    """What the command hands to the figures: names of arguments to values."""
    calls = []
    for name in ("original_and_augmented", "table_of_images"):
        draw = getattr(augmentation_figures, name)

        def spy(*arguments, _draw=draw, **keywords):
            calls.append((arguments, keywords))
            return _draw(*arguments, **keywords)

        monkeypatch.setattr(augmentation_figures, name, spy)
    return calls


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
@pytest.mark.parametrize("kind", [[], ["--sweep"], ["--fill-modes"]])
def test_plot_augment_image_writes_every_format(run, shapes, tmp_path, ending, kind):
    target = tmp_path / f"grid{ending}"
    for _ in range(2):  # the second time over its own kind
        status, out, err = run(shapes / "disc" / "0.png", "-o", target, "--image-size", "40", *kind)
        assert (status, out) == (0, "")
        announced, wrote = err.splitlines()
        assert announced.startswith(f"drawing {target}: loading ")
        assert wrote == f"wrote {target}"
    if ending == ".png":
        with Image.open(target) as picture:
            assert picture.width == 1200


def test_plot_augment_dataset_equals_training_batches(run, shapes, tmp_path, shown):
    """The cells equal what `Batches` yields for the same seed, epoch by epoch."""
    seed, epochs = 3, 3
    status, *_ = run(
        shapes, "-o", tmp_path / "g.png", "--rows", "4", "--cols", epochs, "--seed", seed,
        "--image-size", "40",
    )  # fmt: skip
    assert status == 0
    from app.data.folder import load_folder

    train = load_folder(shapes).train
    images = StreamedImages(train.images, (40, 40), 3)
    batches = Batches(
        images,
        np.arange(len(train)),
        batch_size=len(train),
        shuffle=True,
        augment=PHOTOGRAPHS,
        seed=seed,
    )
    (rows, _columns), _ = shown[0]
    positions = [train.names.index(row.label.split("\n")[1]) for row in rows]
    for epoch in range(epochs):
        batches.enter_epoch(epoch)
        augmented, met = batches[0]
        assert met.tolist() == epoch_order(len(train), seed, epoch).tolist()
        for row, position in zip(rows, positions, strict=True):
            np.testing.assert_array_equal(row.images[0], images[np.array([position])][0])
            expected = augmented[met.tolist().index(position)]
            np.testing.assert_array_equal(row.images[1 + epoch], expected)


def test_plot_augment_rows_alternate_between_classes(run, shapes, tmp_path, shown):
    run(shapes, "-o", tmp_path / "g.png", "--rows", "6", "--cols", "1", "--image-size", "16")
    labels = [row.label for row in shown[0][0][0]]
    classes = [label.split("\n")[0] for label in labels]
    assert set(classes[:3]) == set(classes[3:]) == {"across", "disc", "down"}
    assert len(set(labels)) == 6


def test_plot_augment_image_equals_training_epochs(run, shapes, tmp_path, shown):
    image = shapes / "disc" / "0.png"
    run(image, "-o", tmp_path / "g.png", "--rows", "2", "--cols", "3", "--image-size", "40")
    (original, augmented, captions), keywords = shown[0]
    pixels = np.asarray(Image.open(image))
    np.testing.assert_array_equal(original, pixels)
    assert augmented.shape == (2, 3, 40, 40, 3)
    for epoch in range(6):
        batch = prepare_batch(pixels[np.newaxis], np.array([0]), PHOTOGRAPHS, 0, epoch)
        np.testing.assert_array_equal(augmented[divmod(epoch, 3)], batch[0])
    assert captions == [f"epoch {k}" for k in range(1, 7)]
    assert "0.png" in keywords["title"]
    assert "rotation_range=20.0" in keywords["note"]


def test_plot_augment_gray_image_has_one_channel(run, tmp_path, shown):
    Image.fromarray(np.eye(30, dtype=np.uint8) * 200).save(tmp_path / "gray.png")
    run(tmp_path / "gray.png", "-o", tmp_path / "g.png")
    assert shown[0][0][0].shape == (150, 150, 1)


def test_plot_augment_digits_are_not_mirrored(run, tmp_path, shown):
    status, *_ = run("digits", "-o", tmp_path / "g.png")
    assert status == 0
    rows, columns = shown[0][0]
    assert (len(rows), len(columns)) == (4, 5)
    assert rows[0].images[0].shape == (28, 28, 1)
    assert "flip" not in shown[0][1]["note"]


def test_plot_augment_mixing_is_drawn_or_noted(run, shapes, tmp_path, shown):
    run(shapes, "-o", tmp_path / "g.png", "--augment", "strong", "--image-size", "32")
    assert "mixed with others of this picture" in shown[0][1]["note"]
    run(shapes / "disc" / "1.png", "-o", tmp_path / "g.png", "--augment", "strong")
    assert "left out" in shown[1][1]["note"]


def test_plot_augment_fill_modes_differ_only_outside(run, shapes, tmp_path, shown):
    image = shapes / "across" / "0.png"
    run(image, "-o", tmp_path / "g.png", "--fill-modes", "--rows", "1", "--image-size", "40",
        "--augment", "width_shift_range=[10],cval=7")  # fmt: skip
    (row,), columns = shown[0][0]
    assert columns == ["original", "nearest", "constant (7)", "reflect", "wrap"]
    assert row.label == "epoch 1"
    original, nearest, constant, reflect, wrap = row.images
    outside = (constant == 7).all(axis=(0, 2))
    assert outside.sum() == 10
    for other in (nearest, reflect, wrap):
        np.testing.assert_array_equal(other[:, ~outside], constant[:, ~outside])
    assert not np.array_equal(nearest, original)


def test_plot_augment_sweep_labels(run, shapes, tmp_path, shown):
    run(shapes / "disc" / "0.png", "-o", tmp_path / "g.png", "--sweep", "--cols", "3",
        "--augment", "rotation_range=40,width_shift_range=.2,zoom_range=[.8,1.4],aspect_range=1.5,"
        "vertical_flip=true,channel_shift_range=20,brightness_range=[.5,1.5]")  # fmt: skip
    labels = {row.label.split("\n")[0]: row.captions for row in shown[0][0][0]}
    assert labels == {
        "rotation": ("−40°", "0°", "+40°"),
        "width shift": ("20% right", "0%", "20% left"),
        "zoom": ("×0.80", "×1.10", "×1.40"),
        "aspect ratio": ("0.67", "1.00", "1.50"),
        "vertical flip": ("no", "yes"),
        "channel shift": ("−20 levels", "0 levels", "+20 levels"),
        "brightness": ("×0.50", "×1.00", "×1.50"),
    }


def test_sweeps_match_their_labels():
    image = np.zeros((20, 40, 3), np.uint8)
    image[8:12, 16:24] = 120
    found = {
        row.parameter.split("\n")[0]: row
        for row in sweeps(
            Augmentation(
                width_shift_range=0.25, height_shift_range=6, horizontal_flip=True,
                brightness_range=(0.5, 1.5), color_jitter=0.5, fill_mode="constant",
            ), 3, image.shape,
        )
    }  # fmt: skip
    still = Augmentation(fill_mode="constant")
    right, same, left = found["width shift"].apply(still, image)
    np.testing.assert_array_equal(same, image)
    np.testing.assert_array_equal(right[:, 10:], image[:, :-10])
    np.testing.assert_array_equal(left[:, :-10], image[:, 10:])
    down, _, up = found["height shift"].apply(still, image)  # whole pixels below 6
    np.testing.assert_array_equal(down[5:], image[:-5])
    np.testing.assert_array_equal(up[:-5], image[5:])
    assert found["height shift"].labels == ("25% down", "0%", "25% up")
    np.testing.assert_array_equal(found["horizontal flip"].apply(still, image)[1], image[:, ::-1])
    assert [cell.max() for cell in found["brightness"].apply(still, image)] == [60, 120, 180]
    assert [cell.max() for cell in found["jitter: brightness"].apply(still, image)] == [
        60,
        120,
        180,
    ]


def test_sweeps_of_presets():
    assert [row.parameter.split("\n")[0] for row in sweeps(LECTURE, 5, (150, 150, 3))] == [
        "rotation", "width shift", "height shift", "shear", "zoom", "horizontal flip",
    ]  # fmt: skip
    names = [row.parameter.split("\n")[0] for row in sweeps(STRONG, 5, (28, 28, 1))]
    assert "jitter: contrast" in names
    assert "jitter: saturation" not in names  # gray images have none
    assert sweeps(Augmentation(), 5, (9, 9, 3)) == ()
    with pytest.raises(ValueError, match="steps"):
        sweeps(LECTURE, 1, (9, 9, 3))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "grid.txt"], ["grid.txt", ".png"]),
        (["-o", "."], ["a folder"]),
        (["-o", "g.png", "--augment", "auto"], ["auto", "grow", "lecture"]),
        (["-o", "g.png", "--augment", "none"], ["changes nothing", "lecture"]),
        (["-o", "g.png", "--augment", "strange"], ["strange", "lecture"]),
        (["-o", "g.png", "--augment", "rotation_range=-3"], ["rotation_range", "-3"]),
        (["-o", "g.png", "--augment", "missing.json"], ["missing.json"]),
        (["-o", "g.png", "--rows", "0"], ["--rows", "from 1 to 20"]),
        (["-o", "g.png", "--cols", "21"], ["--cols", "from 1 to 20"]),
        (["-o", "g.png", "--seed", "-1"], ["--seed"]),
        (["-o", "g.png", "--image-size", "0"], ["--image-size"]),
        (["-o", "g.png", "--sweep", "--cols", "1"], ["--cols", "from 2 to 12"]),
        (["-o", "g.png", "--sweep", "--rows", "2"], ["--rows", "--sweep"]),
        (["-o", "g.png", "--fill-modes", "--cols", "2"], ["--cols", "--fill-modes"]),
        (["-o", "g.png", "--sweep", "--augment", "random_erasing=1"], ["--sweep", "range"]),
    ],
)
def test_plot_augment_wrong_usage_exits_with_2(
    run, shapes, tmp_path, monkeypatch, arguments, words
):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(shapes / "disc" / "0.png", *arguments)
    assert (status, out) == (2, "")
    for word in words:
        assert word in err
    assert not (tmp_path / "g.png").exists()


def test_plot_augment_wrong_subject_exits_with_2(run, shapes, tmp_path):
    target = tmp_path / "g.png"
    status, _, err = run(tmp_path / "nowhere", "-o", target)
    assert status == 2
    assert "neither a file, a folder, a dataset nor a reference" in err
    bad = tmp_path / "bad.png"
    bad.write_text("hello")
    status, _, err = run(bad, "-o", target)
    assert status == 2
    assert "not an image" in err
    for path in shapes.rglob("*.png"):
        path.write_text("hello")
    status, _, err = run(shapes, "-o", target)
    assert status == 2
    assert "can be decoded" in err
    assert not target.exists()


def test_plot_augment_unreadable_files_are_skipped(run, shapes, tmp_path, shown):
    for path in (shapes / "disc").glob("*.png"):
        path.write_text("hello")
    status, _, err = run(shapes, "-o", tmp_path / "g.png", "--image-size", "16")
    assert status == 0
    assert "skipped 'disc/" in err
    assert len(shown[0][0][0]) == 4


def test_plot_augment_reads_settings_from_a_file(run, shapes, tmp_path, shown):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"rotation_range": 33}))
    run(shapes / "disc" / "0.png", "-o", tmp_path / "g.png", "--augment", path)
    assert "'mine.json'" in shown[0][1]["title"]
    assert "rotation_range=33" in shown[0][1]["note"]


def test_plot_augment_imports_no_keras(shapes, tmp_path):
    """`--help` loads nothing heavy, and the pictures do without Keras."""
    program = (
        "import sys\nfrom app.cli import main\n"
        "try:\n    main(sys.argv[2:])\nexcept SystemExit:\n    pass\n"
        "print([name for name in sys.argv[1].split(',') if name in sys.modules])"
    )
    image = str(shapes / "disc" / "0.png")
    for banned, arguments in (
        ("numpy,cv2,matplotlib,keras,scipy", ["--help"]),
        ("keras,tensorflow", [image, "-o", str(tmp_path / "g.png")]),
    ):
        done = subprocess.run(
            [sys.executable, "-c", program, banned, "plot", "augment", *arguments],
            capture_output=True, text=True, cwd=ROOT, check=True,
        )  # fmt: skip
        assert done.stdout.splitlines()[-1] == "[]", done.stdout


@pytest.mark.parametrize(
    ("subject", "preset"),
    [
        ("digits", "digits"),
        ("drawn", "lecture"),
        ("FOLDER", "photographs"),
        ("IMAGE", "photographs"),
    ],
)
def test_plot_augment_default_is_that_of_training(tmp_path, subject, preset):
    place = {"FOLDER": str(tmp_path), "IMAGE": str(tmp_path / "photo.jpg")}.get(subject, subject)
    parsed = argparse.Namespace(subject=place, augment=None)
    augmentation, name = plot_augmentation._augmentation(parsed)
    assert augmentation == parse_augmentation(preset)
    assert f"'{preset}'" in name
    trained_with = resolve(RunSettings(dataset=place)).augment
    assert ("uses none by default" in name) == (trained_with == "none")
    assert ("the default of training" in name) == (trained_with == preset)
