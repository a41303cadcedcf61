"""Layers that Keras lacks, written with `keras.ops` only, one per file.

`from app.layers import LocallyConnected2D` imports Keras; `import app.layers` alone does not.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.layers.fused_batch_normalization import FusedBatchNormalization
    from app.layers.l2_norm_pooling_2d import L2NormPooling2D
    from app.layers.locally_connected_1d import LocallyConnected1D
    from app.layers.locally_connected_2d import LocallyConnected2D
    from app.layers.residual_block import ResidualBlock
    from app.layers.sharing import share, unshare

__all__ = [
    "FusedBatchNormalization",
    "L2NormPooling2D",
    "LocallyConnected1D",
    "LocallyConnected2D",
    "ResidualBlock",
    "share",
    "unshare",
]

_MODULES = {
    "FusedBatchNormalization": "fused_batch_normalization",
    "L2NormPooling2D": "l2_norm_pooling_2d",
    "LocallyConnected1D": "locally_connected_1d",
    "LocallyConnected2D": "locally_connected_2d",
    "ResidualBlock": "residual_block",
    "share": "sharing",
    "unshare": "sharing",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'app.layers' has no attribute '{name}'")
    return getattr(import_module(f"app.layers.{_MODULES[name]}"), name)


def register(_keras: ModuleType) -> None:
    """Make Keras know the layers of this package; called once Keras has been imported.

    One of their modules may be the one that is importing it, so none imports another's layer.
    """
    for module in set(_MODULES.values()) - {"sharing"}:
        import_module(f"app.layers.{module}")
