"""Lecture mode by the keyboard, its states, and states of the page in its address."""

import json

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

LESSON = "document.querySelector('.convlab-lesson')"


def test_whole_lecture_goes_by_the_space_bar(live):
    live.open()
    live.page.locator(".convlab-lecture button").first.focus()
    live.page.keyboard.press("Enter")
    live.wait("held.store.state.lesson?.step === 0")
    steps = live.page.evaluate(
        "async () => (await import('/static/play/lesson.js')).LECTURE.map(({ title, see, look }) =>"
        " [title, see, Boolean(document.querySelector(`[data-part=${look}]`))])"
    )
    assert 18 <= len(steps) <= 25
    for number, (title, see, found) in enumerate(steps):
        live.wait(f"{LESSON}.querySelector('h2').textContent === {json.dumps(title)}")
        assert live.get(f"{LESSON}.querySelector('.convlab-lesson-see').textContent") == ""
        live.page.keyboard.press("Space")
        live.wait(f"held.store.state.lesson?.step === {2 * number + 1}")
        live.wait(f"{LESSON}.querySelector('.convlab-lesson-see').textContent !== ''")
        assert live.get(f"{LESSON}.querySelector('.convlab-lesson-see').textContent") == see
        assert found, title
        assert live.page.locator(".convlab-spot").count() == 1
        live.page.keyboard.press("PageDown")
    live.wait("held.store.state.lesson === null")
    assert live.get(f"{LESSON}.hidden")


def test_lesson_goes_back_and_ends_by_the_keyboard(live):
    live.open("lesson=lecture:4")
    live.wait(f"!{LESSON}.hidden")
    live.page.keyboard.press("PageUp")
    live.wait("held.store.state.lesson?.step === 3")
    assert live.get("held.store.state.play.shift_x") == pytest.approx(4 / 28, abs=1e-4)
    live.page.keyboard.press("ArrowRight")
    live.wait("held.store.state.lesson?.step === 4")
    live.page.keyboard.press("ArrowLeft")
    live.wait("held.store.state.lesson?.step === 3")
    live.page.keyboard.press("Escape")
    live.wait("held.store.state.lesson === null")


def test_what_was_shown_before_the_lesson_comes_back(live):
    live.open("play=noise:20&pin=conv_1,4,4,1&model=mnist-convnet&models=mnist-convnet")
    written = "encode(held.store.state)"
    before = live.get(written)
    live.dispatch(type="at", at="lecture")
    live.page.locator(".convlab-lecture button").first.click()
    live.wait(f"{LESSON}.contains(document.activeElement)")
    for step in (1, 2, 3):
        live.page.keyboard.press("Space")
        live.wait(f"held.store.state.lesson?.step === {step}")
    assert live.get("held.store.state.play.shift_x") == pytest.approx(4 / 28, abs=1e-4)
    live.page.keyboard.press("Escape")
    live.wait("held.store.state.lesson === null")
    live.dispatch(type="at", at="")
    assert live.get(written) == before


def test_space_in_a_field_does_not_move_the_lesson(live):
    live.open("lesson=lecture:0")
    live.show("demo").get_by_label("W input width").focus()
    live.page.keyboard.press("Space")
    live.page.wait_for_timeout(200)
    assert live.get("held.store.state.lesson.step") == 0


def test_states_of_the_lecture_are_written_as_they_are_read(live):
    live.open()
    different = live.page.evaluate("""async () => {
        const { LECTURE } = await import("/static/play/lesson.js");
        const { decode, encode } = await import("/static/state.js");
        const read = (text) => JSON.stringify(decode(text));
        return LECTURE.filter(({ state }) => read(encode(decode(state))) !== read(state)
            || encode(decode(state)) === "").map(({ title }) => title);
    }""")
    assert different == []


def test_pins_and_kernels_of_the_lecture_exist_in_the_networks(live):
    live.open()
    missing = live.page.evaluate("""async () => {
        const { LECTURE } = await import("/static/play/lesson.js");
        const { decode } = await import("/static/state.js");
        const operations = (name) => held.context.networks.get(name).program.byName;
        return LECTURE.filter(({ state }) => {
            const { model, pin, kernels } = decode(state);
            const keys = Object.keys(kernels).map((key) => key.split("|"));
            return (pin && !operations(model).has(pin.operation))
                || keys.some(([name, operation]) => !operations(name).has(operation));
        }).map(({ title }) => title);
    }""")
    assert missing == []


