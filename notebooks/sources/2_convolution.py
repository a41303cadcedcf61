# %% [markdown]
# # 2. Convolution by hand
#
# From the integral to sums, from vectors to images, and what shifts do.

# %%
from pathlib import Path

import numpy as np
from lesson import check, check_function, show

# %% [markdown]
# {{Convolution integral}}
# %%
from app.figures.integral import integral_step
from app.lecture.integral import exact, riemann_sum

show(integral_step("box", "exponential", 0.5, riemann_sum("box", "exponential", 0.5)))

# %%
for step in (0.5, 0.1, 0.01):
    found = riemann_sum("box", "exponential", step)
    early = found.times < 3
    error = np.abs(found.values - exact("box", "exponential", found.times))[early].max()
    print(f"Δ = {step:4}: largest difference from the integral {error:.1e}")

# %% [markdown]
# {{question: Convolution integral}}

# %% [markdown]
# {{Convolution of vectors}}

# %%
from app.lecture.convolution import convolution, convolve, cross_correlate

trace = convolution(np.array([1, 0, -1]), np.array([0, 1, 2]))
for x in range(len(trace.result)):
    print(trace.show((x,)))

# %%
# The second entry of [2 1 3] ∗ [1 0 −1], by hand:
answer = ...
check("c2", answer)

# %%
# Vectors of 7 and of 4 numbers: how long is their convolution?
answer = ...
check("length", answer)


# %%
def my_convolution(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the convolution of two vectors, with loops of your own."""
    raise NotImplementedError


check_function("convolution of vectors", my_convolution)

# %% [markdown]
# {{question: Convolution of vectors}}

# %% [markdown]
# {{Definition: Convolution of Matrices}}

# %%
image = np.arange(1, 10).reshape(3, 3)
sobel = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
print("convolution:\n", convolve(image, sobel, "same"))
print("cross-correlation:\n", cross_correlate(image, sobel, "same"))
same = convolve(image, np.flip(sobel), "same") == cross_correlate(image, sobel, "same")
print("a flipped kernel makes them equal:", same.all())

# %%
from app.figures.convolution import convolution_step

trace = convolution(image, sobel, "same")
show(convolution_step(trace, 0, [trace.show((0, 0))]))

# %% [markdown]
# {{question: Definition: Convolution of Matrices}}

# %% [markdown]
# {{CNNs: characteristics}}

# %%
from app.data.decoding import load_reduced
from app.figures.equivariance import equivariance_figure
from app.lecture.equivariance import equivariance_error, heads, invariance_error, layers, on_canvas
from app.lecture.kernels import KERNELS

digit = load_reduced(Path("datasets/examples/digits/3.jpg"), 48, 1)[..., 0]
canvas = on_canvas(digit, 8)
weights = KERNELS["sobel-x"].weights
for layer in layers(weights):
    errors = [equivariance_error(layer, canvas, pixels) for pixels in (1, 2, 3, 4)]
    print(f"{layer.name:30}", *(f"{error:5.0%}" for error in errors))

# %%
for name, head in heads(weights).items():
    print(f"{name:34} {invariance_error(head, canvas, 1):6.1%}")

# %%
show(equivariance_figure(canvas, layers(weights), 1, title="A shift by 1 px", note=""))

# %%
# Equivariance error of a convolution with stride 2 for a shift by 2 px:
answer = ...
check("even shift", answer)

# %% [markdown]
# {{question: CNNs: characteristics}}

# %% [markdown]
# {{Convolutions}}

# %%
# A filter sums over the channels: three channels in, one map out.
volume, kernel = np.random.default_rng(0).normal(size=(8, 8, 3)), np.ones((3, 3, 3))
maps = [cross_correlate(volume[..., d], kernel[..., d], "valid") for d in range(3)]
print(np.sum(maps, axis=0).shape)

# %% [markdown]
# {{question: Convolutions}}
