"""Training on the page: one run in a process of its own, watched and steered by its viewers."""
