"""Saved models in other formats."""
