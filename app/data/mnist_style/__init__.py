"""Bring digits in photographs and drawings to the format of MNIST."""
