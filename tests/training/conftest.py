"""What a training run changes for its whole process, taken back after each test."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def operations_of_any_order() -> Iterator[None]:
    """`--deterministic` is for the rest of a process; with it, Keras refuses to compile by XLA."""
    yield
    if "tensorflow" in sys.modules:
        from tensorflow.python.framework import config

        config.disable_op_determinism()
