"""The former place of `app.classifier.load`."""

from app.classifier import load as load
