"""The building blocks: arrays in, arrays out.

Every function takes its documents end to end with their `starts` (see
salience.types.Ragged), checks what it is given, and computes one equation;
backprop_<function> computes its gradients.
"""

from .affine import affine, backprop_affine
from .bilinear_attention import (
    attention_weights,
    backprop_bilinear_attention,
    backprop_step_attention,
    bilinear_attention,
    step_attention,
)
from .cosine import (
    backprop_cosine_matrix,
    backprop_cosine_pairs,
    cosine_matrix,
    cosine_pairs,
    cosine_top_k,
    dot_matrix,
    dot_top_k,
    euclidean_matrix,
    euclidean_top_k,
)
from .elementwise import backprop_exp, backprop_sigmoid, backprop_tanh, exp, sigmoid, tanh
from .embedding import (
    backprop_embedding,
    backprop_embedding_bags,
    embedding,
    embedding_bags,
    sparse_backprop_embedding,
    sparse_backprop_embedding_bags,
)
from .fusion import backprop_fusion, fusion
from .gated_recurrence import backprop_gated_recurrence, gated_recurrence
from .layer_norm import backprop_layer_norm, layer_norm
from .linear_recurrence import backprop_linear_recurrence, linear_recurrence
from .output_gate import backprop_output_gate, output_gate
from .pooling import backprop_pooling, pooling
from .tanh_recurrence import backprop_tanh_recurrence, tanh_recurrence

__all__ = [
    "affine",
    "attention_weights",
    "backprop_affine",
    "backprop_bilinear_attention",
    "backprop_cosine_matrix",
    "backprop_cosine_pairs",
    "backprop_embedding",
    "backprop_embedding_bags",
    "backprop_exp",
    "backprop_fusion",
    "backprop_gated_recurrence",
    "backprop_layer_norm",
    "backprop_linear_recurrence",
    "backprop_output_gate",
    "backprop_pooling",
    "backprop_sigmoid",
    "backprop_step_attention",
    "backprop_tanh",
    "backprop_tanh_recurrence",
    "bilinear_attention",
    "cosine_matrix",
    "cosine_pairs",
    "cosine_top_k",
    "dot_matrix",
    "dot_top_k",
    "embedding",
    "embedding_bags",
    "euclidean_matrix",
    "euclidean_top_k",
    "exp",
    "fusion",
    "gated_recurrence",
    "layer_norm",
    "linear_recurrence",
    "output_gate",
    "pooling",
    "sigmoid",
    "sparse_backprop_embedding",
    "sparse_backprop_embedding_bags",
    "step_attention",
    "tanh",
    "tanh_recurrence",
]
