"""Check a dataset for unreadable, duplicated and mislabeled files."""
