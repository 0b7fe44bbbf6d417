"""An independent judge: where PyTorch is installed, its functions agree with the ops."""

import numpy as np
import pytest

from salience import ops
from salience.testing import random_floats, random_starts

torch = pytest.importorskip("torch", reason="PyTorch is the judge, and is never required")
functional = torch.nn.functional


def as_torch(*arrays):
    return [torch.from_numpy(np.array(array)) for array in arrays]


def agree(got, want):
    np.testing.assert_allclose(got, want.numpy(), rtol=1e-5, atol=1e-5)


def test_affine_is_linear():
    x, weight, bias = random_floats(9, 13), random_floats(7, 13, seed=1), random_floats(7, seed=2)
    agree(ops.affine(x, weight, bias), functional.linear(*as_torch(x, weight, bias)))


def test_embedding_is_embedding():
    table, ids = random_floats(50, 16), np.array([3, 3, 0, 49])
    agree(ops.embedding(table, ids), functional.embedding(*as_torch(ids, table)))


def test_embedding_bags_is_embedding_bag_s_mean():
    table, starts = random_floats(50, 16), random_starts([2, 0, 5, 1, 0])
    ids = np.random.default_rng(0).integers(0, 50, starts[-1])
    want = functional.embedding_bag(*as_torch(ids, table, starts[:-1]), mode="mean")
    agree(ops.embedding_bags(table, ids, starts), want)


def test_cosine_pairs_is_cosine_similarity():
    a, b = random_floats(20, 16), random_floats(20, 16, seed=1)
    agree(ops.cosine_pairs(a, b), functional.cosine_similarity(*as_torch(a, b)))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("window", [None, 3])
def test_bilinear_attention_is_attention_with_its_form_in_the_query(causal, window):
    heads, rank, tokens = 2, 5, 33
    h, x = random_floats(tokens, 8), random_floats(tokens, 12, seed=1)
    query, key = random_floats(heads, rank, 8, seed=2), random_floats(heads, rank, 8, seed=3)
    folded = h @ np.swapaxes(query, 1, 2) @ key  # h'Q'K of each head, against h itself
    values = np.stack(np.split(x, heads, axis=1))
    seen = np.ones((tokens, tokens), dtype=bool)
    if window is not None:
        seen = np.triu(np.tril(seen, window), -window)
    if causal:
        seen = np.tril(seen)
    want = functional.scaled_dot_product_attention(
        *as_torch(folded, np.stack([h] * heads), values), *as_torch(seen), scale=1.0
    )
    context, _ = ops.bilinear_attention(
        h, x, [0, tokens], query, key, window=window, causal=causal
    )  # fmt: skip
    np.testing.assert_allclose(
        context, np.concatenate(list(want.numpy()), axis=1), rtol=1e-4, atol=1e-5
    )


def test_pooling_is_a_softmax_and_a_sum():
    v, query, weights = random_floats(9, 6), random_floats(6, seed=1), random_floats(9, seed=2)
    salience, documents = ops.pooling(v, query, weights, [0, 9])
    want = torch.softmax(torch.from_numpy(v @ query + weights), dim=0)
    agree(salience, want)
    agree(documents[0], want @ torch.from_numpy(v))
