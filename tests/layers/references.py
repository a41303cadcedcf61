"""Layers filled with random weights, and their gradients on every backend."""

import keras
import numpy as np

# JAX compiles every operation for every shape, a second each; the geometry is the same code.
THOROUGH = keras.backend.backend() == "tensorflow"
EXAMPLES = 60 if THOROUGH else 6


def array(value) -> np.ndarray:
    return keras.ops.convert_to_numpy(value)


def randomized(layer: keras.layers.Layer, input_shape: tuple, seed: int = 0) -> keras.layers.Layer:
    """Build a layer and give it random weights, bias included."""
    layer.build(input_shape)
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=w.shape).astype("float32") for w in layer.weights])
    return layer


def gradients(layer, images, weighting):
    """Return the gradients of Σ weighting·output by the images and every weight."""
    backend = keras.backend.backend()
    if not layer.built:
        layer.build(images.shape)
    if backend == "tensorflow":
        import tensorflow as tf

        x = tf.constant(images)
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x) * weighting)
        return [g.numpy() for g in tape.gradient(loss, [x, *layer.trainable_variables])]
    if backend == "jax":
        import jax

        def loss(weights, x):
            return (layer.stateless_call(weights, state, x)[0] * weighting).sum()

        state = [variable.value for variable in layer.non_trainable_variables]
        weights = [variable.value for variable in layer.trainable_variables]
        by_weights, by_images = jax.grad(loss, argnums=(0, 1))(weights, images)
        return [np.asarray(g) for g in (by_images, *by_weights)]
    import torch

    x = torch.tensor(images, requires_grad=True)
    values = [variable.value for variable in layer.trainable_variables]
    loss = (layer(x) * torch.tensor(weighting)).sum()
    return [g.numpy() for g in torch.autograd.grad(loss, [x, *values])]
