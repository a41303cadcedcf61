"""Comparison of models and recipes on the same images."""
