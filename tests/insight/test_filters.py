"""Kernels, response maps, patterns, patches, volumes and embeddings."""

import keras
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from app.classifier.hooks import to_numpy
from app.errors import AppError
from app.insight.activations import response_maps
from app.insight.architecture import volumes
from app.insight.embedding import Projection, embed, hidden_features, last_hidden
from app.insight.feature_visualization import visualize_filters
from app.insight.filters import kernels, similar_first
from app.insight.receptive_fields import receptive_fields
from app.insight.top_patches import crop, top_patches
from tests.insight.networks import SIDE, local, nested, opened, sequential


def test_kernels_equal_the_weights_of_the_layer(model):
    found = kernels(model)
    layer = model.layer(found.path).layer
    np.testing.assert_array_equal(found.values, to_numpy(layer.kernel).transpose(3, 0, 1, 2))
    assert found.are_images
    assert found.grid == (1, 1)
    assert sorted(found.order) == list(range(len(found.values)))


def test_strongest_slices_have_the_largest_norms():
    found = kernels(opened(sequential()), "conv_2")
    slices, channels = found.strongest_slices(2)
    assert slices.shape == (8, 2, 3, 3)
    norms = np.linalg.norm(found.values.reshape(8, 9, 6), axis=1)
    for k in range(8):
        assert list(channels[k]) == sorted(range(6), key=lambda c: -norms[k, c])[:2]
        np.testing.assert_array_equal(slices[k, 0], found.values[k, :, :, channels[k, 0]])


def test_strongest_keeps_the_order():
    found = kernels(opened(sequential()), "conv_2")
    norms = [np.linalg.norm(values) for values in found.values]
    chosen = list(found.strongest(3))
    assert set(chosen) == set(np.argsort(norms)[-3:])
    assert chosen == [k for k in found.order if k in chosen]


def test_kernels_of_unshared_weights_lie_at_their_positions():
    model = opened(local(), 3, channels=1)
    found = kernels(model)
    assert found.grid == (4, 3)
    image = np.random.default_rng(0).uniform(0, 1, (12, 10, 1)).astype(np.float32)
    layer = model.layer("local_1").layer
    answers = to_numpy(layer(image[np.newaxis]))[0]  # (4, 3, 4); the bias is zero
    # Windows of stride 3 and side 3 tile the image: the laid out kernel can be laid over it.
    products = found.values[..., 0] * image[np.newaxis, :, :9, 0]
    sums = products.reshape(4, 4, 3, 3, 3).sum(axis=(2, 4))  # (K, rows, columns)
    np.testing.assert_allclose(np.maximum(sums, 0).transpose(1, 2, 0), answers, atol=1e-5)
    norms = found.norms_by_position()  # (K, rows, columns)
    assert norms.shape == (4, 4, 3)
    one = found.values[1, 2 * 3 : 3 * 3, 0:3]  # filter 1 in the third row, first column
    assert norms[1, 2, 0] == pytest.approx(np.linalg.norm(one), rel=1e-6)


