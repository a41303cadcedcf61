# %% [markdown]
# # 3. The convolution layer
#
# Filters, sizes, padding; at the end, a layer of your own against Keras.

# %%
from pathlib import Path

import numpy as np
from lesson import check, check_function, show

from app.classifier import load

# %% [markdown]
# {{CNNs}}
# %%
from app.insight.architecture import volumes

for volume in volumes(load("catsdogs-lecture").inspect()):
    print(f"{volume.name:14} {volume.size:12} {volume.parameters:10,}")

# %% [markdown]
# {{question: CNNs}}

# %% [markdown]
# {{Convolution layer}}

# %%
from app.figures.filters import filters_figure

show(filters_figure(load("catsdogs-best").inspect()))

# %% [markdown]
# {{question: Convolution layer}}

# %% [markdown]
# {{Example I}}

# %%
from app.lecture.parameters import count_layer

layer = count_layer((32, 32, 3), filter_size=5, stride=1, padding=0, filters=5)
print(layer.output, layer.shared)

# %% [markdown]
# {{question: Example I}}

# %% [markdown]
# {{Why padding?}}

# %%
from app.lecture.coverage import coverage

print(coverage((5, 5), filter_size=3, stride=1, padding=0))
print(coverage((5, 5), filter_size=3, stride=1, padding=1))

# %%
# Which padding keeps the size of an image with filters of 9×9 and stride 1?
answer = ...
check("padding", answer)

# %% [markdown]
# {{question: Why padding?}}

# %% [markdown]
# {{Filters}}

# %%
from app.data.decoding import load_reduced
from app.figures.kernel_responses import kernels_figure
from app.lecture.kernels import KERNELS, response

photo = load_reduced(Path("datasets/examples/cat.jpg"), 200, 3)
gray = photo.mean(axis=-1)
chosen = {name: KERNELS[name] for name in ("gaussian-blur", "sobel-x", "gabor")}
found = {
    name: response(photo if kernel.keeps_brightness else gray, np.flip(kernel.weights))
    for name, kernel in chosen.items()
}
show(kernels_figure(photo, chosen, found, name="a drawn cat", note="Not flipped."))

# %% [markdown]
# {{question: Filters}}

# %% [markdown]
# {{Convolution: output size}}

# %%
from app.lecture.sizes import output_size, same_output_size

print(output_size(7, 3, 2, 0), same_output_size(7, 2))

# %%
# W = 32, F = 5, S = 2, P = 2:
answer = ...
check("output size", answer)

# %% [markdown]
# {{question: Convolution: output size}}

# %% [markdown]
# {{Quiz}}

# %%
print(output_size(5, 3, 1, 1), output_size(5, 3, 2, 1), output_size(10, 3, 2, 0))

# %% [markdown]
# {{question: Quiz}}

# %% [markdown]
# ## Write it yourself


# %%
def my_cross_correlation(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the cross-correlation of an image `(H, W)` and a kernel, without padding."""
    raise NotImplementedError


check_function("cross-correlation", my_cross_correlation)

# %%
# Keras computes the same, for batches, channels and filters.
import keras

from app.lecture.convolution import cross_correlate

x, w = np.random.default_rng(0).normal(size=(2, 9, 9))
w = w[:3, :3]
by_keras = keras.ops.conv(x[np.newaxis, ..., np.newaxis], w[..., np.newaxis, np.newaxis])
np.allclose(keras.ops.convert_to_numpy(by_keras)[0, ..., 0], cross_correlate(x, w, "valid"))
