"""The former place of `app.keras2.load_keras2_model` and `load_keras2_weights`."""

from app.keras2 import load_keras2_model as load_keras2_model
from app.keras2 import load_keras2_weights as load_keras2_weights