def test_numbers_of_the_lecture_are_those_of_the_networks(live):
    live.open("lesson=lecture:2")
    named = ("mnist-convnet", "mnist-dense", "mnist-local")

    def answers(**play: float) -> tuple[list[int], list[int]]:
        live.dispatch(type="play", play=play)
        values = [live.get("held.context.values(input)", name) for name in named]
        best = [value.index(max(value)) for value in values]
        return [round(100 * value[3]) for value in values], best

    live.page.keyboard.press("Space")
    live.wait("held.store.state.play.shift_x > 0")
    live.settle()
    assert answers() == ([77, 25, 72], [3, 2, 3])
    assert answers(shift_x=-6 / 28)[1] == [1, 3, 1]
    assert answers(shift_x=0, rotation=45)[0] == [95, 71, 21]
    for degrees in (-60, 60, -120, 120, 180):
        assert 3 not in answers(rotation=degrees)[1]
    assert answers(rotation=0, brightness=0.2) == ([67, 47, 58], [3, 3, 3])
    assert len(set(answers(brightness=0.05)[1])) == 3


def test_lesson_of_ones_own_is_read_from_a_file(live, tmp_path):
    live.open()
    lesson = [{"title": "Mine", "text": "First.", "see": "Seen.", "look": "demo",
               "state": "choices=demo-step:7"}]  # fmt: skip
    file = tmp_path / "lesson.json"
    file.write_text(json.dumps(lesson))
    live.page.locator(".convlab-lesson input").set_input_files(file)
    live.wait("held.store.state.lesson?.name === 'yours'")
    live.page.keyboard.press("Space")
    live.wait("held.store.state.choices['demo-step'] === 7")
    expect(live.page.locator(".convlab-lesson")).to_contain_text("Mine")
    live.page.keyboard.press("Escape")
    live.wait("held.store.state.lesson === null")


def test_state_of_all_panels_is_restored_from_the_address(live):
    address = (
        "model=mnist-local&play=shift_x:0.25;noise:20;sticker:0.25,0.5,0.3,128"
        "&kernels=mnist-local%7Cconv_1%7C2:1,2,1,0,0,0,-1,-2,-1&dropout=4"
        "&choices=slider:'noise;passes:12;rotation_range:7;epoch:2;class:'8;kernel-filter:2"
    )
    live.open(address)
    values = live.get("held.context.values('mnist-local')")
    written = live.page.evaluate(
        "async () => (await import('/static/state.js')).encode(held.store.state)"
    )
    live.open()
    assert live.get("held.context.values('mnist-local')") != values
    live.open(written)
    live.wait("held.store.state.dropout?.seed === 4")
    live.page.wait_for_timeout(100)
    assert live.get("held.context.values('mnist-local')") == values
    assert live.show("dropout").get_by_label("Passes as a number").input_value() == "12"
    assert live.show("augmentation").get_by_label("rotation_range, degrees").input_value() == "7"
    live.open()


def test_controls_are_hidden_by_the_address(live):
    live.open("hide=kernel,python")
    live.wait("document.querySelector('.convlab-kernel').classList.contains('convlab-hidden')")
    assert not live.page.locator(".convlab-kernel").is_visible()
    assert not live.page.locator(".convlab-python").is_visible()
    assert live.page.locator(".convlab-sliders").is_visible()
    live.open()
    live.wait("!document.querySelector('.convlab-kernel').classList.contains('convlab-hidden')")


def test_the_part_at_the_top_of_the_view_is_in_the_address(live):
    top = "document.querySelector('.convlab-demo').getBoundingClientRect().top"
    live.open("at=demo")
    live.wait(f"{top} > 0 && {top} < 100")
    live.page.mouse.move(700, 400)
    live.page.mouse.wheel(0, -20000)
    live.wait("held.store.state.at === ''")
    live.show("dropout")
    live.wait("['kernel', 'dropout'].includes(held.store.state.at)")
    assert live.get("held.store.state.at") in ("kernel", "dropout")
    live.open()
    live.wait("scrollY === 0")
