"""Training: compile, fit, evaluate once on the test images, save."""
