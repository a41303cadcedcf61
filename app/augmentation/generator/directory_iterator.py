"""The former place of `app.keras2.image_data_generator.directory`."""

from importlib import import_module

# By name, as the package is in a higher layer.
DirectoryIterator = import_module("app.keras2.image_data_generator.directory").DirectoryIterator
