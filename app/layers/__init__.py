"""Layers that Keras lacks, written with `keras.ops` only, one per file.

Importing this package registers all of them, so that `keras.models.load_model` opens models that
hold them.
"""

from app.layers.blur_pooling_2d import BlurPooling2D as BlurPooling2D
from app.layers.cosine_filters import CosineFilters as CosineFilters
from app.layers.fused_batch_normalization import FusedBatchNormalization as FusedBatchNormalization
from app.layers.l2_norm_pooling_2d import L2NormPooling2D as L2NormPooling2D
from app.layers.locally_connected_1d import LocallyConnected1D as LocallyConnected1D
from app.layers.locally_connected_2d import LocallyConnected2D as LocallyConnected2D
from app.layers.residual_block import ResidualBlock as ResidualBlock
from app.layers.sharing import share as share
from app.layers.sharing import unshare as unshare
