"""The models that come with the repository.

Listed by name: a model that somebody trains into the same folder is their own affair.
"""

from pathlib import Path

MODELS = Path(__file__).parent.parent / "saved_models"
SHIPPED = (
    "catsdogs-best",
    "catsdogs-lecture",
    "mnist-best",
    "mnist-convnet",
    "mnist-dense",
    "mnist-local",
    "mnist-tiny",
)
