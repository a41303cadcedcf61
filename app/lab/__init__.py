"""Experiments: the lecture's claims, measured on networks that are trained or loaded here."""
