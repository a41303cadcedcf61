"""Datasets: fetching, listing, splitting, decoding, batching and checking them."""
