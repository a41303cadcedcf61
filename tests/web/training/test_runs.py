"""Live runs are the runs of `train.py`, bit for bit, however they are paused and steered."""

import numpy as np
import pytest

from tests.web.training.conftest import LAYERS, start

pytestmark = pytest.mark.slow


def last_weights(driver, after=0):
    snapshots = driver.snapshots(after)
    return snapshots[max(snapshots)]


def same(one, other) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


def test_pauses_and_a_rewind_change_nothing_bit_for_bit(driver, data):
    start(driver, data)
    assert driver.tell("play")["ok"]
    driver.wait("state", state="ended")
    whole, curve = last_weights(driver), driver.curve()
    assert curve["step"] == list(range(1, len(curve["step"]) + 1))

    after = len(driver.events)
    start(driver, data)
    driver.steps(1)
    driver.steps(4)
    driver.tell("play")
    driver.tell("pause")
    rewound = len(driver.events)
    driver.tell("rewind")
    driver.wait("state", rewound, state="paused")
    driver.steps(3)
    driver.tell("play")
    driver.wait("state", after, state="ended")
    assert same(last_weights(driver, rewound), whole)
    assert driver.curve(rewound) == curve


def test_a_rate_changed_on_the_way_equals_a_run_of_train_py_with_that_schedule(
    driver, data, tmp_path
):
    from keras.callbacks import Callback

    from app.config import RunSettings
    from app.stack.network import build_network
    from app.stack.stack import parse_stack
    from app.training.events import Listener
    from app.training.run import train

    start(driver, data, optimizer="sgd", weight_decay=0.0)
    driver.steps(3)
    assert driver.tell("set", learning_rate=0.002, weight_decay=0.1, dropout=0.5)["ok"]
    driver.tell("play")
    driver.wait("state", state="ended")

    class Schedule(Listener, Callback):
        def callbacks(self):
            return [self]

        def on_train_batch_begin(self, batch, logs=None):
            if int(self.model.optimizer.iterations) == 3:
                self.model.optimizer.learning_rate = 0.002
                self.model.optimizer.weight_decay = 0.1
                self.model.get_layer("dropout_1").rate = 0.5
                self.model.make_train_function(force=True)

    settings = RunSettings(
        dataset=str(data), epochs=3, batch_size=8, image_size=16, learning_rate=0.01,
        augment="none", optimizer="sgd", weight_decay=0.0, schedule="constant",
        precision="float32", deterministic=True, tta=False, output=str(tmp_path / "own"),
        name="own",
    )  # fmt: skip

    def build(shape, classes, _):
        return build_network(parse_stack(LAYERS), shape, classes)

    schedule = Schedule()
    outcome = train(settings, build=build, listeners=[schedule])
    epochs = [row for event in driver.events if event.topic == "epochs"
              for row in event.values["rows"]]  # fmt: skip
    for name in ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"):
        assert [row[name] for row in epochs] == [row[name] for row in outcome.history], name
    final = last_weights(driver)
    for array in schedule.model.get_layer("conv_1").get_weights():
        assert any(np.array_equal(array, one) for one in final.values())


def test_a_saved_run_is_a_model_like_any_other_and_goes_on(driver, data, tmp_path):
    from app.classifier import load
    from app.storage.card import read_card

    start(driver, data)
    early = driver.tell("save", name="too-early")
    assert not early["ok"]
    assert "No epoch is finished" in early["error"]
    driver.tell("play")
    driver.wait("epochs")
    driver.tell("pause")
    saved = driver.tell("save", name="mine")
    assert saved["ok"]
    assert saved["name"] == "mine"
    model = load(tmp_path / "models" / "mine")
    assert model.class_names == ("across", "disc", "down")
    card = read_card(tmp_path / "models" / "mine" / "card.json")
    assert (card.name, card.finished, card.metrics["test"]) == ("mine", False, None)
    assert "--model network:build" in card.command
    assert "def build" in (tmp_path / "models" / "mine" / "network.py").read_text()
    again = driver.tell("save", name="mine")
    assert not again["ok"]
    assert "is taken" in again["error"]
    after = len(driver.events)
    driver.tell("play")
    driver.wait("state", after, state="ended")


def test_a_run_that_has_ended_is_saved_and_rewound(driver, data, tmp_path):
    start(driver, data, epochs=1)
    driver.tell("play")
    driver.wait("state", state="ended")
    first = driver.curve()
    assert driver.tell("save", name="mine")["ok"]
    assert (tmp_path / "models" / "mine" / "card.json").is_file()
    after = len(driver.events)
    assert driver.tell("rewind")["ok"]
    driver.wait("state", after, state="paused")
    driver.tell("play")
    driver.wait("state", after, state="ended")
    assert driver.curve(after) == first
    assert not driver.tell("play")["ok"]


def test_a_run_after_one_that_has_ended_is_saved_and_goes_on(driver, data, tmp_path):
    start(driver, data, epochs=1)
    driver.tell("play")
    driver.wait("state", state="ended")
    after = len(driver.events)
    start(driver, data, epochs=3)
    driver.tell("play")
    driver.wait("epochs", after)
    saved = driver.tell("save", name="second")
    assert saved["ok"], saved
    assert (tmp_path / "models" / "second" / "card.json").is_file()
    driver.wait("state", after, state="ended")


def test_training_goes_further_with_the_weights_of_a_run_that_has_ended(driver, data):
    start(driver, data, epochs=1)
    driver.tell("play")
    driver.wait("state", state="ended")
    final = last_weights(driver)
    after = len(driver.events)
    kept = start(driver, data, epochs=1, keep_weights=True)["kept"]
    assert "conv_1" in kept
    first = driver.wait("snapshot/0", after)
    assert first.arrays.keys() == final.keys()
    for name, array in first.arrays.items():
        np.testing.assert_array_equal(array, final[name])


