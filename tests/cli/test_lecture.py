"""`python -m app lecture`: what it prints, in 80 columns, and what it refuses."""

from functools import partial

import keras
import pytest
from PIL import Image


@pytest.fixture
def run(program):
    return partial(program, "lecture")


SOBEL = ("convolve", "1 2 3; 4 5 6; 7 8 9", "-1 -2 -1; 0 0 0; 1 2 1", "--mode", "same")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("convolve", "1 0 -1", "0 1 2"), "[  0   1   2  −1  −2 ]"),
        (("convolve", "1 0 -1", "0 1 2"), "c1 = a1·b1 = 1·0 = 0"),
        (SOBEL, "[ −13  −20  −17 ]"),
        (SOBEL, "y[0,0] = c22 = a11·b22 + a12·b21 + a21·b12 + a22·b11"),
        (SOBEL, "[  −1   −4   −8   −8   −3 ]\n"),
        (SOBEL, "Layers of networks compute the cross-correlation"),
        ((*SOBEL, "--entry", "3,3"), "y[2,2] = c44 = a22·b33"),
        (("convolve", "1 0 -1", "0 1 2"), "C = A * B, full: c_x = Σ_u a_u · b_(x−u+1)"),
        (("convolve", "1 2; 3 4", "1 2"), "C = A * B, full: c_xy = Σ_u Σ_v a_uv ·"),
        (("convolve", "1 2", "1 2 3"), "A, the kernel:"),
        (("convolve", "1 2", "1 2 3", "--kernel", "B", "--mode", "same"), "A, the image:"),
        (("convolve", "1 2 3", "1 2", "--mode", "same"), "no center"),
        (("convolve", " ".join("1" * 90), "1 1"), "… and 27 more entries"),
        (("output-size", "5", "3", "1", "1"), "⌊(5 − 3 + 2·1) / 1⌋ + 1 = 5"),
        (("output-size", "5", "3", "2", "1"), "⌊(5 − 3 + 2·1) / 2⌋ + 1 = 3"),
        (("output-size", "7", "3", "2", "0"), 'padding="same" in Keras: ⌈7 / 2⌉ = 4'),
        (("output-size", "28", "3", "--dilation", "2"), "2·(3 − 1) + 1 = 5 cells"),
        (("output-size", "28", "3", "--dilation", "2"), "⌊(28 − 5 + 2·0) / 1⌋ + 1 = 24"),
        (("output-size", "10", "3", "2", "0"), "The last cell of the padded input is never"),
        (("output-size", "11", "3", "3", "0"), "last 2 cells"),
        (("output-size", "10", "3", "2", "0"), "F = 2 or 4"),
        (
            ("parameters", "--input", "32x32x3", "--filter", "5", "--filters", "5"),
            "784 times fewer",
        ),
        (("parameters",), "over 200×200×3: 120,000 weights"),
        (("parameters",), "512 × (120,000 + 1 bias) = 61,440,512 parameters"),
        (("demo",), "o[0, 0, 0] ="),
        (("demo",), "x[:, :, 0], zero-padded by P = 1:"),
        (("demo",), "slice 2: 0·1 + 0·1 + 0·(−1) + 0·0 + 1·0 + 0·(−1) + 0·0 + 1·0 + 0·1 = 0"),
        (("demo",), "Layers of networks compute the cross-correlation"),
        (("demo", "--input", "7x5x1", "--filters", "1", "--padding", "0"), "x[:, :, 0]"),
        (("parameters", "--input", "28x28x1", "--filter", "3", "--filters", "32"), "26×26×32"),
        (("demo", "--input", "5x5x40", "--filters", "20"), "o[:, :, 19]:"),
        (("demo", "--input", "5x5x6", "--seed", "13"), "o[:, :, 0]:"),
        (("output-size", "20000002", "3", "2", "0"), "S = 1 or"),
        (("output-size", "20000000", "3", "2", "0"), "9999999.5: the filter"),
        (("padding",), "P = 0: output 3×3; windows per pixel: 1 to 9\n  [ 1  2  3  2  1 ]"),
        (("padding",), "P = 1: output 5×5; windows per pixel: 4 to 9\n  [ 4  6  6  6  4 ]"),
        (("padding",), "the upper left pixel is covered once, the middle one 9 times."),
        (("padding",), "P = 0: 5×5 → 3×3 → 1×1, then the filter no longer fits."),
        (("padding",), "P = 1: 5×5 → 5×5 → 5×5"),
        (("padding", "--input", "8x5", "--stride", "2"), "no window reaches 5 of 40 pixels"),
        (("padding", "--input", "2x2"), "P = 0: the filter does not fit; windows per pixel: 0"),
        (("padding", "--input", "227x227", "--filter", "11", "--stride", "4"), "…"),
        (("padding", "--padding", "0"), "windows per pixel: 1 to 9"),
        (("padding", "--input", "1x1", "--filter", "1", "--stride", "3"), "covered 0 times"),
        (("pooling",), "max(1, 1, 5, 6) = 6"),
        (("pooling",), "average(2, 4, 7, 8) = 5.25"),
        (("pooling",), "√(1² + 1² + 5² + 6²) = 7.93725"),
        (("pooling",), "75% fewer activations"),
        (("pooling",), "W₂ = ⌊(4 − 2) / 2⌋ + 1 = 2\n"),
        (("pooling", "1 2 3; 4 5 6; 7 8 -9", "--stride", "1"), "o[1, 1] = max(5, 6, 8, −9) = 8"),
        (("pooling", "; ".join(["1 2 " * 9] * 18), "--kind", "max"), "… and 17 more cells"),
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
    assert "1. Pooling enlarges the receptive field" in out
    assert "2. " not in out  # it has no Flatten


