"""The runs of a sweep on a Dask cluster.

A worker that sees the folder of the sweep at the same path writes its runs there. Any other one
trains in a temporary folder, and what it has saved travels back as an archive.
"""
