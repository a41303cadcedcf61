"""Small images first."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.augmentation.presets import LECTURE
from app.config import RunSettings
from app.data.pixels import prepare_batch, shrink
from app.errors import AppError
from app.models import build_model
from app.registries import MODELS
from app.run_checks import ANY_SIZE
from app.training.progressive_resizing import of_size, sides, stages


@given(end=st.integers(8, 300), share=st.floats(0.1, 1), epochs=st.integers(1, 120))
def test_sides_grow_and_arrive(end, share, epochs):
    start = max(1, int(share * end))
    found = sides(start, end, epochs)
    assert len(found) == epochs
    assert found == sorted(found)
    assert all(start <= side <= end for side in found)
    assert set(found[int(0.75 * epochs + 1) :]) <= {end}
    assert found[-1] == end
    assert len(set(found)) <= 16


@given(found=st.lists(st.integers(1, 4), min_size=1, max_size=30).map(sorted), data=st.data())
def test_stages_are_runs_of_one_side(found, data):
    first = data.draw(st.integers(0, len(found)))
    left = stages(found, first)
    assert [epoch for start, end in left for epoch in range(start, end)] == list(
        range(first, len(found))
    )
    assert all(len(set(found[start:end])) == 1 for start, end in left)


@pytest.mark.parametrize("name", ANY_SIZE)
def test_a_network_of_any_size_shares_its_weights(name):
    network = build_model(name, (64, 64, 3), 2, 0.0)
    flexible = of_size(network, None)
    images = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype("float32")
    np.testing.assert_array_equal(
        *(keras.ops.convert_to_numpy(model(images)) for model in (network, flexible))
    )
    assert flexible(images[:, :40, :32]).shape == (2, 1)
    larger = of_size(network, 80)
    assert (larger.input_shape, larger.name) == ((None, 80, 80, 3), network.name)
    assert [w.path for w in network.weights] == [w.path for w in flexible.weights]


@pytest.mark.parametrize("name", sorted(set(MODELS) - set(ANY_SIZE)))
def test_networks_of_one_size_are_refused(name):
    with pytest.raises(AppError, match="--start-size"):
        RunSettings(model=name, image_size=32, start_size=16)
    # For a reason: their last layers count on one number of cells.
    network = build_model(name, (32, 32, 3), 2, 0.5)
    assert any(isinstance(layer, keras.layers.Flatten) for layer in network.layers)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [4, 8, 16])
def test_images_are_made_small_as_pillow_does(channels, side):
    images = np.random.default_rng(1).integers(0, 256, (5, 16, 16, channels), np.uint8)
    chosen = np.array([3, 0])
    whole = prepare_batch(images, chosen, LECTURE, seed=1, epoch=2)
    small = shrink(whole, side)
    assert small.shape == (2, side, side, channels)
    for one, other in zip(whole, small, strict=True):
        picture = Image.fromarray(one[..., 0] if channels == 1 else one)
        box = np.asarray(picture.resize((side, side), Image.Resampling.BOX)).reshape(other.shape)
        assert np.abs(box.astype(int) - other).max() <= 1
