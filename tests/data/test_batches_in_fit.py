import keras
import numpy as np
import pytest
from PIL import Image

from app.augmentation.presets import LECTURE
from app.data.batches import Batches, EnterEpoch, as_fit_input, raising_app_errors
from app.data.pixels import StreamedImages
from app.errors import AppError

IMAGES = np.random.default_rng(0).integers(0, 256, (23, 12, 12, 3), np.uint8)
LABELS = np.arange(23) % 4


def fresh(**settings):
    return Batches(IMAGES, LABELS, 5, shuffle=True, augment=LECTURE, seed=3, **settings)


def trained(wrapped):
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((12, 12, 3)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(4)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss)
    batches = fresh()
    model.fit(
        wrapped(batches),
        validation_data=wrapped(Batches(IMAGES, LABELS, 7)),
        epochs=3,
        shuffle=False,
        verbose=0,
        callbacks=[EnterEpoch(batches)],
    )
    return [*model.get_weights(), model.history.history["val_loss"]]


def test_keras_learns_the_same_as_from_the_batches_themselves():
    for ours, theirs in zip(trained(as_fit_input), trained(lambda batches: batches), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_each_pass_has_the_batches_of_the_epoch_that_was_entered():
    if keras.backend.backend() != "tensorflow":
        pytest.skip("other backends take the batches as they are")
    batches = fresh()
    fed = as_fit_input(batches)
    assert len(fed) == batches.num_batches
    for number in (0, 2, 1):
        batches.enter_epoch(number)
        found = [(images.numpy(), labels.numpy()) for images, labels in fed]
        wanted = fresh()
        wanted.enter_epoch(number)
        for ours, theirs in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(ours[0], theirs[0])
            np.testing.assert_array_equal(ours[1], theirs[1])


def test_shares_of_classes_are_fed_too():
    shares = np.eye(4, dtype="float32")[LABELS]
    fed = as_fit_input(Batches(IMAGES, shares, 8))
    images, labels = next(iter(fed))
    assert images.shape == (8, 12, 12, 3)
    np.testing.assert_array_equal(np.asarray(labels), shares[:8])


def test_an_image_that_cannot_be_read_stops_training():
    class Broken:
        shape = IMAGES.shape

        def __len__(self):
            return len(IMAGES)

        def __getitem__(self, chosen):
            if 20 in np.atleast_1d(chosen):
                raise OSError("the disk is gone")
            return IMAGES[chosen]

    batches = Batches(Broken(), LABELS, 5)
    with pytest.raises(Exception, match="the disk is gone"):
        for _ in as_fit_input(batches):
            pass


def test_fit_of_an_image_that_has_gone_raises_the_app_error(tmp_path):
    paths = []
    for number in range(12):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(IMAGES[number]).save(paths[-1])
    images = StreamedImages(paths, (12, 12), 3)
    model = keras.Sequential(
        [keras.Input((12, 12, 3)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    model.compile(loss="mse")

    class Remove(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            paths[5].unlink(missing_ok=True)

    batches = Batches(images, np.zeros((12, 1), "float32"), 4)
    with (
        pytest.raises(AppError, match=r"5\.png.*No such file") as caught,
        raising_app_errors(batches),
    ):
        model.fit(as_fit_input(batches), epochs=3, shuffle=False, verbose=0, callbacks=[Remove()])
    assert caught.value.status == 1
    assert "--resume" in caught.value.fix
