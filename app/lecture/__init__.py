"""The lecture's arithmetic, in plain Python and NumPy."""
