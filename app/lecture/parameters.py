"""Number of weights of a layer: shared, unshared, dense.

Source: lecture, "Convolution: number of parameters", "CNN: parameter sharing", "Dense for images?".
"""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import AppError
from app.lecture.sizes import format_size, whole_output_size

Volume = tuple[int, int, int]  # width, height, depth


@dataclass(frozen=True)
class LayerCount:
    """A layer of K filters over a volume.

    Attributes:
        input: (W₁, H₁, D₁).
        output: (W₂, H₂, K).
        weights_per_filter: F·F·D₁, without the bias.
    """

    input: Volume
    output: Volume
    weights_per_filter: int

    @property
    def neurons(self) -> int:
        """W₂·H₂·K."""
        width, height, depth = self.output
        return width * height * depth

    @property
    def unshared(self) -> int:
        """Weights and biases if every neuron has its own: `LocallyConnected2D`."""
        return self.neurons * (self.weights_per_filter + 1)

    @property
    def shared_weights(self) -> int:
        """Weights without biases if all neurons of a feature map share them: `Conv2D`."""
        return self.output[2] * self.weights_per_filter

    @property
    def shared(self) -> int:
        """Shared weights, and one bias per filter."""
        return self.shared_weights + self.output[2]


def count_layer(
    volume: Volume, filter_size: int, stride: int, padding: int, filters: int
) -> LayerCount:
    """Count the weights of a convolution over a volume.

    Raises:
        AppError: If a number is out of its range, or the filter does not fit evenly.
    """
    if filters < 1 or min(volume) < 1:
        raise AppError(
            f"{filters} filters over {format_size(volume)}.", "Expected positive numbers."
        )
    width, height = (
        whole_output_size(length, filter_size, stride, padding) for length in volume[:2]
    )
    weights = filter_size * filter_size * volume[2]
    return LayerCount(volume, (width, height, filters), weights)


def dense_weights(volume: Volume, units: int = 1) -> int:
    """Return the weights of `units` neurons that each see a whole volume, without biases."""
    width, height, depth = volume
    return width * height * depth * units
