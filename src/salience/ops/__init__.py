"""The building blocks: arrays in, arrays out.

Every function takes its documents end to end with their `starts` (see
salience.types.Ragged), checks what it is given, and computes one equation.
"""

from .affine import affine
from .bilinear_attention import attention_weights, bilinear_attention
from .cosine import cosine_matrix, cosine_pairs, cosine_top_k
from .embedding import embedding, embedding_bags
from .fusion import fusion
from .linear_recurrence import linear_recurrence
from .pooling import pooling

__all__ = [
    "affine",
    "attention_weights",
    "bilinear_attention",
    "cosine_matrix",
    "cosine_pairs",
    "cosine_top_k",
    "embedding",
    "embedding_bags",
    "fusion",
    "linear_recurrence",
    "pooling",
]
