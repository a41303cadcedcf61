"""A real cat and a real dog, chosen as a file in the page that runs without Python."""

import pytest

from app.classifier import load
from app.cli import main
from tests.shipped import MODELS
from tests.web.hosts.chromium import Watched
from tests.web.hosts.exported import await_prediction, settle, shown_percents

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::app.errors.AppWarning")]

NAME = "catsdogs-best"
NUMBER = 7


@pytest.fixture
def pets(real_data):
    folder = real_data / "catsdogs" / "PetImages"
    return [folder / kind / f"{NUMBER}.jpg" for kind in ("Cat", "Dog")]


@pytest.mark.usefixtures("pets", "no_data")  # in this order: the page holds no real images
def test_a_real_cat_and_a_real_dog_are_classified_as_by_the_command_line(browser, pets, tmp_path):
    target = tmp_path / "page.html"
    assert main(["export", str(MODELS / NAME), "--samples", "2", "-o", str(target)]) == 0
    classifier = load(MODELS / NAME)
    watched = Watched(browser.new_page())
    watched.page.goto(target.as_uri())
    await_prediction(watched)
    for label, file in enumerate(pets):
        name = f"{file.parent.name}.jpg"
        given = {"name": name, "mimeType": "image/jpeg", "buffer": file.read_bytes()}
        watched.page.locator(".convlab-drawing input[type=file]").first.set_input_files(given)
        caption = watched.page.locator(".convlab-caption")
        caption.get_by_text(name).wait_for()
        settle(watched)
        shown = shown_percents(watched)
        expected = 100 * classifier.values(classifier.load_image(file)[None])[0]
        assert shown == pytest.approx(expected, abs=2)
        assert max(shown) == shown[label], shown
        assert caption.locator("b").last.inner_text() == classifier.class_names[label]
    assert watched.requests == [target.as_uri()]
    assert (watched.problems, watched.violations) == ([], [])
    watched.page.close()
