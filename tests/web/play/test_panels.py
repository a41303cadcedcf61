"""The panels of play on the whole page, in a real browser."""

import re

import numpy as np
import pytest
from scipy import ndimage

from app.lecture.kernels import KERNELS
from app.statistics.temperature import with_temperature

pytestmark = pytest.mark.slow

FILTER = "mnist-convnet|conv_1|0"
CURVE = "held.context.root.querySelector('.convlab-curve').getAttribute('aria-label')"


def test_slider_moves_bars_and_curves(live):
    live.open("model=mnist-convnet")
    sliders = live.show("sliders")
    live.wait(f"{CURVE} && !{CURVE}.includes('not computed')")
    before = live.get("held.context.values('mnist-convnet')")
    sliders.get_by_label("Shift right as a number").fill("0.25")
    sliders.get_by_label("Shift right as a number").press("Enter")
    live.wait("held.store.state.play.shift_x === 0.25")
    live.wait(f"{CURVE}.includes('At 0.25') && !{CURVE}.includes('not computed')")
    after = live.get("held.context.values('mnist-convnet')")
    assert before[3] > 0.9
    assert abs(after[3] - before[3]) > 0.05
    shown = live.page.locator(".convlab-bars-table tbody tr").nth(3).locator("td").first
    assert float(shown.inner_text()) == pytest.approx(100 * after[3], abs=0.051)
    percent = live.get(CURVE).split("mnist-convnet ")[1].split("%")[0]
    assert float(percent) == pytest.approx(100 * after[3], abs=0.51)
    assert "play=shift_x:0.25" in live.page.url


def test_curve_has_the_probabilities_that_the_slider_gives(live):
    live.open("model=mnist-convnet&choices=slider:'rotation")
    live.show("sliders")
    live.wait(f"{CURVE} && {CURVE}.includes('Rotation') && !{CURVE}.includes('not computed')")
    for degrees in (-60, 0, 45):
        live.dispatch(type="play", play={"rotation": degrees})
        there = f"At {degrees}:".replace("-", "−")
        live.wait(f"{CURVE}.includes('{there}') && !{CURVE}.includes('not computed')")
        for name in ("mnist-convnet", "mnist-dense", "mnist-local"):
            value = live.get("held.context.values(input)[3]", name)
            assert f"{name} {int(100 * value + 0.5)}%" in live.get(CURVE)


def test_kernel_edit_changes_what_is_downstream_and_reset_restores_it(live):
    live.open("model=mnist-convnet")
    outputs = (
        "Object.fromEntries(held.context.networks.get('mnist-convnet').program.operations"
        ".map(({ name }) => [name, [...held.context.networks.get('mnist-convnet').output(name)]]))"
    )
    before = live.get(outputs)
    editor = live.show("kernel")
    editor.get_by_label("Weight in row 0, column 2").fill("0.75")
    editor.get_by_label("Weight in row 0, column 2").press("Enter")
    live.wait(f"held.store.state.kernels['{FILTER}']")
    live.wait("document.querySelector('.convlab-kernel .convlab-edited')")
    live.settle()
    edited = live.get(outputs)
    changed = [name for name in before if before[name] != edited[name]]
    assert changed[0] == "conv_1"
    assert {"pool_1", "conv_2", "conv_3", "probabilities:softmax"} <= set(changed)
    assert before["rescaling"] == edited["rescaling"]
    editor.get_by_role("button", name="Reset filter").click()
    live.wait("Object.keys(held.store.state.kernels).length === 0")
    live.wait("!document.querySelector('.convlab-kernel .convlab-edited')")
    live.settle()
    assert live.get(outputs) == before


def test_edited_kernel_gives_what_keras_gives(live, classifiers):
    live.open("model=mnist-convnet")
    weights = np.random.default_rng(2).normal(size=9).astype(np.float32)
    live.dispatch(type="kernel", key=FILTER, values=weights.tolist())
    pixels = np.array(live.get("held.context.pixels('mnist-convnet')"), np.float32)
    found = live.get("held.context.values('mnist-convnet')")
    layer = classifiers["mnist-convnet"].layer("conv_1").layer
    kept = layer.get_weights()
    try:
        kernel = kept[0].copy()
        kernel[..., 0] = weights.reshape(3, 3, 1)
        layer.set_weights([kernel, kept[1]])
        expected = classifiers["mnist-convnet"].keras_model(
            pixels.reshape(1, 28, 28, 1), training=False
        )
    finally:
        layer.set_weights(kept)
    np.testing.assert_allclose(found, np.array(expected)[0], atol=1e-5)


