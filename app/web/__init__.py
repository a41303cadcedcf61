"""The page: draw a digit or drop a photograph, and see what a network computes."""
