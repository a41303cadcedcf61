"""Cats and dogs drawn with Pillow: a dataset that needs no download."""
