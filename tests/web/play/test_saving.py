"""What leaves the page: panels as pictures, and the Python that makes a state."""

import contextlib
import io

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.slow

CODE = "document.querySelector('.convlab-python code').textContent"


@pytest.mark.parametrize("name", ["sliders", "kernel", "demo"])
def test_panel_is_saved_as_a_picture(live, name):
    live.open()
    panel = live.show(name)
    live.page.wait_for_timeout(300)
    with live.page.expect_download() as download:
        panel.get_by_role("button", name="as PNG").click()
    picture = Image.open(download.value.path()).convert("L")
    box = panel.bounding_box()
    assert download.value.suggested_filename == f"{name}.png"
    assert picture.width == pytest.approx(2 * box["width"], abs=2)
    assert np.asarray(picture).std() > 10  # not an empty sheet


@pytest.mark.parametrize("suffix", ["npy", "csv"])
def test_response_of_a_kernel_is_saved_as_numbers(live, suffix):
    live.open("model=mnist-convnet&choices=kernel-filter:3")
    panel = live.show("kernel")
    live.wait("document.querySelector('.convlab-kernel').textContent.includes('Filter 3 of 32')")
    with live.page.expect_download() as download:
        panel.get_by_role("button", name=f"Save as .{suffix}").click()
    path = download.value.path()
    found = np.load(path) if suffix == "npy" else np.loadtxt(path, delimiter=",")
    output = live.get("held.context.networks.get('mnist-convnet').output('conv_1')")
    expected = np.array(output, np.float32).reshape(26, 26, 32)[..., 3]
    np.testing.assert_array_equal(np.asarray(found, np.float32), expected)


def code_of(live, address):
    """Return the program of a state, and the values that the page shows for it."""
    live.open(address)
    live.show("python")
    model = live.get("held.store.state.model")
    live.wait(f"{CODE}.includes({model!r}.replaceAll(\"'\", '\"'))")
    live.page.wait_for_timeout(300)
    return live.get(CODE), live.get("held.context.values(held.store.state.model)")


def run(code):
    """Run a program as a user would; return what it prints and defines."""
    printed = io.StringIO()
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "copied.py", "exec"), names)
    return printed.getvalue(), names


def test_copied_program_computes_what_the_page_shows(live):
    code, values = code_of(
        live,
        "model=mnist-convnet&play=shift_x:0.142857;rotation:20&pin=conv_2,4,5,9"
        "&kernels=mnist-convnet%7Cconv_1%7C1:1,2,1,0,0,0,-1,-2,-1"
        "&choices=epoch:1;rotation_range:15;demo-step:2",
    )
    printed, names = run(code)
    assert code.index("load(") < code.index("b64decode(")  # the program first, then the bytes
    results = names["results"]
    found = results["model"].values(results["image"][np.newaxis])[0]
    np.testing.assert_allclose(found, values, atol=1e-5)
    assert f"{values[3]:.4f}" in printed
    network = "held.context.networks.get('mnist-convnet')"
    activation = live.get(f"{network}.output('conv_2:relu')[(4 * 11 + 5) * 64 + 9]")
    printed_activation = next(x for x in printed.splitlines() if x.startswith("conv_2 "))
    assert float(printed_activation.split()[1]) == pytest.approx(activation, abs=1e-5)
    assert printed.count("o[") == 18
    assert results["samples"].shape == (12, 28, 28, 1)


def test_copied_program_edits_the_kernel_of_one_cell(live):
    weights = ",".join(["0.5", "-0.25", "1"] * 96)
    code, values = code_of(
        live, f"model=mnist-local&kernels=mnist-local%7Clocal_1%7C2%7C4%7C7:{weights}"
    )
    _, names = run(code)
    results = names["results"]
    found = results["model"].values(results["image"][np.newaxis])[0]
    np.testing.assert_allclose(found, values, atol=1e-5)
    live.open("model=mnist-local")
    assert np.abs(np.array(live.get("held.context.values('mnist-local')")) - values).max() > 1e-6


def test_copied_program_makes_passes_with_dropout(live):
    code, _ = code_of(live, "model=mnist-local&dropout=1&choices=passes:8")
    _, names = run(code)
    passes = names["results"]["passes"]
    assert passes.shape == (8, 10)
    assert passes.std(axis=0).max() > 0
    live.open()


def test_copied_program_of_a_large_picture_reads_a_file(modules):
    code = modules.call(
        "play/python_code.js", "pythonCode",
        {"model": "photographs", "image": {"height": 64, "width": 64, "channels": 3},
         "pixels": [0] * (64 * 64 * 3), "changes": [], "className": "cat", "classIndex": 0,
         "kernels": [], "pin": None, "passes": None, "augmentation": None, "demo": None},
    )  # fmt: skip
    assert 'np.load("input.npy")' in code
    compile(code, "copied.py", "exec")


def test_texts_have_the_numbers_of_the_network(live):
    live.open("model=mnist-convnet")
    read = live.show("read")
    live.wait("document.querySelector('.convlab-read dd')")
    live.wait("document.querySelector('.convlab-read').textContent.includes('mnist-convnet')")
    text = read.inner_text()
    assert "(28 − 3 + 2·0) / 1 + 1 = 26" in text
    assert "3·3·1·32 + 32 = 320 parameters" in text
    assert "18×18 of 28×28 pixels" in text
    assert "36,928 parameters" in text
    assert "75% of the activations are discarded" in text
