"""Estimates with their uncertainty: intervals, paired tests, bootstraps."""
