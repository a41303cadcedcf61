"""Classical kernels of image processing, and the response of an image to them.

Sources: lecture, "Definition: Convolution of Matrices" (Sobel), "Response map" (Gaussian blur);
Daugman (1985) for Gabor functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.errors import AppError
from app.lecture.convolution import convolve
from app.names import did_you_mean


@dataclass(frozen=True)
class Kernel:
    """A kernel with an exact factor: its weights are `numbers / divisor`.

    Attributes:
        effect: Effect on an image, in a line.
        numbers: `(k, l)`.
        divisor: 16 for a factor of 1/16.
    """

    effect: str
    numbers: np.ndarray
    divisor: int = 1

    @property
    def weights(self) -> np.ndarray:
        """`(k, l)` float64."""
        return self.numbers / self.divisor

    @property
    def factor(self) -> str:
        """The factor before the numbers, such as `1/16 × `; empty for 1."""
        return f"1/{self.divisor} × " if self.divisor > 1 else ""

    @property
    def keeps_brightness(self) -> bool:
        """Whether a uniform surface stays unchanged, so that the response is an image."""
        return bool(np.isclose(self.weights.sum(), 1))

    @property
    def factors(self) -> tuple[np.ndarray, np.ndarray] | None:
        """A column `(k,)` and a row `(l,)` whose products are `numbers`; `None` if there are none.

        A separable kernel needs k + l products for each pixel instead of k · l.
        """
        if min(self.numbers.shape) == 1 or np.linalg.matrix_rank(self.numbers) != 1:
            return None
        row = self.numbers[np.abs(self.numbers).sum(axis=1).argmax()]
        if self.numbers.dtype.kind == "i":
            row = row // np.gcd.reduce(row)
        row = -row if row.sum() < 0 else row
        place = np.abs(row).argmax()
        return self.numbers[:, place] / row[place] + 0.0, row  # no −0


# A Gabor function, 16 · exp(−(x² + y²) / 2σ²) · sin(2π (x + y) / √2 λ) with σ = 1.3 and λ = 4, as
# integers: a derivative along a diagonal, of one spatial frequency.
_y, _x = np.mgrid[-2:3, -2:3]
_GABOR = np.rint(
    16 * np.exp(-(_x**2 + _y**2) / (2 * 1.3**2)) * np.sin(2 * np.pi * (_x + _y) / (np.sqrt(2) * 4))
).astype(int)

# Effects without a flip, as a network applies them. Convolution flips the kernel, which changes the
# sign of the response to an odd kernel such as Sobel's.
KERNELS = {
    "identity": Kernel("leaves every pixel as it is", np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])),
    "box-blur": Kernel("the mean of 3×3 pixels", np.ones((3, 3), int), 9),
    "gaussian-blur": Kernel("binomial, nearly Gaussian", np.outer([1, 2, 1], [1, 2, 1]), 16),
    "gaussian-blur-5": Kernel(
        "binomial, 5×5 pixels", np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]), 256
    ),
    "sharpen": Kernel(
        "makes local differences larger", np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    ),
    "emboss": Kernel(
        "a relief, lit from the upper left", np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
    ),
    "sobel-x": Kernel(
        "positive where brighter to the right", np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    ),
    "sobel-y": Kernel(
        "positive where brighter below", np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    ),
    "laplacian": Kernel(
        "both signs along every edge", np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    ),
    "prewitt-x": Kernel(
        "as sobel-x, with equal weights for rows", np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    ),
    "prewitt-y": Kernel("as sobel-y, for columns", np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]])),
    "outline": Kernel(
        "edges of every direction", np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
    ),
    "gaussian-dx": Kernel(
        "derivative of a Gaussian along x", np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1])
    ),
    "gabor": Kernel("one orientation and frequency", _GABOR),
}


def kernel_named(name: str) -> Kernel:
    """Return a classical kernel.

    Raises:
        AppError: If the name is unknown.
    """
    if name not in KERNELS:
        raise AppError(
            f"There is no kernel '{name}'.",
            f"Expected one of: {', '.join(KERNELS)}.",
            did_you_mean(name, KERNELS),
        )
    return KERNELS[name]


def response(
    image: np.ndarray, weights: np.ndarray, border: Literal["symmetric", "wrap"] = "symmetric"
) -> np.ndarray:
    """Return the convolution of an image with a kernel, as large as the image.

    Zeros at the border would respond as an edge. Away from the border, the result is
    `convolve(image, weights, "same")`.

    Args:
        image: `(H, W)`, or `(H, W, C)`, of which each channel is convolved.
        weights: `(k, l)`.
        border: `symmetric` mirrors the image at its border; `wrap` continues it periodically.

    Returns:
        float64 array in the shape of the image.
    """
    margins = [(side // 2, (side - 1) // 2) for side in weights.shape]
    if image.ndim == 3:
        channels = np.moveaxis(image, -1, 0)
        return np.stack([response(channel, weights, border) for channel in channels], -1)
    padded = np.pad(image.astype(np.float64), margins, mode=border)
    return convolve(padded, weights, "valid")
