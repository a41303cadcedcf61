"""`python -m app lecture` with images and `-o`: what is printed, drawn and refused."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.lab.transformations import TRANSFORMATIONS
from app.lecture.choices import TRANSFORMATION_NAMES
from app.lecture.kernels import KERNELS

THREE = str(Path(__file__).parent.parent / "images" / "three.jpg")
BOX = ("1 2 3; 4 5 6; 7 8 9", "-1 -2 -1; 0 0 0; 1 2 1")


@pytest.fixture
def run(program):
    return partial(program, "lecture")


@pytest.fixture
def noise(tmp_path):
    """Write noise as an image of a size, and return its file."""

    def write(width, height, mode="RGB"):
        shape = (height, width, 3) if mode == "RGB" else (height, width)
        pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "noise.png")
        return tmp_path / "noise.png"

    return write


def lines(out):
    """The printed lines, each in 80 columns."""
    assert max(map(len, out.splitlines())) <= 80
    return out.splitlines()


def test_pooling_image_is_pooled_by_channel(run, noise):
    status, out, err = run("pooling", noise(40, 31))
    assert (status, err) == (0, "")
    found = " ".join(lines(out))
    assert "W₂ = ⌊(40 − 2) / 2⌋ + 1 = 20 " in found
    assert "H₂ = ⌊(31 − 2) / 2⌋ + 1 = 15, 1 left out" in found
    for name in ("maximum", "average", "L2 norm"):
        assert f"{name}   20×15×3" in found


def test_pooling_gray_keeps_one_channel_and_large_is_reduced(run, noise):
    status, out, _ = run("pooling", noise(1000, 500, "L"), "--kind", "max", "--window", 4)
    assert status == 0
    assert "400×200×1" in out
    assert "199×99×1" in out
    assert "average" not in out


def test_kernels_are_printed_with_exact_factors(run):
    status, out, err = run("kernels", THREE)
    assert (status, err) == (0, "")
    printed = lines(out)
    for name, kernel in KERNELS.items():
        assert f"{name}: {kernel.effect}" in printed
    assert "  1/16 × [ 2  4  2 ]" in printed
    assert "  1/256 × [  6  24  36  24   6 ]" in printed
    assert sum(line.startswith("  weights sum up to 0; response −") for line in printed) == 8
    assert "  separable: column [1 2 1] × row [−1 0 1], 6 products, not 9" in printed
    assert "the kernels are not flipped" in out


def test_kernels_flip_changes_the_sign_of_a_derivative(run):
    ranges = []
    for flags in ((), ("--flip",)):
        status, out, _ = run("kernels", THREE, "--kernel", "sobel-x", *flags)
        assert status == 0
        (line,) = [line for line in lines(out) if "; response " in line]
        ranges.append([x.lstrip("−") for x in line.split("response ")[1].split(" to ")])
    assert ranges[0] == ranges[1][::-1]


def test_kernels_one_kernel_or_a_matrix(run):
    status, out, _ = run("kernels", THREE, "--kernel", "sobel-x")
    assert status == 0
    assert "sobel-x: positive where brighter to the right" in lines(out)
    assert "sobel-y" not in out
    status, out, _ = run("kernels", THREE, "--matrix", "0.5 0.5")
    assert status == 0
    assert "  [ 0.5  0.5 ]" in lines(out)
    assert "weights sum up to 1; response" in out


def test_equivariance_prints_both_errors(run, noise):
    status, out, err = run("equivariance", noise(30, 20))
    assert (status, err) == (0, "")
    stride_1 = next(line.split() for line in lines(out) if line.startswith(" convolution   "))
    assert stride_1 == ["convolution", "1", "0", "0", "0", "0"]
    strided = next(line.split() for line in lines(out) if line.startswith(" convolution, stride 2"))
    assert [strided[k] == "0" for k in (-4, -3, -2, -1)] == [False, True, False, True]
    average = next(line.split() for line in lines(out) if line.startswith(" global average  "))
    assert average[2:] == ["0"] * 4
    assert "Zero padding is not equivariant." in " ".join(out.split())


def test_invariance_names_are_those_of_the_experiment():
    names = tuple(one.name.replace(" ", "-") for one in TRANSFORMATIONS)
    assert names == TRANSFORMATION_NAMES


def test_invariance_prints_and_draws_the_predictions(run, tmp_path):
    target = tmp_path / "i.png"
    models = "mnist-dense", "mnist-convnet"
    status, out, _ = run("invariance", "rotation", THREE, *models, "-o", target)
    assert status == 0
    (row,) = [line.split() for line in lines(out) if line.split()[:1] == ["0"]]
    assert [row[1], row[3]] == ["3,", "3,"]
    assert out.count("the prediction stays the same at") == 2
    with Image.open(target) as picture:
        assert picture.width == 1200


@pytest.mark.parametrize(
    "arguments",
    [
        ("padding",),
        ("padding", "--input", "3x30", "--filter", 5, "--stride", 2, "--padding", 2),
        ("pooling",),
        ("pooling", BOX[0], "--stride", 1, "--kind", "average"),
        ("pooling", THREE, "--window", 8, "--stride", 8),
        ("equivariance", THREE),
        ("equivariance", THREE, "--kernel", "laplacian", "--shift", 3),
        ("kernels", THREE),
        ("kernels", THREE, "--kernel", "gaussian-blur"),
        ("kernels", THREE, "--matrix", "1 -1"),
        ("convolve", *BOX, "--entry", "2,3"),
        ("convolve", "1 2", "1 2 3 4", "--mode", "valid"),
        ("convolve", "1 2", "1 2 3 4", "--mode", "same"),
    ],
)
def test_lecture_pictures_are_written(run, tmp_path, arguments):
    for name in ("picture.png", "picture.svg"):
        status, out, err = run(*arguments, "-o", tmp_path / name)
        target = tmp_path / name
        assert (status, err) == (0, f"drawing {target} …\nwrote {target}\n")
        lines(out)
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.width == 1200
        # Neither empty nor cut off: something is drawn, and nothing along the edges.
        pixels = np.asarray(picture.convert("L"))
        assert pixels.min() < 100
        edges = (pixels[:8], pixels[-8:], pixels[:, :8], pixels[:, -8:])
        assert all((edge == 255).all() for edge in edges)


@pytest.mark.parametrize(
    ("arguments", "frames"),
    [
        (("1 0 -1", "0 1 2"), 5),
        (("1 0 -1", "0 1 2", "--mode", "same"), 3),
        (("1 2", "1 2 3 4", "--mode", "valid"), 3),
        (("1 2", "1 2 3 4", "--mode", "same"), 4),
        (("1 2", "1 2 3 4", "--mode", "same", "--kernel", "B"), 2),
        ((*BOX, "--mode", "same", "--entry", "2,3"), 6),
    ],
)
def test_convolve_animation_has_a_frame_per_entry(run, tmp_path, arguments, frames):
    target = tmp_path / "a.gif"
    status, _, err = run("convolve", *arguments, "-o", target)
    assert status == 0, err
    with Image.open(target) as animation:
        assert animation.n_frames == frames
        assert animation.width == 900


def test_integral_picture_is_written(run, tmp_path):
    target = tmp_path / "i.png"
    status, out, err = run("integral", "box", "exponential", "--until", 0.5, "-o", target)
    assert (status, err) == (0, f"drawing {target} …\nwrote {target}\n")
    assert "0.5     0.6321         0.6256         0.6319          0.6321" in out
    assert "0.007 for 0.5, 0.0003 for 0.1, 3e-06 for 0.01" in " ".join(lines(out))
    assert target.stat().st_size > 10_000


def test_integral_animation_has_a_frame_per_value_of_t(run, tmp_path):
    status, out, err = run("integral", "box", "box", "--until", -0.5, "-o", tmp_path / "a.gif")
    assert status == 0, err
    assert "exact: the product" in " ".join(lines(out))
    with Image.open(tmp_path / "a.gif") as animation:
        assert animation.n_frames == 4


def test_convolve_animation_ends_with_the_picture(run, tmp_path):
    for name in ("a.gif", "a.png"):
        run("convolve", "1 2 3", "4 5", "-o", tmp_path / name)
    with Image.open(tmp_path / "a.gif") as animation, Image.open(tmp_path / "a.png") as picture:
        animation.seek(animation.n_frames - 1)
        last, small = animation.convert("L"), picture.convert("L").resize(animation.size)
        assert np.abs(np.asarray(last, float) - np.asarray(small, float)).mean() < 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("padding", "-o", "p.gif"), "are not written by this command"),
        (("padding", "--input", "41x5", "-o", "p.png"), "at most 40 along a side"),
        (("pooling", " ".join("1" * 41), "--window", "1", "-o", "p.png"), "1×41 numbers"),
        (("pooling", "missing.jpg"), "'missing.jpg' cannot be used: No such file"),
        (("pooling", __file__), "not an image in a known format"),
        (("pooling", THREE, "--window", "500"), "A window of 500×500 on 300×400"),
        (("equivariance", "missing.jpg"), "No such file"),
        (("equivariance", THREE, "--shift", "0"), "--shift is 0. Expected 1 to 32 pixels"),
        (("equivariance", THREE, "--kernel", "sobel"), "Expected one of: identity, box-blur"),
        (("integral", "box", "sine"), "'sine' is unknown"),
        (("integral", "box", "box", "--until", "9"), "--until is 9. Expected -1.25 to 3.5"),
        (("invariance", "noise", THREE, "mnist-dense"), "'noise' is unknown"),
        (("invariance", "rotation", THREE), "required: MODEL"),
        (
            ("invariance", "rotation", THREE, "mnist-dense", "catsdogs-lecture"),
            "Expected models of one dataset",
        ),
        (("kernels",), "required: IMAGE"),
        (("kernels", "missing.jpg"), "No such file"),
        (("kernels", __file__), "Expected an image file such as a JPEG or PNG"),
        (("kernels", THREE, "--kernel", "sobel"), "Expected one of: identity, box-blur"),
        (("kernels", THREE, "--kernel", "sobel-x", "--matrix", "1"), "not allowed with"),
        (("kernels", THREE, "--matrix", "1 2; 3"), "as many in each row"),
        (("kernels", THREE, "--matrix", " ".join("1" * 16)), "at most 15"),
        (("kernels", THREE, "-o", "k.gif"), "are not written by this command"),
        (("demo", "--input", "101x3x1", "--filters", "1", "-o", "d.png"), "5×103 numbers"),
        (("convolve", "1 2", "1", "-o", "c.txt"), ".gif, .png"),
        (("convolve", " ".join("1" * 40), "1 1", "-o", "c.png"), "at most 40"),
        (("convolve", "; ".join(["1 1 " * 11] * 22), "1", "-o", "c.gif"), "484 steps"),
    ],
)
def test_lecture_wrong_usage_exits_with_2(run, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "topic",
    [
        "convolve",
        "demo",
        "equivariance",
        "integral",
        "invariance",
        "kernels",
        "padding",
        "pooling",
    ],
)
def test_lecture_help_is_light_and_fits_80_columns(topic):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "app", "lecture", topic, "--help"],
        capture_output=True, text=True, check=False, env={"COLUMNS": "80", "PATH": ""},
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert not imported & {"keras", "numpy", "matplotlib", "PIL", "rich"}
