"""Images by their Fourier coefficients in decorrelated colors, and their ascent by Adam.

image = sigmoid(C · irfft2(z / f)): the coefficients `z` of all frequencies f and of the principal
axes of natural colors start alike and take steps of one size. In pixels, low frequencies and the
colors of photographs thus change the most; plain gradient ascent grows noise of high frequency.

Source: Olah et al., Feature Visualization, 2017, with the constants of their library Lucid; Kingma
& Ba, Adam, 2014.
"""

from __future__ import annotations

import numpy as np
from scipy import fft
from scipy.special import expit

_INITIAL_SPREAD = 0.01  # standard deviation of a coefficient
_CONTRAST = 0.25  # of a pixel's logit
_RATE = 0.05  # of Adam; in units of a coefficient
_MOMENTUM, _SQUARE_MOMENTUM, _EPSILON = 0.9, 0.999, 1e-8
# Principal axes of the colors of ImageNet, as columns: light, blue–yellow, green–magenta; each is
# as long as the colors vary along it. Rows are red, green, blue.
_COLORS = np.array([[0.26, 0.09, 0.02], [0.27, 0.0, -0.05], [0.27, -0.09, 0.03]], np.float32)
_COLORS /= np.linalg.norm(_COLORS, axis=0).max()


class FourierImages:
    """Images `(B, H, W, C)` that ascend a gradient in Fourier space; C is 1 or 3.

    Args:
        shape: `(B, H, W, C)`.
        random: Generator of the initial noise.
    """

    def __init__(self, shape: tuple[int, int, int, int], random: np.random.Generator):
        count, height, width, channels = shape
        self._size = height, width
        self._colors = _COLORS if channels == 3 else np.eye(channels, dtype=np.float32)
        frequency = np.hypot(fft.fftfreq(height)[:, np.newaxis], fft.rfftfreq(width))
        frequency = np.maximum(frequency, 1.0 / max(height, width))  # (H, W // 2 + 1)
        scale = _CONTRAST * np.sqrt(height * width) / frequency
        self._scale = scale[..., np.newaxis].astype(np.float32)
        # Both parts of complex numbers on the last axis: to Adam, they are parameters of their own.
        parts = (count, *frequency.shape, channels, 2)
        self._coefficients = _noise(random, parts, _INITIAL_SPREAD)
        self._mean = np.zeros(parts, np.float32)
        self._square = np.zeros(parts, np.float32)
        self._steps = 0

    def pixels(self) -> np.ndarray:
        """Return `(B, H, W, C)` float32 values from 0 to 255."""
        z = self._coefficients[..., 0] + 1j * self._coefficients[..., 1]
        logits = fft.irfft2(z * self._scale, s=self._size, axes=(1, 2)) @ self._colors.T
        return np.asarray(255.0 * expit(logits), np.float32)

    def gradient(self, of_pixels: np.ndarray) -> np.ndarray:
        """Return a gradient by the coefficients, `(B, H, W // 2 + 1, C, 2)`.

        Args:
            of_pixels: The gradient by the pixels, `(B, H, W, C)`.
        """
        pixels = self.pixels()
        of_logits = (of_pixels * pixels * (255.0 - pixels) / 255.0) @ self._colors
        height, width = self._size
        spectrum = fft.rfft2(of_logits, axes=(1, 2)) * (self._scale / (height * width))
        # All columns but the first, and the last of an even width, stand for two frequencies.
        spectrum[:, :, 1 : (width + 1) // 2] *= 2
        return np.stack([spectrum.real, spectrum.imag], axis=-1)

    def ascend(self, of_pixels: np.ndarray) -> None:
        """Take one step of Adam along a gradient by the pixels, `(B, H, W, C)`."""
        gradient = self.gradient(of_pixels)
        self._steps += 1
        self._mean += (1 - _MOMENTUM) * (gradient - self._mean)
        self._square += (1 - _SQUARE_MOMENTUM) * (gradient**2 - self._square)
        mean = self._mean / (1 - _MOMENTUM**self._steps)
        square = self._square / (1 - _SQUARE_MOMENTUM**self._steps)
        self._coefficients += _RATE * mean / (np.sqrt(square) + _EPSILON)

    def restart(self, chosen: np.ndarray, random: np.random.Generator, strength: float) -> None:
        """Replace images by new noise.

        Args:
            chosen: `(B,)` booleans.
            random: Generator of the noise.
            strength: Standard deviation relative to that of the initial noise.
        """
        shape = self._coefficients[chosen].shape
        self._coefficients[chosen] = _noise(random, shape, strength * _INITIAL_SPREAD)


def _noise(random: np.random.Generator, shape: tuple[int, ...], spread: float) -> np.ndarray:
    return random.normal(0.0, spread, shape).astype(np.float32)