def test_kernels_of_a_dense_layer_over_an_image_are_images():
    dense = keras.Sequential([
        keras.Input((6, 5, 3)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten(),
        keras.layers.Dropout(0.5), keras.layers.Dense(7, name="dense"),
        keras.layers.Dense(2, name="output"),
    ])  # fmt: skip
    model = opened(dense, 2)
    found = kernels(model)
    kernel = to_numpy(dense.get_layer("dense").kernel)
    np.testing.assert_array_equal(found.values[3], kernel[:, 3].reshape(6, 5, 3))
    with pytest.raises(AppError, match="no kernels to be drawn"):
        kernels(model, "output")


def test_kernels_of_a_depthwise_layer_have_one_channel():
    layers = keras.layers
    model = opened(keras.Sequential([
        keras.Input((9, 9, 3)), layers.DepthwiseConv2D(3, depth_multiplier=2, name="depthwise"),
        layers.SeparableConv2D(4, 3, name="separable"), layers.Flatten(), layers.Dense(3),
    ]))  # fmt: skip
    kernel = to_numpy(model.layer("depthwise").layer.kernel)
    np.testing.assert_array_equal(kernels(model, "depthwise").values[5, :, :, 0], kernel[..., 2, 1])
    assert kernels(model, "separable").values.shape == (6, 3, 3, 1)


def test_similar_first_puts_similar_kernels_side_by_side():
    random = np.random.default_rng(0)
    kinds = random.normal(0, 1, (3, 25))
    shuffled = random.permutation(np.repeat(np.arange(3), 5))
    values = kinds[shuffled] + random.normal(0, 0.01, (15, 25))
    order = similar_first(values)
    assert (np.diff(shuffled[order]) != 0).sum() == 2
    assert sorted(similar_first(np.zeros((4, 9)))) == [0, 1, 2, 3]


def test_response_maps_of_every_layer(image):
    model = opened(sequential())
    found = {maps.path: maps for maps in response_maps(model, image)}
    assert list(found) == ["conv_1", "pool_1", "conv_2"]
    network = model.keras_model
    cut = keras.Model(network.inputs[0], network.get_layer("pool_1").output)
    expected = to_numpy(cut(image[np.newaxis].astype(np.float32)))[0].transpose(2, 0, 1)
    np.testing.assert_allclose(found["pool_1"].maps, expected, atol=1e-5)
    assert found["conv_2"].field.size == (8, 8)
    filter_, row, column = found["conv_2"].peak
    assert abs(found["conv_2"].maps[filter_, row, column]) == found["conv_2"].limit


def test_response_maps_mark_dead_filters(image):
    model = opened(sequential())
    layer = model.keras_model.get_layer("conv_1")
    kernel, bias = layer.get_weights()
    kernel[..., 2], bias[2] = 0, -1
    layer.set_weights([kernel, bias])
    found = response_maps(model, image, ["conv_1"])[0]
    assert found.is_dead[2]
    assert not found.is_dead.all()
    gray = response_maps(model, np.full_like(image, 90), ["conv_1"])[0]
    assert not gray.is_dead.all()  # what is everywhere the same is not dead
    layer.set_weights([0 * kernel, 0 * bias])
    silent = response_maps(model, image, ["conv_1"])[0]
    assert silent.is_dead.all()
    assert silent.limit == 1.0


def edge_detector():
    """One filter for edges between dark left and bright right, one that nothing opens."""
    model = keras.Sequential([
        keras.Input((SIDE, SIDE, 1)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(2, 5, activation="relu", name="edges"),
        keras.layers.GlobalMaxPooling2D(),
        keras.layers.Dense(2, activation="softmax"),
    ])  # fmt: skip
    kernel = np.zeros((5, 5, 1, 2), np.float32)
    kernel[:, :2, 0, 0], kernel[:, 3:, 0, 0] = -1, 1
    model.get_layer("edges").set_weights([kernel, np.array([0, -1], np.float32)])
    return opened(model, 2, channels=1), kernel


def test_visualize_filters_of_an_edge_filter_shows_an_edge():
    model, kernel = edge_detector()
    part = model.layer("edges")
    found, dead = visualize_filters(model, part, [0, 1])
    middle = crop(found.image, receptive_fields(model)["edges"], 10, 10)[..., 0].astype(float)
    assert np.corrcoef(middle.ravel(), kernel[..., 0, 0].ravel())[0, 1] > 0.9
    assert found.activation > 5
    assert not found.is_dead
    assert dead.is_dead
    again = visualize_filters(model, part, [0])[0]
    assert again.image.shape == (SIDE, SIDE, 1)
    assert part.layer.activation is keras.activations.relu  # put back


def test_visualize_filters_beats_every_image_for_most_filters(model):
    random = np.random.default_rng(0)
    noise = random.normal(0, 1, (40, SIDE, SIDE, 3))
    smooth = gaussian_filter(noise, (0, 1, 1, 0))  # as photographs are
    images = np.clip(128 + 60 * smooth / smooth.std(), 0, 255).astype(np.uint8)
    part = model.last_conv_layer
    filters = list(range(part.output_shape[-1]))
    best = top_patches(model, images, part, filters)
    compared = [
        (pattern.activation, patches[0].activation)
        for pattern, patches in zip(visualize_filters(model, part, filters), best, strict=True)
        if patches and not pattern.is_dead
    ]
    # Not all: some of these random filters want colors that photographs do not mix.
    assert np.mean([grown > found for grown, found in compared]) > 0.6


def test_top_patches_have_the_largest_activations(model):
    random = np.random.default_rng(3)
    images = random.integers(0, 256, (35, SIDE, SIDE, 3)).astype(np.uint8)
    part = model.last_conv_layer
    field = receptive_fields(model)[part.path]
    found = top_patches(model, images, part, [1])[0][:4]
    answers = np.array([response_maps(model, i, [part.path])[0].maps[1].max() for i in images])
    expected = [i for i in np.argsort(-answers)[:4] if answers[i] > 0]
    assert [patch.image for patch in found] == expected
    np.testing.assert_allclose([p.activation for p in found], answers[expected], atol=1e-5)
    shapes = {crop(images[patch.image], field, *patch.cell).shape for patch in found}
    assert shapes <= {(*field.size, 3), (SIDE, SIDE, 3)}


def test_crop_outside_the_image_is_gray(image):
    model = opened(sequential())
    layers = keras.layers
    same = opened(keras.Sequential([
        keras.Input((SIDE, SIDE, 3)), layers.Conv2D(2, 5, padding="same", name="conv"),
        layers.Flatten(), layers.Dense(3),
    ]))  # fmt: skip
    field = receptive_fields(same)["conv"]
    patch = crop(image, field, 0, SIDE - 1)
    assert patch.shape == (5, 5, 3)
    assert (patch[:2] == 128).all()
    assert (patch[:, 3:] == 128).all()
    np.testing.assert_array_equal(patch[2:, :3], image[:3, -3:])
    inner = crop(image, receptive_fields(model)["conv_1"], 4, 6)
    np.testing.assert_array_equal(inner, image[4:7, 6:9])


def test_volumes_follow_the_layers():
    model = opened(nested(), 2)
    found = volumes(model)
    assert [v.role for v in found] == ["input", "convolution", "block", "pooling", "dense"]
    assert [v.shape for v in found] == [(24, 24, 3), (11, 11, 4), (5, 5, 6), (6,), (1,)]
    assert found[0].names == ("input", "rescaling")
    assert sum(v.parameters for v in found) == model.keras_model.count_params()


def test_volumes_of_a_large_network_are_merged_by_size():
    network = keras.applications.MobileNetV2(weights=None, classes=4, input_shape=(64, 64, 3))
    found = volumes(opened(network, 4))
    assert len(found) <= 48
    assert sum(v.parameters for v in found) == network.count_params()
    assert found[-1].shape == (4,)


def test_hidden_features_are_the_inputs_of_the_last_layer(model):
    images = np.random.default_rng(0).integers(0, 256, (40, SIDE, SIDE, 3)).astype(np.uint8)
    features = hidden_features(model, images)
    weighted = [p.layer for p in model.layers if not p.is_composite and p.layer.count_params()][-1]
    kernel, bias = weighted.get_weights()
    with model.linear_output():
        outputs = to_numpy(model.keras_model(images, training=False))
    np.testing.assert_allclose(features @ kernel + bias, outputs, atol=1e-4)
    assert last_hidden(model).output_shape[-1] == features.shape[1]


def test_embed_keeps_clusters_apart():
    random = np.random.default_rng(0)
    centers = np.repeat(np.eye(3, 12) * 20, 12, axis=0)
    features = (centers + random.normal(0, 1, centers.shape)).astype(np.float32)
    plane = embed(features, Projection("pca"))
    centered = features - features.mean(axis=0)
    values = np.linalg.svd(centered, compute_uv=False)
    np.testing.assert_allclose(np.linalg.norm(plane, axis=0), values[:2], rtol=1e-4)
    points = embed(features, Projection("tsne"))
    assert points.shape == (36, 2)
    distances = np.linalg.norm(points[:, np.newaxis] - points, axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 12 == np.arange(36) // 12).all()
    np.testing.assert_array_equal(points, embed(features, Projection("tsne")))
    assert embed(features[:, :1], Projection("pca")).shape == (36, 2)
    assert np.isfinite(embed(np.ones((6, 4), np.float32), Projection("pca"))).all()
    with pytest.raises(AppError, match="at least 5"):
        embed(features[:4])
    with pytest.raises(ValueError, match="pca"):
        embed(features, Projection("umap"))
