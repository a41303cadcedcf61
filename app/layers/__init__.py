"""Layers that Keras lacks, written with `keras.ops` only, one per file."""


def register(_keras: object) -> None:
    """Make Keras know the layers of this package; called once Keras has been imported."""
    import app.layers.residual_block  # noqa: F401
