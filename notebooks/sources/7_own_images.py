# %% [markdown]
# # 7. The real world, and your own folder
#
# Put your images into a folder with one subfolder per class, and set `FOLDER` to it.

# %%
import tempfile

import numpy as np
from lesson import QUICK, show

from app.classifier import load
from app.config import RunSettings
from app.evaluate import evaluate
from app.figures.canvas.contact_sheet import contact_sheet
from app.figures.evaluation import confusion_figure
from app.training.run import train

FOLDER = "datasets/examples/animals"

# %% [markdown]
# {{Vision – Difficulties in real world applications}}

# %%
# Random noise of ±2 and ±32 levels, and a bright square as graffiti.
model = load("catsdogs-best")
photo = model.load_image("datasets/examples/dog.jpg")
random = np.random.default_rng(0)


def with_noise(levels: int) -> np.ndarray:
    """Return the photograph with a random change of ±levels in every value."""
    change = levels * random.choice([-1, 1], photo.shape)
    return np.clip(photo.astype(int) + change, 0, 255).astype(np.uint8)


graffiti = photo.copy()
graffiti[60:100, 60:100] = (255, 230, 0)
versions = {"clean": photo, "±2": with_noise(2), "±32": with_noise(32), "graffiti": graffiti}
rows = model.probabilities(np.stack(list(versions.values())))
captions = [
    f"{name}: {model.class_names[row.argmax()]} {row.max():.0%}"
    for name, row in zip(versions, rows, strict=True)
]
show(contact_sheet(list(versions.values()), captions, columns=4, title="One photograph"))

# %% [markdown]
# {{question: Vision – Difficulties in real world applications}}

# %% [markdown]
# ## Your own folder
#
# Train, evaluate on images that took no part in training, and look at what the network looks at.

# %%
models = tempfile.TemporaryDirectory()
settings = RunSettings(
    dataset=FOLDER, model="convnet" if QUICK else "modern", epochs=1 if QUICK else 40,
    image_size=64 if QUICK else None, output=models.name, name="own",
)  # fmt: skip
own = load(train(settings).folder)

# %%
result = evaluate(own)
print(f"{result.evaluation.accuracy:.0%} of {len(result.probabilities)} test images")
show(confusion_figure(result))

# %%
from app.figures.canvas.overlay import overlaid
from app.insight.grad_cam import grad_cam

inspected = own.inspect()
image = own.load_image("datasets/examples/cat.jpg")
heat = grad_cam(inspected, image)
show(contact_sheet([image, overlaid(image, heat)], ["image", "Grad-CAM"], columns=2, title="own"))

# %%
models.cleanup()
