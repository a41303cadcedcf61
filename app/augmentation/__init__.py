"""Random transformations of training images: parameters, one matrix, one resample."""
