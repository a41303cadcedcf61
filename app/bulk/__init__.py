"""Predictions of millions of images into one file: in pieces, by several processes, resumable."""
