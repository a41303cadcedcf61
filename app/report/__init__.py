"""A saved model's report: one HTML file with everything there is to see and to know of it."""