def test_hard_images_are_found_and_dropped(driver, data):
    start(driver, data)
    driver.steps(2)
    driver.tell("hardest", count=5)
    found = driver.wait("hardest").arrays
    assert found["images"].shape == (5, 16, 16, 3)
    assert list(found["losses"]) == sorted(found["losses"], reverse=True)
    assert len(set(found["positions"].tolist())) == 5
    weights = driver.newest("weights").arrays
    after = len(driver.events)
    dropped = driver.tell("drop", positions=found["positions"].tolist())
    assert dropped["ok"]
    driver.wait("state", after, state="paused")
    first = driver.wait("snapshot/0", after).arrays
    assert same(dict(first), dict(weights))  # it goes on from there


def test_another_network_goes_on_with_what_fits(driver, data):
    start(driver, data)
    driver.steps(4)
    before = driver.newest("weights").arrays
    after = len(driver.events)
    wider = [*LAYERS, {"layer": "Dense", "units": 6}]
    start(driver, data, wider, keep_weights=True, batch_size=5)
    first = driver.wait("snapshot/0", after).arrays
    kept = [name for name in first if name in before and first[name].shape == before[name].shape]
    assert kept
    assert any(np.array_equal(first[name], before[name]) for name in kept)


def test_gradients_are_those_of_the_batch_that_is_shown(driver, data):
    start(driver, data, [{"layer": "Rescaling"}, {"layer": "Flatten"}])
    driver.steps(1)
    shown = driver.wait("batch").arrays
    found = driver.wait("gradients").arrays
    weights = driver.wait("weights").arrays
    kernel = next(name for name in weights if weights[name].ndim == 2)
    bias = next(name for name in weights if weights[name].ndim == 1)
    x = shown["images"].reshape(8, -1).astype(np.float64) / 255
    scores = np.exp(x @ weights[kernel] + weights[bias])
    wrong = scores / scores.sum(axis=1, keepdims=True) - np.eye(3)[shown["labels"].astype(int)]
    assert found[kernel] == pytest.approx(x.T @ wrong / 8, abs=1e-5)
    assert found[bias] == pytest.approx(wrong.mean(axis=0), abs=1e-5)


def test_what_is_shown_of_a_batch_is_the_batch(driver, data):
    start(driver, data, augment="lecture", label_smoothing=0.1)
    assert driver.tell("set", strength=0.5)["ok"]
    driver.steps(2)
    batch = driver.wait("batch")
    assert batch.arrays["images"].shape == (8, 16, 16, 3)
    assert batch.arrays["losses"].shape == (8,)
    assert (batch.arrays["losses"] > 0).all()
    validation = driver.wait("validation").arrays
    assert validation["matrix"].shape == (3, 3)
    assert validation["matrix"].sum() == len(validation["labels"])
    assert list(validation["positions"][:24]) == list(range(len(validation["labels"])))[:24]
    assert validation["probabilities"].sum(axis=1) == pytest.approx(1)
    network = driver.wait("network")
    assert network.values["classes"] == ["across", "disc", "down"]
    assert len(network.arrays["program"]) > 1000


def test_a_step_in_slow_motion_is_the_step(driver, data):
    start(driver, data, optimizer="sgd", weight_decay=0.0)
    after = len(driver.events)
    refused = driver.tell("dissect", layer="flatten_1")
    assert not refused["ok"]
    assert "conv_1" in refused["expected"]
    assert driver.tell("dissect", layer="conv_1")["ok"]
    step = driver.wait("dissection", after)
    driver.wait("state", after, state="paused", step=1)
    change = step.arrays["after"] - step.arrays["before"]
    # Nesterov's momentum 0.9: the first step is 1.9 times the rate times the gradient.
    np.testing.assert_allclose(change, -1.9 * 0.01 * step.arrays["gradient"], atol=1e-7)
    assert np.abs(step.arrays["gradient"]).max() > 1e-4
    assert step.values["loss"] == pytest.approx(driver.curve()["loss"][0], rel=1e-5)
    driver.steps(2)
    dissected = driver.newest("weights").arrays
    after = len(driver.events)
    driver.tell("rewind")
    driver.wait("state", after, state="paused", step=0)
    driver.steps(3)
    assert same(dict(driver.newest("weights").arrays), dict(dissected))


@pytest.mark.parametrize(
    ("layers", "settings", "message"),
    [
        ([{"layer": "Conv2D", "kernel_size": 17}], {}, "does not fit"),
        (LAYERS, {"dataset": "nowhere"}, "nowhere"),
    ],
)
def test_what_cannot_run_is_said(driver, data, layers, settings, message):
    chosen = {"dataset": str(data), "epochs": 1, "image_size": 16, **settings}
    driver.tell("start", settings=chosen, layers=layers, keep_weights=False)
    end = driver.wait_for_failure()
    assert message in " ".join(str(value) for value in end.values())
    assert not driver.tell("step", batches=1)["ok"]


def test_a_dataset_is_prepared(driver, data):
    answer = driver.tell("prepare", settings={"dataset": str(data), "image_size": 16})
    assert answer["ok"]
    assert answer["classes"] == ["across", "disc", "down"]
    assert answer["image"] == [16, 16, 3]
    assert sum(answer["counts"].values()) == 60
    assert {"dense", "convnetjs"} <= set(answer["presets"])
    assert not driver.tell("prepare", settings={"dataset": "nowhere"})["ok"]
