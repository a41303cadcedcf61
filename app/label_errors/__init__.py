"""Wrong labels in a dataset: networks predict images that they never saw, and disagree."""
