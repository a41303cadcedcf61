"""Models and weights that Keras 2 saved, opened by Keras 3; `app/keras2` has the work."""

from __future__ import annotations

from app.keras2.model_files import load_keras2_model, load_keras2_weights

__all__ = ["load_keras2_model", "load_keras2_weights"]
