"""`steps_per_epoch`, `validation_steps` and `steps` of any size."""

import keras
import numpy as np
import pytest

from app.keras2.image_data_generator import ImageDataGenerator, Iterator


class Steps(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.steps, self.validation_steps = [], []

    def on_epoch_begin(self, epoch, logs=None):
        self.steps.append(0)

    def on_train_batch_end(self, batch, logs=None):
        self.steps[-1] += 1

    def on_test_begin(self, logs=None):
        self.validation_steps.append(0)

    def on_test_batch_end(self, batch, logs=None):
        self.validation_steps[-1] += 1


def small_model():
    model = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")]
    )
    model.compile("sgd", "binary_crossentropy")
    return model


def numbered(count):
    """Constant images that carry their own number."""
    return np.arange(count, dtype=np.float32)[:, None, None, None] * np.ones((4, 4, 1), np.float32)


def recorded(flow):
    """Note (epoch, first sample of the batch, all samples) whenever a batch is made."""
    seen = []
    make = flow._get_batches_of_transformed_samples

    def noting(index_array):
        seen.append((flow.batch_epoch, index_array.tolist()))
        return make(index_array)

    flow._get_batches_of_transformed_samples = noting
    return seen


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("steps", [1, 4, 5, 12, None])
def test_fit_takes_the_requested_steps(steps, workers):
    x, y = numbered(37), np.arange(37) % 2
    flow = ImageDataGenerator().flow(x, y, batch_size=8, seed=0, workers=workers)
    count = Steps()
    small_model().fit(flow, epochs=4, steps_per_epoch=steps, verbose=0, callbacks=[count])
    assert count.steps == [steps or 5] * 4


@pytest.mark.parametrize("steps", [2, 4, 7, None])
def test_fit_takes_the_requested_validation_steps(steps):
    flow = ImageDataGenerator().flow(numbered(37), np.arange(37) % 2, batch_size=8)
    validation = ImageDataGenerator().flow(numbered(29), np.arange(29) % 2, batch_size=8)
    count = Steps()
    small_model().fit(
        flow, epochs=3, verbose=0, callbacks=[count], steps_per_epoch=3,
        validation_data=validation, validation_steps=steps,
    )  # fmt: skip
    assert count.steps == [3] * 3
    assert count.validation_steps == [steps or 4] * 3


@pytest.mark.parametrize("steps", [3, 4, 12])
def test_fit_with_steps_uses_every_image_once_per_pass(steps):
    flow = ImageDataGenerator(rotation_range=5).flow(
        numbered(37), np.arange(37) % 2, batch_size=8, seed=0
    )
    seen = recorded(flow)
    small_model().fit(flow, epochs=4, steps_per_epoch=steps, verbose=0)
    passes = {}
    for epoch, samples in seen:
        passes.setdefault(epoch, []).append(samples)
    whole = [batches for batches in passes.values() if len(batches) >= 5]
    assert whole
    for batches in whole:
        assert sorted(np.concatenate(batches[-5:])) == list(range(37))
    assert len({str(batches[-5:]) for batches in whole}) == len(whole)


def test_fit_with_steps_in_order_continues():
    flow = ImageDataGenerator().flow(numbered(10), np.zeros(10), batch_size=4, shuffle=False)
    # The loss is the number of the first image of the batch; nothing is learned.
    mean = keras.layers.Dense(
        1, use_bias=False, kernel_initializer=keras.initializers.Constant(1 / 16)
    )
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), mean])
    model.compile(keras.optimizers.SGD(0.0), lambda y, prediction: prediction[:1, 0])
    losses = []

    class Losses(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.reset_metrics()

        def on_train_batch_end(self, batch, logs=None):
            losses.append(round(float(logs["loss"])))

    model.fit(flow, epochs=3, steps_per_epoch=2, verbose=0, callbacks=[Losses()])
    assert losses == [0, 4, 8, 0, 4, 8]


def test_fit_with_steps_is_repeatable_and_a_second_fit_continues():
    def epochs_of(fits):
        flow = ImageDataGenerator().flow(numbered(10), np.zeros(10), batch_size=4, seed=0)
        begun = []
        for _ in range(fits):
            small_model().fit(flow, epochs=2, steps_per_epoch=4, verbose=0)
            begun.append(flow.epoch)
        return begun

    assert epochs_of(2) == epochs_of(2)
    first, second = epochs_of(2)
    assert second - first >= 3  # passes that 8 batches of 3 begin


def test_evaluate_and_predict_take_the_requested_steps():
    flow = ImageDataGenerator().flow(numbered(10), np.zeros(10), batch_size=4, shuffle=False)
    model = small_model()
    assert model.predict(flow, steps=5, verbose=0).shape == (4 + 4 + 2 + 4 + 4, 1)
    assert model.predict(flow, verbose=0).shape == (10, 1)
    assert np.isfinite(model.evaluate(flow, steps=7, verbose=0))


def test_fit_with_steps_keeps_class_weights():
    x, y = numbered(8), np.arange(8) % 2
    losses = []
    for steps in (None, 2):
        keras.utils.set_random_seed(0)
        flow = ImageDataGenerator().flow(x, y, batch_size=4, shuffle=False)
        history = small_model().fit(
            flow, steps_per_epoch=steps, class_weight={0: 5.0, 1: 0.1}, verbose=0, shuffle=False
        )
        losses.append(history.history["loss"])
    assert losses[0] == pytest.approx(losses[1])


def test_fit_with_steps_of_an_empty_iterator_raises():
    flow = ImageDataGenerator(validation_split=0.1).flow(
        numbered(5), np.zeros(5), subset="validation", ignore_class_split=True
    )
    with pytest.raises(ValueError, match="0 samples"):
        small_model().fit(flow, steps_per_epoch=3, verbose=0)


def test_fit_with_steps_of_a_users_iterator_works():
    class Squares(Iterator):
        def _get_batches_of_transformed_samples(self, index_array):
            return numbered(9)[index_array] ** 2, index_array % 2

    count = Steps()
    small_model().fit(
        Squares(9, 4, True, 0), epochs=2, steps_per_epoch=5, verbose=0, callbacks=[count]
    )
    assert count.steps == [5, 5]


@pytest.mark.parametrize("steps", [4.0, 37 / 8])
def test_fit_with_a_fraction_of_steps_raises(steps):
    flow = ImageDataGenerator().flow(numbered(37), np.zeros(37), 8)
    with pytest.raises(TypeError, match="samples // batch_size"):
        small_model().fit(flow, steps_per_epoch=steps, verbose=0)