def test_private_kernel_of_the_pinned_cell_is_edited_and_reset(live, classifiers):
    live.open(
        "model=mnist-local&pin=local_1,4,7,2&choices=kernel-operation:'local_1;kernel-filter:2"
    )
    name, key = "mnist-local", "mnist-local|local_1|2|4|7"
    network = f"held.context.networks.get('{name}')"
    before = np.array(live.get(f"{network}.output('local_1')")).reshape(11, 11, 16)
    values = live.get(f"held.context.values('{name}')")
    editor = live.show("kernel")
    editor.get_by_text("row 4, column 7 alone").wait_for()
    editor.get_by_label("Channel").select_option("5")
    live.settle()
    editor.get_by_label("Weight in row 1, column 2").fill("0.75")
    editor.get_by_label("Weight in row 1, column 2").press("Enter")
    live.wait(f"held.store.state.kernels['{key}']")
    live.settle()
    after = np.array(live.get(f"{network}.output('local_1')")).reshape(11, 11, 16)
    pixels = np.array(live.get(f"held.context.pixels('{name}')"), np.float32)
    found = live.get(f"held.context.values('{name}')")
    layer = classifiers[name].layer("local_1").layer
    kept = layer.get_weights()
    kernel = kept[0].copy()
    kernel.reshape(11, 11, 3, 3, 32, 16)[4, 7, 1, 2, 5, 2] = 0.75
    try:
        layer.set_weights([kernel, *kept[1:]])
        expected = classifiers[name].keras_model(pixels.reshape(1, 28, 28, 1), training=False)
    finally:
        layer.set_weights(kept)
    assert np.argwhere(before != after).tolist() in ([[4, 7, 2]], [])
    tempered = with_temperature(np.array(expected), classifiers[name].temperature)
    np.testing.assert_allclose(found, tempered[0], atol=1e-5)
    editor.get_by_role("button", name="Reset filter").press("Enter")
    live.wait("Object.keys(held.store.state.kernels).length === 0")
    live.settle()
    assert live.get(f"held.context.values('{name}')") == values


@pytest.mark.parametrize("name", ["sobel-x", "sobel-y", "gaussian-blur", "identity"])
def test_classical_kernel_gives_scipys_response(live, name):
    live.open("model=mnist-convnet")
    live.show("kernel").get_by_label("Set to").select_option(name)
    live.wait(f"held.store.state.kernels['{FILTER}']")
    live.wait("document.querySelector('.convlab-kernel .convlab-edited')")
    live.settle()
    network = "held.context.networks.get('mnist-convnet')"
    image = np.array(live.get(f"{network}.output('rescaling')")).reshape(28, 28)
    found = np.array(live.get(f"{network}.output('conv_1')")).reshape(26, 26, 32)[..., 0]
    bias = live.get(f"{network}.weights('conv_1').bias[0]")
    expected = ndimage.convolve(image, KERNELS[name].weights)[1:-1, 1:-1] + bias
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_dropout_passes_spread_around_what_keras_gives(live, classifiers):
    live.open("model=mnist-convnet&choices=passes:60&play=shift_x:0.25")
    live.show("dropout")
    live.finish("dropout")
    live.wait("document.querySelector('.convlab-dropout').textContent.includes('60 passes')")
    rows = live.page.locator(".convlab-spread tbody tr")
    means = [float(rows.nth(k).locator("td").nth(1).inner_text().split(" ")[0]) for k in range(10)]
    pixels = np.array(live.get("held.context.pixels('mnist-convnet')"), np.float32)
    images = np.repeat(pixels.reshape(1, 28, 28, 1), 400, axis=0)
    passes = np.array(classifiers["mnist-convnet"].keras_model(images, training=True))
    standard_error = passes.std(0) * np.sqrt(1 / 60 + 1 / 400)
    assert (np.abs(np.array(means) / 100 - passes.mean(0)) <= 5 * standard_error + 0.01).all()
    assert passes.std(0).max() > 0.01
    assert sum(means) == pytest.approx(100, abs=0.6)


