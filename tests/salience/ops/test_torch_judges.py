"""An independent judge: where PyTorch is installed, its functions and gradients are the ops'."""

from itertools import pairwise

import numpy as np
import pytest

from salience import ops
from salience.testing import random_floats, random_starts

from ..helpers import parts

torch = pytest.importorskip("torch", reason="PyTorch is the judge, and is never required")
functional = torch.nn.functional


def leaf(array):
    """In float64 and to be differentiated, where the array holds floats."""
    tensor = torch.from_numpy(np.array(array))
    return tensor.double().requires_grad_() if tensor.is_floating_point() else tensor


def leaves(*arrays):
    return [leaf(array) for array in arrays]


def agree(got, want, tolerance=1e-5):
    for a, b in zip(parts(got), parts(want), strict=True):
        np.testing.assert_allclose(a, b.detach().numpy(), rtol=tolerance, atol=tolerance)


def gradients(outputs, d_outputs, inputs):
    return torch.autograd.grad(outputs, inputs, [torch.from_numpy(d).double() for d in d_outputs])


@pytest.mark.parametrize("rows", [0, 1, 300])
def test_affine_is_linear(rows):
    x, weight, bias = random_floats(rows, 13), random_floats(7, 13, seed=1), random_floats(7)
    d_y, inputs = random_floats(rows, 7, seed=3), leaves(x, weight, bias)
    want = functional.linear(*inputs)
    agree(ops.affine(x, weight, bias), want)
    agree(ops.backprop_affine(d_y, x, weight), gradients(want, [d_y], inputs), 3e-5)


def test_fusion_is_a_residual_sum():
    x, states, context = (random_floats(300, width, seed=width) for width in (7, 5, 8))
    context, weight, gate = context[:, :7], random_floats(7, 5), random_floats(7, seed=1)
    d_vectors = random_floats(300, 7, seed=9)
    inputs = leaves(x, states, context, weight, gate)
    want = inputs[0] + functional.linear(inputs[1], inputs[3]) + inputs[4] * inputs[2]
    agree(ops.fusion(x, states, context, weight, gate), want)
    d_x, *others = gradients(want, [d_vectors], inputs)
    agree(d_vectors, d_x)
    agree(ops.backprop_fusion(d_vectors, states, context, weight, gate), tuple(others), 3e-5)


def test_output_gate_is_a_sigmoid_times_the_states():
    states, logits = random_floats(300, 7), random_floats(300, 7, seed=1, scale=3)
    d_y, inputs = random_floats(300, 7, seed=2), leaves(states, logits)
    want = inputs[0] * torch.sigmoid(inputs[1])
    agree(ops.output_gate(states, logits), want)
    agree(ops.backprop_output_gate(d_y, states, logits), gradients(want, [d_y], inputs))


def test_layer_norm_is_layer_norm():
    x, gain, bias = random_floats(300, 13), random_floats(13, seed=1), random_floats(13, seed=2)
    d_y, inputs = random_floats(300, 13, seed=3), leaves(x, gain, bias)
    want = functional.layer_norm(inputs[0], (13,), inputs[1], inputs[2], 1e-8)
    agree(ops.layer_norm(x, gain, bias), want)
    agree(ops.backprop_layer_norm(d_y, x, gain), gradients(want, [d_y], inputs), 3e-5)


IDS = np.array([3, 3, 0, 49, 3])


@pytest.mark.parametrize("sparse", [False, True])
def test_embedding_is_embedding(sparse):
    table, d_x = random_floats(50, 16), random_floats(5, 16, seed=1)
    ids, weight = leaves(IDS, table)
    want = functional.embedding(ids, weight, sparse=sparse)
    agree(ops.embedding(table, IDS), want)
    (d_table,) = gradients(want, [d_x], [weight])
    if sparse:
        d_table = d_table.coalesce()
        named, d_rows = ops.sparse_backprop_embedding(d_x, IDS, 50)
        agree((named, d_rows), (d_table.indices()[0], d_table.values()))
    else:
        agree(ops.backprop_embedding(d_x, IDS, 50), d_table)


@pytest.mark.parametrize("sparse", [False, True])
def test_embedding_bags_is_embedding_bag_s_mean(sparse):
    table, starts = random_floats(50, 16), random_starts([2, 0, 5, 1, 0, 40])
    bags, d_x = np.random.default_rng(0).integers(0, 50, starts[-1]), random_floats(6, 16, seed=1)
    ids, weight, offsets = leaves(bags, table, starts[:-1])
    want = functional.embedding_bag(ids, weight, offsets, mode="mean", sparse=sparse)
    agree(ops.embedding_bags(table, bags, starts), want)
    (d_table,) = gradients(want, [d_x], [weight])
    if sparse:
        d_table = d_table.coalesce()
        named, d_rows = ops.sparse_backprop_embedding_bags(d_x, bags, starts, 50)
        agree((named, d_rows), (d_table.indices()[0], d_table.values()))
    else:
        agree(ops.backprop_embedding_bags(d_x, bags, starts, 50), d_table)


def test_cosine_pairs_is_cosine_similarity():
    a, b = random_floats(20, 16), random_floats(20, 16, seed=1)
    d_scores, inputs = random_floats(20, seed=2), leaves(a, b)
    want = functional.cosine_similarity(*inputs)
    agree(ops.cosine_pairs(a, b), want)
    agree(ops.backprop_cosine_pairs(d_scores, a, b), gradients(want, [d_scores], inputs))


@pytest.mark.parametrize(("first", "second"), [(20, 9), (1, 300)])
def test_cosine_matrix_is_cosine_similarity_of_all_with_all(first, second):
    a, b = random_floats(first, 16), random_floats(second, 16, seed=1)
    d_scores, inputs = random_floats(first, second, seed=2), leaves(a, b)
    want = functional.cosine_similarity(inputs[0][:, None], inputs[1][None], dim=2)
    agree(ops.cosine_matrix(a, b), want)
    agree(ops.backprop_cosine_matrix(d_scores, a, b), gradients(want, [d_scores], inputs))


@pytest.mark.parametrize("with_salience", [False, True])
def test_pooling_is_a_softmax_and_a_sum(with_salience):
    starts = random_starts([9, 0, 1, 70])
    v, query, weights = random_floats(80, 6), random_floats(6, seed=1), random_floats(80, seed=2)
    inputs = leaves(v, query, weights)
    shares, sums = [], []
    for first, last in pairwise(starts):
        rows = inputs[0][first:last]
        shares.append(torch.softmax(rows @ inputs[1] + inputs[2][first:last], dim=0))
        sums.append(shares[-1] @ rows)
    want = torch.cat(shares), torch.stack(sums)
    salience, documents = ops.pooling(v, query, weights, starts)
    agree((salience, documents), want)
    d_documents, d_salience = random_floats(4, 6, seed=3), None
    if with_salience:
        d_salience = random_floats(80, seed=4)
    got = ops.backprop_pooling(d_documents, salience, v, query, starts, d_salience=d_salience)
    zeros = np.zeros(80, np.float32)
    agree(got, gradients(want, [d_salience if with_salience else zeros, d_documents], inputs))
