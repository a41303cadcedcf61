"""Choices of options, without NumPy: `--help` lists these at once."""

CONVOLUTION_MODES = ("full", "same", "valid")
SIGNALS = ("box", "exponential")
TRANSFORMATION_NAMES = (
    "horizontal-shift",
    "vertical-shift",
    "rotation",
    "scale",
    "viewpoint",
    "illumination",
)
