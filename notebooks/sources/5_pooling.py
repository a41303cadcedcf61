# %% [markdown]
# # 5. Pooling

# %%
from pathlib import Path

import numpy as np
from lesson import check, check_function, show

from app.lecture.pooling import pool

# %% [markdown]
# {{Pooling layer}}

# %%
values = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
for kind in ("max", "average", "l2"):
    print(kind, pool(values, kind, window=2, stride=2).round(2).tolist())

# %%
from app.figures.pooling import pooling_of_numbers

show(pooling_of_numbers(values, {"max": pool(values, "max", 2, 2)}, 2, 2))

# %%
# The maximum of a window with 3, −1, 2 and 7:
answer = ...
check("maximum", answer)


# %%
def my_max_pooling(x: np.ndarray) -> np.ndarray:
    """Return the maxima of 2×2 windows with stride 2, of an image with even sides."""
    raise NotImplementedError


check_function("max pooling", my_max_pooling)

# %% [markdown]
# {{question: Pooling layer}}

# %% [markdown]
# {{Why pooling?}}

# %%
from app.lecture.receptive_field import PIXEL, through_window

pooled = plain = PIXEL
for number in range(1, 5):
    pooled = through_window(through_window(pooled, 3), 2, 2)
    plain = through_window(plain, 3)
    print(f"{number} convolutions: {plain.size} px, with pooling {pooled.size} px")

# %%
# A 3×3 convolution, a 2×2 pooling with stride 2, a 3×3 convolution: the receptive field?
answer = ...
check("receptive field", answer)

# %%
# Sensitivity to a shift by 1 px, of what a dense layer receives:
from app.data.decoding import load_reduced
from app.lecture.equivariance import heads, invariance_error, on_canvas
from app.lecture.kernels import KERNELS

canvas = on_canvas(load_reduced(Path("datasets/examples/digits/3.jpg"), 48, 1)[..., 0], 8)
for name, head in heads(KERNELS["sobel-x"].weights).items():
    print(f"{name:34} {invariance_error(head, canvas, 1):6.1%}")

# %% [markdown]
# {{question: Why pooling?}}
