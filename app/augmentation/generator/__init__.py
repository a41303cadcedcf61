"""`ImageDataGenerator` with every argument that it had, on the engine of `app.augmentation`."""
