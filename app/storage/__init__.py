"""Saved models: their folder, card and LiteRT twin."""