def test_receptive_field_prints_three_reasons_for_pooling(run):
    status, out, _ = run("receptive-field", "catsdogs-lecture")
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    flat = " ".join(out.split())
    assert "would see 9 pixels across instead of 46" in flat
    # By hand: four 3×3 convolutions without padding shrink 150 to 142.
    assert 142 * 142 * 128 * 512 == 1_321_467_904
    assert "6,272 · 512 = 3,211,264 weights" in flat
    assert "142×142×128 · 512 = 1,321,467,904" in flat


def test_a_network_without_windows(run):
    status, out, _ = run("receptive-field", "mnist-dense")
    assert status == 0
    assert out == "No layer of mnist-dense has a window: each unit depends on the whole image.\n"


@pytest.mark.filterwarnings("default::app.errors.AppWarning")
def test_a_network_of_sequences(run, tmp_path):
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)), layers.Reshape((49, 16)), layers.Conv1D(8, 3),
            layers.Flatten(), layers.Dense(10, activation="softmax"),
        ]
    )  # fmt: skip
    network.save(tmp_path / "sequences.keras")
    status, out, err = run("parameters", str(tmp_path / "sequences.keras"))
    assert status == 0
    assert "no card" in err
    assert "49×16" in out
    assert "47×8" in out


@pytest.mark.slow
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
        (("convolve", "1 2 3", "1 2", "--mode", "valid", "--kernel", "A"), "Make B the kernel"),
        (("output-size", "9", "3", "--dilation", "0"), "Expected at least 1"),
        (("convolve", "1 2 3", "1 2", "--entry", "9"), "Expected one number"),
        (("convolve", "1 2; 3 4", "1 2; 3 4", "--entry", "0,1"), "a row and a column"),
        (("output-size", "3", "9", "1", "0"), "padding of 3"),
        (("output-size", "3", "9", "1", "x"), "is not a whole number"),
        (("parameters", "--input", "7x7"), "--filter, --filters missing"),
        (("parameters", "--input", "7x7", "--filter", "3", "--filters", "2"), "such as 227x227x3"),
        (
            ("parameters", "mnist-convnet", "--filter", "3"),
            "Expected a saved model, or the numbers",
        ),
        (("parameters", "no-such-model"), "does not exist"),
        (("demo", "--stride", "3"), "not whole"),
        (("demo", "--input", "5x5"), "such as 227x227x3"),
        (("demo", "--filters", "0"), "Expected positive"),
        (("demo", "--input", "101x101x1"), "at most 400"),
        (("demo", "--input", "99999x99999x3"), "5,000,000,000 steps"),
        (("demo", "--input", "5x5x99999999"), "at most 10,000"),
        (("demo", "--seed", "-1"), "of at least 0"),
        (("demo", "-o", "demo.txt"), ".gif"),
        (("receptive-field", "no-such-model"), "does not exist"),
        (("padding", "--input", "5x5x3"), "such as 5x5"),
        (("padding", "--input", "axb"), "such as 5x5"),
        (("padding", "--input", "0x5"), "W, the input, is 0"),
        (("padding", "--stride", "0"), "S, the stride, is 0"),
        (("padding", "--padding", "-1"), "P, the padding, is -1"),
        (("padding", "--filter", "8"), "Expected at most 7 cells"),
        (("padding", "--filter", "1001"), "1,001 is too large"),
        (("pooling", "1 2; 3"), "as many in each row"),
        (("pooling", "x"), "'x'"),
        (("pooling", ""), "no numbers"),
        (("pooling", "1 2 3"), "A window of 2×2 on 3×1"),
        (("pooling", "1 2 3; 4 5 6; 7 8 9"), "not whole"),
        (("pooling", "--window", "0"), "F, the filter, is 0"),
        (("pooling", "--stride", "-2"), "S, the stride, is -2"),
        (("pooling", "--kind", "median"), "'median' is unknown"),
        (("pooling", "1 a " * 200), "'a' in"),
    ],
)
def test_slips(run, arguments, message):
    status, _, err = run(*arguments)
    assert status == 2
    assert message in err
    assert "Traceback" not in err
