"""Datasets in tar files with an index, for more images than a folder holds well."""
