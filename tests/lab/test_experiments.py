"""The arithmetic of the experiments, against known numbers."""

import keras
import numpy as np
import pytest

from app.classifier import load
from app.classifier.hooks import layer_outputs
from app.data.dataset import Split
from app.lab.examples import ExampleImages
from app.lab.invariance_ablation import effect
from app.lab.invariance_measures import measure, relative_accuracy, relative_at
from app.lab.invariance_networks import CONVNETS, HEADS, NORMS, SCALES, build_convnet_of
from app.lab.locality import arrangements, divisors, pixel_order, reordered
from app.lab.probes import probe_correct, untrained_control
from app.lab.sharing_training import shifted
from app.lab.small_run import small_run
from app.lab.transformations import TRANSFORMATIONS
from app.lab.untied_networks import ARMS, network_of
from app.training.small_run import probabilities_of

pytestmark = pytest.mark.slow


def examples(images):
    return Split(images, np.arange(len(images)) % 2, [str(i) for i in range(len(images))])


@pytest.mark.parametrize(("kind", "block"), arrangements(divisors(28)))
def test_pixel_order_moves_pixels_within_blocks_or_whole_blocks(kind, block):
    order = pixel_order(28, kind, block, np.random.default_rng(0)).reshape(28, 28)
    assert sorted(order.ravel()) == list(range(28 * 28))
    rows, columns = order // 28, order % 28
    places, steps = np.mgrid[:28, :28], np.array([rows, columns])
    if kind.startswith("pixels"):
        assert (steps // block == places // block).all()
    else:
        assert (steps % block == places % block).all()
    assert (order != np.arange(28 * 28).reshape(28, 28)).any() == (block > 1)


def test_reordered_uses_one_order_for_all_images():
    images = np.arange(2 * 5 * 4 * 3, dtype=np.uint8).reshape(2, 5, 4, 3)
    order = np.random.default_rng(0).permutation(20)
    mixed = reordered(examples(images), order).pixels.reshape(2, 20, 3)
    assert (mixed == images.reshape(2, 20, 3)[:, order]).all()


def test_network_of_has_equal_shapes_or_equal_parameters():
    untied, shared, larger = (network_of(arm, (28, 28, 1), 10) for arm in ARMS)
    assert [layer.output.shape for layer in shared.layers] == [
        layer.output.shape for layer in untied.layers
    ]
    positions = 12 * 12, 5 * 5
    for place, count in zip((1, 2), positions, strict=True):
        kernel, bias = (variable.shape for variable in shared.layers[place].weights)
        own = untied.layers[place].count_params()
        assert own == count * (np.prod(kernel) + np.prod(bias))
    assert larger.layers[1].filters == 58
    assert 0.99 < larger.count_params() / untied.count_params() <= 1


def test_shifted_moves_each_image_independently():
    images = np.zeros((200, 28, 28, 1), np.uint8)
    images[:, 14, 14] = 255
    moved = shifted(examples(images), 0.25, 0).images
    _, rows, columns, _ = np.nonzero(moved)
    assert (moved.reshape(200, -1).max(axis=1) == 255).all()
    for places in (rows, columns):
        assert (places.min(), places.max()) == (7, 21)
    assert (shifted(examples(images), 0.25, 1).images != moved).any()


def test_probe_correct_is_right_only_for_linear_features():
    random = np.random.default_rng(0)
    labels = np.sort(random.integers(0, 2, 400))
    features = random.normal(size=(400, 5))
    assert probe_correct(features, labels, 5).shape == (200,)
    assert probe_correct(features, labels, 5).mean() < 0.65
    features[:, 2] += 6 * labels
    assert probe_correct(features, labels, 5).mean() > 0.97
    assert probe_correct(features, labels, 1).mean() < 0.97


def test_untrained_has_other_weights_and_the_statistics_of_the_images():
    model = load("mnist-tiny").inspect()
    images = np.random.default_rng(0).integers(0, 256, (64, 28, 28, 1)).astype(np.uint8)
    control = untrained_control(model, images, 0)
    assert [part.path for part in control.layers] == [part.path for part in model.layers]
    norms = [part.path for part in model.layers if "norm" in part.path]
    outputs = layer_outputs(control.keras_model, images, [control.layer(norms[0])])[norms[0]]
    assert np.abs(outputs.mean(axis=(0, 1, 2))).max() < 0.3
    assert np.abs(outputs.std(axis=(0, 1, 2)) - 1).max() < 0.3
    again = untrained_control(model, images, 0)
    kernels = [one.keras_model.get_weights()[0] for one in (model, control, again)]
    assert (kernels[1] == kernels[2]).all()
    assert np.abs(kernels[0] - kernels[1]).max() > 0.05


def run_of(right):
    """Measurements of 100 images: `right` at every level but the neutral one, there 80."""
    found = {"images": 100, "shifts": [0] * 100}
    for one in TRANSFORMATIONS:
        counts = [80 if level == one.neutral else right for level in one.levels]
        found[one.name] = {"accuracy": counts, "consistency": counts}
    return found


@pytest.mark.parametrize(("right", "kept"), [(80, 1.0), (45, 0.5), (10, 0.0)])
def test_relative_accuracy_is_corrected_for_chance(right, kept):
    run = run_of(right)
    names = [one.name for one in TRANSFORMATIONS]
    assert relative_accuracy(run, names, 0.1) == pytest.approx(kept)
    assert relative_at(run, "illumination", 0, 0.1) == pytest.approx(kept)


def test_relative_accuracy_of_a_network_that_guesses_is_zero():
    run = run_of(80)
    assert relative_accuracy(run, ["rotation"], 0.8) == 0


def test_measure_counts_correct_and_unchanged_predictions():
    images = np.zeros((20, 28, 28, 1), np.uint8)
    images[:, 10:18, 10:18] = 200
    labels = np.arange(20) % 2

    def left_half(batch):
        """Predict class 1 if the right half is brighter; so a shift to the left decides."""
        right = batch[:, :, 14:].mean(axis=(1, 2, 3)) > batch[:, :, :14].mean(axis=(1, 2, 3))
        return np.eye(2)[right.astype(int)]

    found = measure(left_half, Split(images, labels, [""] * 20), fill_mode="nearest", cut_off=True)
    shift = found["horizontal shift"]
    assert shift["accuracy"] == [10] * 5  # two of the seven levels would cut off strokes
    assert shift["consistency"] == [20, 20, 20, 0, 0]
    assert sum(found["shifts"]) == 10 * 8


def test_an_effect_is_the_mean_paired_difference():
    values = {
        parts.name: [0.1 * (parts.head == HEADS[1]) + 0.5 * (parts.norm == NORMS[1]) + seed / 100
                     for seed in range(5)]
        for parts in CONVNETS
    }  # fmt: skip
    assert effect(values, 0, HEADS[1]) == pytest.approx((0.1, 0.1, 0.1))
    assert effect(values, 1, NORMS[1]).value == pytest.approx(0.5)
    assert effect(values, 2, SCALES[1]).value == pytest.approx(0.0)


@pytest.mark.parametrize("parts", CONVNETS, ids=lambda parts: parts.name)
def test_a_convnet_has_the_parts_of_its_name(parts):
    network = build_convnet_of(parts, (36, 36, 1), 10)
    kinds = {type(layer) for layer in network.layers}
    assert (keras.layers.GlobalAveragePooling2D in kinds) == (parts.head == HEADS[1])
    assert (keras.layers.BatchNormalization in kinds) == (parts.norm == NORMS[1])
    pixels = network.layers[0](np.array([[0.0, 255.0]]))
    assert np.asarray(pixels).tolist() == [[-1.0 if parts.scale == SCALES[1] else 0.0, 1.0]]


def test_train_to_plateau_keeps_the_epoch_with_the_lowest_loss():
    random = np.random.default_rng(0)
    labels = np.arange(60) % 2
    noise = Split(random.integers(0, 256, (60, 28, 28, 1)).astype(np.uint8), labels, [""] * 60)
    images = ExampleImages("digits", "digits", "", ("a", "b"), noise, noise, "")
    training, stopping, held_out = images.drawn(40, seed=1, seeds=5)
    assert np.bincount(np.r_[training.labels, stopping.labels]).tolist() == [25, 25]
    assert (len(training), len(stopping), len(held_out)) == (40, 10, 12)
    run = small_run(images, model="dense", epochs=30, augment="none", schedule="constant")
    network, epoch = run.train_to_plateau(training, stopping)
    losses = run.train(training, stopping)[1]["val_loss"]
    kept = probabilities_of(network, stopping.pixels)[np.arange(10), stopping.labels]
    assert epoch == 1 + np.argmin(losses[: epoch + 3])
    assert -np.log(kept).mean() == pytest.approx(losses[epoch - 1], rel=1e-3)


def test_small_run_learns_and_is_reproducible():
    random = np.random.default_rng(0)
    labels = np.arange(200) % 2
    images = random.integers(0, 60, (200, 28, 28, 1)).astype(np.uint8)
    images[labels == 1, :, 14:] += 150
    everything = Split(images, labels, [""] * 200)
    images = ExampleImages("digits", "digits", "", ("dark", "bright"), everything, everything, "")
    run = small_run(images, model="dense", epochs=12, augment="none")
    network, history = run.train(everything, everything)
    assert history["val_accuracy"][-1] > 0.95
    assert len(history["loss"]) == 12
    again, repeated = run.train(everything, everything)
    assert repeated["loss"] == pytest.approx(history["loss"], rel=1e-3)
    assert again is not network
