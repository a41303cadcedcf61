"""Random transformations of training images, in NumPy and OpenCV."""
