"""thinc layers over the ops: a factory, a forward with its backprop closure, an init.

They pass on a Batch (data [N, D] and starts [B + 1]), without padding. The op of the
same name says more about each.
"""

from .affine import Affine
from .bilinear_attention import BilinearAttention
from .block import Block
from .embedding import EmbeddingBags
from .fusion import ConcatFusion, GateFusion
from .gated_recurrence import GatedRecurrence
from .layer_norm import LayerNorm
from .linear_recurrence import LinearRecurrence
from .pooling import Pooling
from .tanh_recurrence import TanhRecurrence

__all__ = [
    "Affine",
    "BilinearAttention",
    "Block",
    "ConcatFusion",
    "EmbeddingBags",
    "GateFusion",
    "GatedRecurrence",
    "LayerNorm",
    "LinearRecurrence",
    "Pooling",
    "TanhRecurrence",
]
