"""`python -m app lecture`: what it prints, in 80 columns, and what it refuses."""

import pytest
from PIL import Image

from app.cli import main


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments):
        capsys.readouterr()
        try:
            status = main(["lecture", *arguments])
        except SystemExit as error:
            status = error.code
        return status, *capsys.readouterr()

    return call


SOBEL = ("convolve", "1 2 3; 4 5 6; 7 8 9", "-1 -2 -1; 0 0 0; 1 2 1", "--mode", "same")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("convolve", "1 0 -1", "0 1 2"), "[  0   1   2  −1  −2 ]"),
        (("convolve", "1 0 -1", "0 1 2"), "c1 = a1·b1 = 1·0 = 0"),
        (SOBEL, "[ −13  −20  −17 ]"),
        (SOBEL, "c11 = a11·b22 + a12·b21 + a21·b12 + a22·b11"),
        ((*SOBEL, "--entry", "3,3"), "c33 = a22·b33"),
        (("convolve", "1 2; 3 4", "1 2"), "C = A * B, full"),
        (("convolve", "1 2 3", "1 2", "--mode", "same"), "Beware"),
        (("convolve", " ".join("1" * 90), "1 1"), "… and 27 more entries"),
        (("output-size", "5", "3", "1", "1"), "(5 − 3 + 2·1) / 1 + 1 = 5"),
        (("output-size", "5", "3", "2", "1"), "= 3"),
        (("output-size", "10", "3", "2", "0"), "F = 2 or 4"),
        (("parameters",), "290,400 × 364 = 105,705,600"),
        (("parameters",), "over 200×200×3: 120,000 weights"),
        (("demo",), "o[0, 0, 0] ="),
        (("demo", "--input", "7x5x1", "--filters", "1", "--padding", "0"), "x[:, :, 0]"),
        (("parameters", "--input", "28x28x1", "--filter", "3", "--filters", "32"), "26×26×32"),
    ],
)
def test_examples(run, arguments, expected):
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    assert expected in out
    assert max(map(len, out.splitlines())) <= 80


def test_models(run, shapes_model):
    folder, _ = shapes_model
    status, out, _ = run("parameters", str(folder))
    assert status == 0
    assert "block_1" in out
    status, out, _ = run("receptive-field", str(folder))
    assert status == 0
    # 3×3, pooling, 3×3 behind a step of two.
    assert [line.split()[-2] for line in out.splitlines() if "block_1/" in line] == [
        "3×3", "4×4", "8×8",
    ]  # fmt: skip
    assert "Without pooling, the same convolutions would see" in out


@pytest.mark.parametrize("ending", [".gif", ".png"])
def test_the_demo_is_drawn(run, tmp_path, ending):
    target = tmp_path / f"demo{ending}"
    status, _, err = run("demo", "--input", "3x3x1", "--stride", "1", "-o", str(target))
    assert status == 0, err
    with Image.open(target) as picture:
        assert picture.width == (900 if ending == ".gif" else 1200)
        assert getattr(picture, "n_frames", 1) == (18 if ending == ".gif" else 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("convolve", "1 2; 3", "1"), "as many in each row"),
        (("convolve", "x", "1"), "'x'"),
        (("convolve", "", "1"), "no numbers"),
        (("convolve", "1 2; 3 4", "1 2 3", "--mode", "valid"), "Nothing is left"),
        (("convolve", "1 2 3", "1 2", "--entry", "9"), "Expected one number"),
        (("convolve", "1 2; 3 4", "1 2; 3 4", "--entry", "0,1"), "a row and a column"),
        (("output-size", "3", "9", "1", "0"), "padding of 3"),
        (("output-size", "3", "9", "1", "x"), "invalid int"),
        (("parameters", "--input", "7x7"), "--filter, --filters missing"),
        (("parameters", "--input", "7x7", "--filter", "3", "--filters", "2"), "such as 227x227x3"),
        (("parameters", "mnist-convnet", "--filter", "3"), "Expected a saved model, or the numbers"),
        (("parameters", "no-such-model"), "does not exist"),
        (("demo", "--stride", "3"), "not whole"),
        (("demo", "--input", "5x5"), "such as 227x227x3"),
        (("demo", "--filters", "0"), "Expected positive"),
        (("demo", "--input", "101x101x1"), "at most 400"),
        (("demo", "--seed", "-1"), "from 0 on"),
        (("demo", "-o", "demo.txt"), ".gif"),
        (("receptive-field", "no-such-model"), "does not exist"),
    ],
)
def test_slips(run, arguments, message):
    status, _, err = run(*arguments)
    assert status == 2
    assert message in err
    assert "Traceback" not in err
