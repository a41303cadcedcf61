"""What can be chosen, without NumPy: `--help` lists these at once."""

CONVOLUTION_MODES = ("full", "same", "valid")
SIGNALS = ("box", "exponential")
