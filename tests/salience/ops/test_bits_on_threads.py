"""The number of threads changes no bit, of parameters' gradients neither."""

import numpy as np
import pytest

import salience
from salience import ops, threads
from salience.testing import random_floats, random_starts

from .. import helpers
from . import attention

pytestmark = [pytest.mark.usefixtures("fresh_threads"), helpers.needs_speed]

LENGTHS = [9, 0, 2100, 1, *[13] * 340, 0, *[1] * 200, 33]
TOKENS = sum(LENGTHS)
STARTS = random_starts(LENGTHS)
IDS = np.random.default_rng(0).integers(0, 50, TOKENS)


def floats(*shape, seed=0):
    return random_floats(*shape, seed=seed)


def attended(example):
    return example(LENGTHS, heads=2, rank=3, states=5, **WIDTH.get(example, {}))


WIDTH = {attention.example: {"width": 6}, attention.backprop_example: {"width": 6}}
VIEW = {"window": 40, "causal": True, "temperature": 2.5}
SALIENCE = np.full(TOKENS, 0.1, np.float32)

CASES = {
    "affine": lambda: ops.affine(floats(TOKENS, 7), floats(5, 7, seed=1), floats(5, seed=2)),
    "backprop_affine": lambda: ops.backprop_affine(
        floats(TOKENS, 5), floats(TOKENS, 7, seed=1), floats(5, 7, seed=2)
    ),
    "output_gate": lambda: ops.output_gate(floats(TOKENS, 7), floats(TOKENS, 7, seed=1)),
    "backprop_output_gate": lambda: ops.backprop_output_gate(
        floats(TOKENS, 7), floats(TOKENS, 7, seed=1), floats(TOKENS, 7, seed=2)
    ),
    "layer_norm": lambda: ops.layer_norm(floats(TOKENS, 7), floats(7, seed=1), floats(7, seed=2)),
    "backprop_layer_norm": lambda: ops.backprop_layer_norm(
        floats(TOKENS, 7), floats(TOKENS, 7, seed=1), floats(7, seed=2)
    ),
    "fusion": lambda: ops.fusion(
        floats(TOKENS, 7), floats(TOKENS, 5, seed=1), floats(TOKENS, 7, seed=2),
        floats(7, 5, seed=3), floats(7, seed=4),
    ),
    "backprop_fusion": lambda: ops.backprop_fusion(
        floats(TOKENS, 7), floats(TOKENS, 5, seed=1), floats(TOKENS, 7, seed=2),
        floats(7, 5, seed=3), floats(7, seed=4),
    ),
    "pooling": lambda: ops.pooling(
        floats(TOKENS, 7), floats(7, seed=1), floats(TOKENS, seed=2), STARTS
    ),
    "backprop_pooling": lambda: ops.backprop_pooling(
        floats(len(LENGTHS), 7), SALIENCE, floats(TOKENS, 7, seed=2), floats(7, seed=3), STARTS,
        d_salience=floats(TOKENS, seed=4),
    ),
    "embedding": lambda: ops.embedding(floats(50, 7), IDS),
    "embedding_bags": lambda: ops.embedding_bags(floats(50, 7), IDS, STARTS),
    "backprop_embedding": lambda: ops.backprop_embedding(floats(TOKENS, 7), IDS, 50),
    "sparse_backprop_embedding": lambda: ops.sparse_backprop_embedding(floats(TOKENS, 7), IDS, 50),
    "backprop_embedding_bags": lambda: ops.backprop_embedding_bags(
        floats(len(LENGTHS), 7), IDS, STARTS, 50
    ),
    "cosine_pairs": lambda: ops.cosine_pairs(floats(TOKENS, 7), floats(TOKENS, 7, seed=1)),
    "backprop_cosine_pairs": lambda: ops.backprop_cosine_pairs(
        floats(TOKENS), floats(TOKENS, 7, seed=1), floats(TOKENS, 7, seed=2)
    ),
    "backprop_cosine_matrix": lambda: ops.backprop_cosine_matrix(
        floats(TOKENS, 3), floats(TOKENS, 7, seed=1), floats(3, 7, seed=2)
    ),
    "cosine_matrix": lambda: ops.cosine_matrix(floats(1000, 7), floats(700, 7, seed=1)),
    "cosine_matrix_of_itself": lambda: ops.cosine_matrix(*[floats(1000, 7)] * 2),
    "euclidean_matrix": lambda: ops.euclidean_matrix(floats(700, 7), floats(1000, 7, seed=1)),
    "cosine_top_k": lambda: ops.cosine_top_k(floats(1000, 7), floats(1100, 7, seed=1), 12),
    "euclidean_top_k": lambda: ops.euclidean_top_k(floats(1000, 7), floats(1100, 7, seed=1), 12),
    "bilinear_attention": lambda: ops.bilinear_attention(**attended(attention.example)),
    "bilinear_attention_in_view": lambda: ops.bilinear_attention(
        **attended(attention.example), **VIEW
    ),
    "backprop_bilinear_attention": lambda: ops.backprop_bilinear_attention(
        **attended(attention.backprop_example)
    ),
    "backprop_bilinear_attention_in_view": lambda: ops.backprop_bilinear_attention(
        **attended(attention.backprop_example), **VIEW
    ),
    "step_attention": lambda: ops.step_attention(**attended(attention.step_example), **VIEW),
    "backprop_step_attention": lambda: ops.backprop_step_attention(
        **attended(attention.step_backprop_example), **VIEW
    ),
    "attention_weights": lambda: ops.attention_weights(
        floats(7000, 5), floats(2, 3, 5, seed=1), floats(2, 3, 5, seed=2), rows=(6000, 6010)
    ),
}  # fmt: skip


def test_the_batch_is_divided_in_several_runs():
    assert len(threads.runs(STARTS)) > 2
    assert len(threads.slices(TOKENS)) > 2


@pytest.mark.parametrize("case", CASES)
def test_has_the_same_bits_on_any_number_of_threads(case):
    results = []
    for count in (1, 2, 5):
        salience.set_num_threads(count)
        results.append(CASES[case]())
    assert all(np.isfinite(part).all() for part in helpers.parts(results[0]))
    assert helpers.same_bits(results[1], results[0])
    assert helpers.same_bits(results[2], results[0])
