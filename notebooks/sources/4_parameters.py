# %% [markdown]
# # 4. Parameters, shared or not

# %%
import numpy as np
from lesson import check, show

from app.classifier import load
from app.lecture.parameters import count_layer

# %% [markdown]
# {{Convolution: number of parameters}}

# %%
layer = count_layer((227, 227, 3), filter_size=11, stride=4, padding=0, filters=96)
print(layer.output, f"{layer.neurons:,} neurons, {layer.unshared:,} parameters")

# %% [markdown]
# {{question: Convolution: number of parameters}}

# %% [markdown]
# {{CNN: parameter sharing}}

# %%
print(f"shared {layer.shared:,}, untied {layer.unshared:,}")

# %%
# 24 filters of 3×3 over 14×14×16, stride 1, no padding. Shared:
answer = ...
check("layer parameters", answer)

# %%
# And untied, a locally connected layer:
answer = ...
check("untied parameters", answer)

# %% [markdown]
# {{question: CNN: parameter sharing}}

# %% [markdown]
# {{CNN: NOT parameter sharing}}

# %%
from app.figures.filters import filters_figure
from app.insight.filters import kernels

model = load("mnist-local").inspect()
print("mean norm of 16 kernels, by position:")
print(np.round(kernels(model, "local_1").norms_by_position().mean(axis=0), 1))
show(filters_figure(model, "local_1"))

# %% [markdown]
# {{question: CNN: NOT parameter sharing}}

# %% [markdown]
# {{CNN summary}}

# %%
from app.insight.architecture import volumes

for volume in volumes(load("mnist-convnet").inspect()):
    print(f"{volume.name:14} {volume.size:10} {volume.parameters:8,}")

# %% [markdown]
# {{question: CNN summary}}

# %% [markdown]
# {{Demo}}

# %%
from app.figures.convolution import volume_steps
from app.lecture.volumes import example_layer, output_of, steps

demo = example_layer((5, 5, 3), (2, 3), stride=2, padding=1, seed=0)
cells = list(steps(demo))
show(volume_steps(demo, cells, output_of(demo))(0))

# %% [markdown]
# {{question: Demo}}

# %% [markdown]
# {{Response map}}

# %%
from app.figures.responses import layer_responses_figure

model = load("catsdogs-best").inspect()
photo = model.load_image("datasets/examples/cat.jpg")
show(layer_responses_figure(model, photo, "stem"))

# %% [markdown]
# {{question: Response map}}
