"""Saved models: their folder and their card."""
