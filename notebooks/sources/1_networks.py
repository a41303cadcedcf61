# %% [markdown]
# # 1. Dense and convolutional networks
#
# Cells compute what the slides claim. Predict first, then run. Exercises check themselves.

# %%
from lesson import check, show

from app.classifier import load

# %% [markdown]
# {{CNN: Convolutional Neural Network}}

# %%
for name in ("mnist-dense", "mnist-local", "mnist-convnet", "mnist-tiny"):
    model = load(name).inspect()
    print(f"{name:14} {model.keras_model.count_params():8,} parameters")

# %% [markdown]
# {{question: CNN: Convolutional Neural Network}}

# %% [markdown]
# {{Dense for images?}}

# %%
from app.lecture.parameters import dense_weights

for side in (32, 200, 1000):
    print(f"one neuron over {side}×{side}×3: {dense_weights((side, side, 3)):,} weights")

# %%
# How many parameters, with biases, have 100 neurons over 64×64×3?
answer = ...
check("dense parameters", answer)

# %% [markdown]
# {{question: Dense for images?}}

# %% [markdown]
# {{Translation Invariance}}

# %%
import numpy as np

digit_models = [load(name) for name in ("mnist-dense", "mnist-local", "mnist-convnet")]
image = digit_models[0].load_image("datasets/examples/digits/3.jpg")  # (28, 28, 1)


def predictions(changed: np.ndarray) -> None:
    """Print what each model predicts for one image."""
    for one in digit_models:
        row = one.probabilities(changed[np.newaxis])[0]
        print(f"  {one.name:14} {one.class_names[row.argmax()]} {row.max():.0%}")


for pixels in (0, 2, 4, 6):
    print(f"shifted by {pixels} px:")
    predictions(np.roll(image, pixels, axis=1))

# %% [markdown]
# {{question: Translation Invariance}}

# %% [markdown]
# {{Rotation/Viewpoint Invariance}}

# %%
for turns in range(4):
    print(f"rotated by {90 * turns}°:")
    predictions(np.rot90(image, turns).copy())

# %% [markdown]
# {{question: Rotation/Viewpoint Invariance}}

# %% [markdown]
# {{Illumination Invariance}}

# %%
for factor in (1, 0.5, 0.2, 0.05):
    print(f"{factor:g} times the light:")
    predictions((factor * image).astype(np.uint8))

# %% [markdown]
# {{question: Illumination Invariance}}

# %% [markdown]
# {{ConvNets: Overall architecture}}

# %%
from app.figures.architecture import architecture_figure

show(architecture_figure(load("mnist-convnet").inspect()))

# %% [markdown]
# {{question: ConvNets: Overall architecture}}

# %% [markdown]
# {{ConvNets in practice!}}

# %%
from app.figures.responses import responses_figure

show(responses_figure(load("mnist-convnet").inspect(), image, name="a digit"))

# %% [markdown]
# {{question: ConvNets in practice!}}

# %% [markdown]
# {{The fundamental difference between Dense and CNN}}

# %%
# A permutation of the pixels can be undone in the weights of a dense layer.
random = np.random.default_rng(0)
order = random.permutation(784)
weights, pixels = random.normal(size=(784, 5)), random.uniform(size=784)
np.allclose(pixels @ weights, pixels[order] @ weights[order])

# %% [markdown]
# {{question: The fundamental difference between Dense and CNN}}
