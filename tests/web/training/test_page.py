"""Live training in Chromium with a trainer that trains: from images to a saved model."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from app.web.training.live_run import LiveRun
from tests.conftest import write_shapes
from tests.web.access.axe import TAGS, violations_of
from tests.web.server.conftest import start
from tests.web.training.training_page import TrainingPage

pytestmark = pytest.mark.slow


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[TrainingPage]:
    """The page, with a folder of shapes and a small network that is about to train."""
    shapes = write_shapes(tmp_path / "shapes", count=20, side=20)
    live_run = LiveRun(tmp_path, tmp_path)
    running, thread = start(["mnist-tiny"], live_run=live_run, data=tmp_path)
    page = browser.new_page(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    shown = TrainingPage(page)
    page.goto(running.origin)
    shown.press("Begin")
    shown.wait_for_count(".convlab-data button", 4)
    page.get_by_label("Name of a dataset").fill(str(shapes))
    page.get_by_label("Side of the images").fill("16")
    shown.press("Load images")
    shown.wait_for_text(".convlab-stack-total", "parameters")
    yield shown
    page.close()
    running.uvicorn.should_exit = True
    thread.join(20)
    # Of the other network, this server has neither the program nor images.
    problems = [text for text in shown.watched.problems if "Failed to load resource" not in text]
    assert (problems, thread.is_alive()) == ([], False)


def choose_stack(shown: TrainingPage, preset: str) -> None:
    shown.page.get_by_label("Network to begin with").select_option(preset)
    shown.page.wait_for_timeout(300)


def row(shown: TrainingPage, number: int) -> str:
    return shown.page.locator(".convlab-stack tbody tr").nth(number).inner_text()


def a_stack_is_edited_and_sized(shown):
    choose_stack(shown, "convnetjs")
    table = shown.page.locator(".convlab-stack")
    table.get_by_label("Remove Conv2D").nth(2).click()
    table.get_by_label("Remove Conv2D").nth(1).click()
    for _ in range(2):
        table.get_by_label("Remove MaxPooling2D").last.click()
    first = table.locator("tbody tr").nth(1)
    first.locator("[data-argument=filters]").fill("4")
    first.locator("[data-argument=padding]").select_option("valid")
    first.locator("[data-argument=kernel_size]").fill("3")
    first.locator("[data-argument=kernel_size]").blur()
    shown.wait_for_text(".convlab-stack tbody tr:nth-child(2)", "14×14×4")
    text = row(shown, 1)
    assert "(16 − 3 + 2·0) / 1 + 1 = 14" in text
    assert f"{3 * 3 * 3 * 4 + 4}" in text
    assert f"without sharing: {14 * 14 * (3 * 3 * 3 * 4 + 4):,}" in text
    total = 112 + 7 * 7 * 4 * 3 + 3
    shown.wait_for_text(".convlab-stack-total", f"{total} parameters")
    address = "stack:'Rescaling~Conv2D(filters!4)~MaxPooling2D~Flatten"
    shown.until(lambda: address in shown.page.url)
    python = shown.page.locator(".convlab-fold .convlab-code").text_content()
    compile(python, "network.py", "exec")
    assert "layers.Conv2D(4, 3" in python


SET_ARGUMENTS = """
(values) => {
  for (const [name, value] of Object.entries(values)) {
    const field = document.querySelector(`.convlab-stack [data-argument=${name}]`);
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
"""


def changes_of_a_layer_within_one_frame_are_all_made(shown):
    for filters, size in (("5", "2"), ("4", "3")):  # the second time as it was
        shown.page.evaluate(SET_ARGUMENTS, {"filters": filters, "kernel_size": size})
        shown.settle()
        first = shown.page.locator(".convlab-stack tbody tr").nth(1)
        assert first.locator("[data-argument=filters]").input_value() == filters
        assert first.locator("[data-argument=kernel_size]").input_value() == size
    shown.wait_for_text(".convlab-stack-total", "703 parameters")


def a_layer_that_does_not_fit_says_why_and_can_be_moved(shown):
    table = shown.page.locator(".convlab-stack")
    table.get_by_label("Add a layer before the probabilities").select_option("MaxPooling2D")
    shown.wait_for_text(".convlab-stack", "needs maps, and its input is a vector")
    build = shown.page.get_by_role("button", name="Build the network")
    assert build.is_disabled()
    numbers = table.locator(".convlab-stack-number").all_inner_texts()
    assert [text.strip() for text in numbers[-2:]] == ["–", "–"]  # none is known
    table.get_by_label("Move MaxPooling2D up").last.click()
    shown.wait_for_text(".convlab-stack-total", "parameters")
    assert build.is_enabled()
    table.get_by_label("Remove MaxPooling2D").last.click()
    shown.wait_for_text(".convlab-stack-total", "703 parameters")


def a_run_begins_paused_and_takes_steps(shown):
    shown.page.get_by_label("Batch size").fill("12")
    shown.page.get_by_label("Epochs").fill("40")
    shown.page.get_by_label("Learning rate", exact=True).first.fill("0.01")
    shown.page.get_by_label("Learning rate", exact=True).first.blur()
    shown.press("Build the network")
    shown.wait_for_text(".convlab-run-where", "Step 0, epoch 1 of 40, paused")
    batches = shown.newest("network")[0]["batches"]
    shown.train(batches)
    shown.show("run")
    curve = shown.page.locator(".convlab-run-curve path.convlab-run-batches").first
    shown.wait("document.querySelector('.convlab-run-batches').getAttribute('d') !== null")
    assert len(re.findall("[ML]", curve.get_attribute("d"))) == batches
    labels = shown.page.locator(".convlab-run .convlab-sheet li")
    values, arrays = shown.newest("batch")
    assert labels.count() == len(arrays["losses"]) == 12 or values["step"] == batches
    losses = [float(text.split()[-1]) for text in labels.all_inner_texts()]
    assert losses == pytest.approx(arrays["losses"].tolist(), abs=0.006)


def the_page_predicts_as_the_trainer_with_the_newest_weights(shown):
    values, arrays = shown.newest("validation")
    assert values["step"] == shown.newest("weights")[0]["step"]  # the end of an epoch
    strip = shown.show("validation")
    strip.locator("li button").nth(1).click()
    shown.settle()
    expected = 100 * arrays["probabilities"][1]
    assert shown.prediction == pytest.approx(expected.tolist(), abs=0.06)
    top = strip.locator("li").nth(1).inner_text().split("\n")
    order = np.argsort(-arrays["probabilities"][1], kind="stable")
    names = ["across", "disc", "down"]
    assert [line.split()[0] for line in top] == [names[k] for k in order]


def the_confusion_matrix_is_that_of_the_validation_images(shown):
    _, arrays = shown.newest("validation")
    panel = shown.show("confusion")
    shown.wait_for_count(".convlab-confusion-table td[aria-selected]", 9)
    counts = [int(text) for text in panel.locator("td[aria-selected]").all_inner_texts()]
    assert counts == arrays["matrix"].ravel().tolist()
    largest = int(arrays["matrix"].ravel().argmax())
    panel.locator("td[aria-selected]").nth(largest).click()
    shown.wait_for_count(".convlab-confusion-images button:not(.convlab-empty)")
    images = panel.locator(".convlab-confusion-images button")
    assert images.count() == min(24, arrays["matrix"].ravel()[largest])
    images.first.click()
    panel.get_by_role("button", name=re.compile("Arithmetic of")).first.click()
    shown.until(shown.page.locator(".convlab-arithmetic").is_visible)
    shown.page.get_by_role("button", name="Close").click()


def layers_show_the_extremes_of_weights_and_gradients(shown):
    panel = shown.show("layers")
    for topic, column in (("weights", 2), ("gradients", 3)):
        _, arrays = shown.newest(topic)
        kernel = next(array for array in arrays.values() if array.ndim == 4)
        line = panel.locator("tr", has_text="conv_1").locator("td").nth(column - 1)
        shown.until(lambda line=line: " … " in line.inner_text())
        low, high = line.inner_text().split("\n")[0].replace("−", "-").split(" … ")
        assert float(low) == pytest.approx(kernel.min(), rel=0.01)
        assert float(high) == pytest.approx(kernel.max(), rel=0.01)


def one_step_in_slow_motion_has_the_numbers_of_the_step(shown):
    panel = shown.show("layers")
    before = shown.newest("weights")[1]
    shown.press("Make one step in slow motion")
    shown.wait_for_count(".convlab-stages li")
    for _ in range(4):
        shown.press("Next part")
        shown.settle()
    values, arrays = shown.newest("dissection")
    kernel = next(array for array in before.values() if array.ndim == 4)
    assert np.array_equal(arrays["before"], kernel)
    position = np.unravel_index(np.abs(arrays["gradient"]).argmax(), kernel.shape)
    figures = panel.locator(".convlab-stages > li").nth(4).locator("[role=img]")
    window = (slice(None), slice(None), *position[2:])
    after = arrays["after"]
    for figure, expected in zip(
        figures.all(), (arrays["before"], after - arrays["before"], after), strict=True
    ):
        numbers = figure.get_attribute("aria-label").split(": ")[1].replace("−", "-").split(", ")
        found = [float(one.replace("·10", "e").translate(_SUPERSCRIPTS)) for one in numbers]
        assert found == pytest.approx(expected[window].ravel().tolist(), rel=0.02, abs=1e-6)
    assert f"{values['loss']:.4f}" in panel.locator(".convlab-stages > li").nth(2).inner_text()


_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def the_history_is_played_with_one_color_scale(shown):
    shown.train(5)
    panel = shown.show("history")
    shown.wait_for_count(".convlab-history-maps canvas")
    scale = panel.locator(".convlab-legend-marks").inner_text()
    now = shown.prediction
    slider = shown.page.get_by_label("Step of the run")
    slider.fill("0")
    shown.wait_for_text(".convlab-history-where", "Step 0:")
    shown.until(lambda: shown.prediction != now)
    assert panel.locator(".convlab-legend-marks").inner_text() == scale
    shown.press("Newest weights")
    shown.until(lambda: shown.prediction == now)


def settings_change_while_the_run_goes_on(shown):
    panel = shown.show("run")
    number = panel.get_by_label("Learning rate as a number")
    number.fill("0.001")
    number.blur()
    rate = panel.get_by_label("Learning rate", exact=True)
    shown.until(lambda: rate.input_value() == "-3")  # its position is the logarithm
    assert number.input_value() == "0.001"
    assert shown.newest("settings")[0]["learning_rate"] == pytest.approx(0.001)
    shown.press("Train")
    shown.wait_for_text(".convlab-run-controls", "Pause")
    shown.press("Pause")
    shown.wait_for_text(".convlab-run-where", "paused")


def hard_images_are_marked_and_dropped(shown):
    panel = shown.show("hardest")
    shown.press("Find the hardest images")
    shown.wait_for_count(".convlab-hardest li", 4)
    panel.locator("li button").nth(0).click()
    panel.locator("li button").nth(2).click()
    shown.until(lambda: panel.locator("[aria-pressed=true]").count() == 2)
    before = shown.newest("network")[0]["run"]
    shown.press("Drop 2 images")
    shown.wait_for_text(".convlab-hardest [role=status]", "goes on with")
    shown.wait_for_text(".convlab-run-where", "Step 0, epoch 1 of 40, paused")
    assert shown.newest("network")[0]["run"] == before + 1


def every_panel_is_accessible(shown):
    page = shown.page
    closed = page.locator(".convlab-training details:not([open]) > summary:visible")
    while closed.count():
        closed.first.click()
    for width, height, scheme in (
        (1440, 9000, "light"),
        (1440, 9000, "dark"),
        (390, 16000, "light"),
    ):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        shown.settle()
        assert violations_of(page, type="tag", values=TAGS) == [], (width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")
    shown.settle()


def a_page_that_is_loaded_again_rejoins(shown):
    shown.train(shown.newest("network")[0]["batches"])
    points = shown.page.locator(".convlab-run-batches").first.get_attribute("d")
    where = shown.where
    shown.page.reload()
    shown.wait_for_text(".convlab-run-where", where)
    shown.wait_for_text(".convlab-stack-total", "703 parameters")
    shown.show("run")
    shown.wait(f"document.querySelector('.convlab-run-batches').getAttribute('d') === {points!r}")
    assert shown.where == where


def a_run_is_saved_and_joins_the_networks_of_the_page(shown, folder):
    panel = shown.show("keep")
    panel.get_by_label("Name of the model").fill("mine")
    shown.press("Save the best epoch")
    shown.wait_for_text(".convlab-keep [role=status]", "Saved as mine")
    assert (folder / "mine" / "card.json").is_file()
    shown.wait_for_text(".convlab-picker select", "mine")
    with shown.page.expect_download() as download:
        shown.press("Download as one HTML file")
    assert download.value.suggested_filename == "mine.html"
    with shown.page.expect_download() as download:
        shown.press("Download the network in Python")
    compile(Path(download.value.path()).read_text("utf-8"), "network.py", "exec")


def a_chosen_validation_image_stays_the_input_when_the_network_has_changed(shown):
    shown.show("confusion")
    filled = shown.page.locator(".convlab-confusion-table td").filter(has_text=re.compile("[1-9]"))
    filled.first.click()
    shown.wait_for_count(".convlab-confusion-images button:not(.convlab-empty)")
    shown.page.locator(".convlab-confusion-images button").first.click()
    caption = shown.page.locator(".convlab-caption")
    shown.wait_for_text(".convlab-caption", "validation image")
    given = caption.inner_text()
    shown.train(shown.newest("network")[0]["batches"])
    assert caption.inner_text() == given
    assert shown.prediction


def the_top_of_the_page_leads_to_the_section_and_pauses_the_run(shown):
    entry = shown.page.locator(".convlab-entry")
    entry.get_by_role("button", name="Train a network").click()
    shown.wait("location.hash.includes('at=run')")
    entry.get_by_role("button", name="Go on training").click()
    entry.get_by_role("button", name="Pause training").click()
    shown.wait_for_text(".convlab-run-where", "paused")
    shown.wait_for_text(".convlab-entry", "loss")
    assert "paused" in shown.where


def images_are_gathered_into_classes_and_learned(shown, folder):
    shown.press("Stop")
    shown.page.get_by_text("Gather images of your own").click()
    for label in ("one", "two"):
        shown.page.get_by_label("Name of a class").fill(label)
        shown.press("Add a class")
    shown.page.get_by_role("button", name="Clear").click()
    board = shown.page.locator(".convlab-board").bounding_box()
    shown.page.evaluate("window.scrollTo(0, 0)")
    assert board is not None
    shown.page.mouse.move(board["x"] + 80, board["y"] + 60)
    shown.page.mouse.down()
    shown.page.mouse.move(board["x"] + 90, board["y"] + 200)
    shown.page.mouse.up()
    for k in (0, 1):
        for _ in range(10):
            shown.page.get_by_role("button", name="Add the drawing or image").nth(k).click()
        shown.wait_for_text(f".convlab-classes tr:nth-child({k + 1})", "10 images")
    shown.page.get_by_role("button", name="Take the last one back").first.click()
    shown.wait_for_text(".convlab-classes", "9 images")
    assert len(list((folder / "my-images" / "one").glob("[0-9]*.png"))) == 9
    shown.page.get_by_role("button", name="Add the drawing or image").first.click()
    shown.until(shown.page.get_by_role("button", name="Use these images").is_enabled)
    shown.press("Use these images")
    shown.wait_for_text(".convlab-data .convlab-note", "2 classes")


def test_from_images_to_a_saved_model_and_back(shown, tmp_path):
    # One run: every part begins where the one before it ended.
    a_stack_is_edited_and_sized(shown)
    changes_of_a_layer_within_one_frame_are_all_made(shown)
    a_layer_that_does_not_fit_says_why_and_can_be_moved(shown)
    a_run_begins_paused_and_takes_steps(shown)
    the_page_predicts_as_the_trainer_with_the_newest_weights(shown)
    the_confusion_matrix_is_that_of_the_validation_images(shown)
    layers_show_the_extremes_of_weights_and_gradients(shown)
    one_step_in_slow_motion_has_the_numbers_of_the_step(shown)
    the_history_is_played_with_one_color_scale(shown)
    settings_change_while_the_run_goes_on(shown)
    hard_images_are_marked_and_dropped(shown)
    every_panel_is_accessible(shown)
    a_page_that_is_loaded_again_rejoins(shown)
    a_run_is_saved_and_joins_the_networks_of_the_page(shown, tmp_path)
    a_chosen_validation_image_stays_the_input_when_the_network_has_changed(shown)
    the_top_of_the_page_leads_to_the_section_and_pauses_the_run(shown)
    images_are_gathered_into_classes_and_learned(shown, tmp_path)
