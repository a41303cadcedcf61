"""Images from a camera: Chromium's own, which shows a moving picture."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from app.web.training.collecting import Collection
from app.web.training.live_run import LiveRun
from tests.web.server.conftest import start
from tests.web.training import fake_trainer
from tests.web.training.training_page import TrainingPage

pytestmark = pytest.mark.slow
HOLD = "Hold to photograph"
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[str]:
    """Where a server with a trainer is."""
    live_run = LiveRun(tmp_path, tmp_path, main=fake_trainer.main)
    running, thread = start(["mnist-tiny"], live_run=live_run, data=tmp_path)
    yield running.origin
    running.uvicorn.should_exit = True
    thread.join(20)


def gathering(browser: Browser, origin: str) -> TrainingPage:
    """Return a page on which images of a class are about to be gathered."""
    shown = TrainingPage(browser.new_page(viewport={"width": 1440, "height": 900}))
    shown.page.goto(origin)
    shown.press("Begin")
    shown.page.get_by_text("Gather images of your own").click()
    shown.page.get_by_label("Name of a class").fill("seen")
    shown.press("Add a class")
    return shown


@pytest.fixture
def shown(browser: Browser, origin: str) -> Iterator[TrainingPage]:
    """The page with a camera that is on."""
    with browser.browser_type.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", *CAMERA]
    ) as with_camera:
        shown = gathering(with_camera, origin)
        assert shown.page.get_by_role("button", name=HOLD).is_hidden()
        shown.press("Camera on")
        shown.page.get_by_role("button", name=HOLD).wait_for()
        shown.wait("document.querySelector('.convlab-camera').videoWidth > 0")
        yield shown


def images(folder: Path) -> list[np.ndarray]:
    files = (folder / "my-images/seen").glob("[0-9]*.png")  # others are not finished
    return [np.asarray(Image.open(path)) for path in sorted(files)]


def test_the_camera_photographs_while_its_button_is_held(shown, tmp_path):
    photograph = shown.page.get_by_role("button", name=HOLD)
    photograph.hover()
    shown.page.mouse.down()
    shown.until(lambda: len(images(tmp_path)) >= 3)
    shown.page.mouse.up()
    count = len(images(tmp_path))
    shown.page.wait_for_timeout(500)
    assert len(images(tmp_path)) <= count + 1  # one was under way
    first, *_, last = images(tmp_path)
    assert first.shape == last.shape == (224, 224, 3)
    assert first.std() > 20
    assert (first != last).any()
    shown.press("Camera off")
    expect(photograph).to_be_hidden()


def test_a_slow_server_gets_no_queue_of_photographs(shown, tmp_path, monkeypatch):
    add = Collection.add

    def add_slowly(*given):
        time.sleep(0.6)
        return add(*given)

    monkeypatch.setattr(Collection, "add", add_slowly)
    shown.page.get_by_role("button", name=HOLD).hover()
    shown.page.mouse.down()
    shown.until(lambda: len(images(tmp_path)) >= 3)
    shown.page.mouse.up()
    count = len(images(tmp_path))
    shown.page.wait_for_timeout(3_000)
    assert len(images(tmp_path)) <= count + 1


def test_the_camera_photographs_once_by_keyboard(shown, tmp_path):
    shown.page.get_by_role("button", name=HOLD).focus()
    shown.page.keyboard.press("Enter")
    shown.wait_for_text(".convlab-classes", "1 image")
    assert len(images(tmp_path)) == 1


def test_a_machine_without_a_camera_is_told(browser, origin):
    shown = gathering(browser, origin)
    shown.press("Camera on")
    shown.wait_for_text(".convlab-gathering", "There is no camera")
    assert shown.page.get_by_role("button", name=HOLD).is_hidden()
    shown.page.close()
