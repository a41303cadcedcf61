"""The lecture: its slides as data, and its arithmetic in plain Python and NumPy."""
