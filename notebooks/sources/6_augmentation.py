# %% [markdown]
# # 6. Data augmentation
#
# The training below uses scikit-learn's digits, 1,797 small images that need no download.

# %%
import tempfile
from pathlib import Path

import numpy as np
from lesson import QUICK, check, show

from app.augmentation.presets import LECTURE
from app.classifier import load
from app.config import RunSettings
from app.data.decoding import load_reduced
from app.evaluate import evaluate
from app.figures.canvas.contact_sheet import contact_sheet
from app.training.run import train

photo = load_reduced(Path("datasets/examples/cat.jpg"), 150, 3)

# %% [markdown]
# {{OpenAI}}

# %%
from app.augmentation.parsing import parse_augmentation


def samples(settings: str, count: int) -> list[np.ndarray]:
    """Return augmented versions of the photograph."""
    augmentation = parse_augmentation(settings)
    return [augmentation(photo[np.newaxis], np.arange(1), 0, epoch)[0] for epoch in range(count)]


images = [samples(f"rotation_range={degrees}", 1)[0] for degrees in (0, 20, 45, 90, 180)]
show(contact_sheet(images, ["0°", "±20°", "±45°", "±90°", "±180°"], columns=5, title="A range"))

# %% [markdown]
# {{question: OpenAI}}

# %% [markdown]
# {{Data Augmentation}}

# %%
accuracies = {}
with tempfile.TemporaryDirectory() as folder:
    for augment in ("digits",) if QUICK else ("none", "digits"):
        settings = RunSettings(
            dataset="digits", model="convnet", epochs=1 if QUICK else 15, augment=augment,
            output=folder, name=f"digits-{augment}",
        )  # fmt: skip
        model = load(train(settings).folder)
        accuracies[augment] = evaluate(model, split="validation").evaluation.accuracy
print(accuracies)

# %% [markdown]
# {{question: Data Augmentation}}

# %% [markdown]
# {{Data Augmentation in Keras}}

# %%
print(LECTURE)
modes = ("constant", "nearest", "reflect", "wrap")
filled = [samples(f"rotation_range=40,width_shift_range=.2,fill_mode={m}", 1)[0] for m in modes]
show(contact_sheet(filled, modes, columns=4, title="Four fill modes"))

# %%
# width_shift_range=0.25 of an image 128 px wide: the largest shift in pixels?
answer = ...
check("shift range", answer)

# %% [markdown]
# {{question: Data Augmentation in Keras}}

# %% [markdown]
# {{Augmented Images (samples)}}

# %%
drawn = samples("lecture", 8)
show(contact_sheet(drawn, [f"epoch {k + 1}" for k in range(8)], columns=4, title="Samples"))

# %% [markdown]
# {{question: Augmented Images (samples)}}