def test_dropout_on_changes_the_whole_page_and_off_restores_it(live):
    live.open("model=mnist-convnet&play=shift_x:0.25")
    before = live.get("held.context.values('mnist-convnet')")
    check = live.show("dropout").get_by_label("Use dropout on the whole page")
    check.check()
    live.wait("held.store.state.dropout?.seed === 1")
    live.settle()
    assert live.get("held.context.values('mnist-convnet')") != before
    caption = live.page.locator(".convlab-dropout figcaption").inner_text()
    output = np.array(live.get("held.context.networks.get('mnist-convnet').output('dropout')"))
    inputs = np.array(live.get("held.context.networks.get('mnist-convnet').output('flatten')"))
    dropped = int(caption.split(": ")[1].split(" ")[0])
    assert (output[inputs != 0] == 0).sum() <= dropped < 576
    assert (output != 0).sum() <= 576 - dropped
    assert f"on: {dropped} of 576 dropped" in live.page.locator(".convlab-columns").inner_text()
    np.testing.assert_allclose(output[output != 0], 2 * inputs[output != 0], rtol=1e-6)
    check.uncheck()
    live.wait("held.store.state.dropout === null")
    live.settle()
    assert live.get("held.context.values('mnist-convnet')") == before


def test_panels_speak_of_the_picture_as_the_network_is_shown_it(live):
    live.open("model=mnist-convnet&play=rotation:105&choices=passes:5")
    values = live.get("held.context.values('mnist-convnet')")
    assert values.index(max(values)) == 0
    live.show("explain")
    live.wait("document.querySelector('.convlab-explain').textContent.includes('of “0” from')")
    live.show("kernel")
    text = "document.querySelector('.convlab-kernel .convlab-panel-numbers').textContent"
    live.wait(f"{text}.includes('Probability of “0”')")
    found = re.search(r"([\d.]+)% with the trained weights, ([\d.]+)% now", live.get(text))
    assert found[1] == found[2] == f"{100 * values[0]:.1f}"
    live.show("dropout")
    live.finish("dropout")
    marks = live.page.locator(".convlab-spread tbody .convlab-spread-certain").all()
    shares = [float(mark.get_attribute("style").split("left: ")[1].split("%")[0]) for mark in marks]
    np.testing.assert_allclose(shares, 100 * np.array(values), atol=0.01)
    live.show("augmentation")
    live.finish("augmentation")
    live.wait("document.querySelector('.convlab-augmentation').textContent.includes('“0” for')")
    live.dispatch(type="kernel", key=FILTER, values=[9.0] * 9)
    live.show("kernel")
    live.settle()
    now = live.get("held.context.values('mnist-convnet')")
    live.wait(f"{text}.includes('{100 * values[0]:.1f}% with the trained weights')")
    live.wait(f"{text}.includes('{100 * now[0]:.1f}% now')")


def test_sticker_is_dragged_and_moved_by_keys(live):
    live.open("model=mnist-convnet")
    panel = live.show("explain")
    live.wait("!document.querySelector('.convlab-explain').textContent.includes('to drag')")
    panel.get_by_label("Sticker", exact=True).check()
    live.wait("document.querySelector('.convlab-explain').textContent.includes('to drag')")
    picture = panel.locator(".convlab-picture").first
    box = picture.bounding_box()
    live.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    live.page.mouse.down()
    live.page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.75, steps=4)
    live.page.mouse.up()
    live.wait("Math.abs(held.store.state.play.sticker.x - 0.25) < 0.02")
    live.page.keyboard.press("ArrowRight")
    live.wait("Math.abs(held.store.state.play.sticker.x - 0.25 - 1 / 28) < 0.02")
    live.settle()
    pixels = np.array(live.get("held.context.pixels('mnist-convnet')")).reshape(28, 28)
    assert (pixels[18:23, 6:9] == 255).all()


def test_occlusion_in_the_page_is_the_programs(live, classifiers):
    from app.insight.occlusion import occlusion

    live.open("model=mnist-convnet&hide=")
    panel = live.show("explain")
    live.wait("document.querySelector('.convlab-explain').textContent.includes('costs')")
    live.finish("explain")
    with live.page.expect_download() as download:
        live.wait("!document.querySelectorAll('.convlab-explain figure button')[0].hidden")
        panel.get_by_title("Save Occlusion as .npy").click()
    found = np.load(download.value.path())
    pixels = np.array(live.get("held.context.pixels('mnist-convnet')")).reshape(28, 28, 1)
    expected = occlusion(classifiers["mnist-convnet"], pixels.astype(np.uint8), 3)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_oracle_is_asked_for_the_chosen_class(live):
    live.open("model=mnist-convnet&choices=class:'8&play=noise:13")  # no other test asks that
    live.show("explain")
    live.wait("document.querySelector('.convlab-explain').textContent.includes('“8”')")
    for kind in ("grad_cam", "saliency"):
        question = live.question(kind)
        assert question["class"] == 8
        assert question["pixels"].shape == (28, 28, 1)
    live.wait("!document.querySelectorAll('.convlab-explain figure button')[1].hidden")
