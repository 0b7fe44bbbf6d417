"""What works on finished vectors: affine, pooling and cosines."""

from functools import partial

from salience.ops import (
    affine,
    backprop_affine,
    backprop_cosine_matrix,
    backprop_cosine_pairs,
    backprop_pooling,
    cosine_matrix,
    cosine_pairs,
    cosine_top_k,
    pooling,
)
from salience.testing import ragged_lengths, random_starts

from ..bench_cosine import torch_matrix
from ..torch_documents import TorchPooling
from ..torch_peers import torch
from . import peers
from .rows import FLOAT, Row

TOP_K_BLOCK = 4096
"""Queries whose whole rows of cosines PyTorch has at once: 1.6 GB of the largest collection."""


def layer(machine, size, back=False):
    n, d = size.tokens, size.width
    x, weight = machine.floats(n, d), machine.floats(d, d, seed=1, scale=d**-0.5)
    bias = machine.floats(d, seed=2)
    d_y = machine.floats(n, d, seed=3) if back else None

    def ours():
        y = affine(x, weight, bias)
        return (y, *backprop_affine(d_y, x, weight)) if back else y

    products = 3 if back else 1
    return Row(
        f"{n:,} x {d} x {d}", n, ours,
        _beside(machine, "F.linear", torch_linear, (x, weight, bias), d_y),
        flops=2 * products * n * d * d, counts=f"{2 * products} N D D",
    )  # fmt: skip


def pool(machine, size, back=False):
    starts = random_starts(ragged_lengths(size.texts))
    n, b, d = int(starts[-1]), size.texts, size.width
    arrays = machine.floats(n, d), machine.floats(d, seed=1, scale=0.1), machine.floats(n, seed=2)
    d_documents = machine.floats(b, d, seed=3) if back else None

    def ours():
        salience, documents = pooling(*arrays, starts)
        if not back:
            return salience, documents
        grads = backprop_pooling(d_documents, salience, *arrays[:2], starts)
        return salience, documents, *grads

    def theirs(way):
        function = getattr(peers.move(TorchPooling(starts), machine.device), way)
        if not back:
            return peers.forward(function, *arrays)
        return peers.gradients(function, (None, d_documents), *arrays)

    # Vectors; weights and salience; documents. Back also vectors, theirs, and of the rest as many.
    moved = (3 if back else 1) * n * d + (2 if back else 1) * (2 * n + b * d)
    ways = {"padded buckets": "buckets", "scattered sums": "flat"}
    beside = machine.beside({name: partial(theirs, way) for name, way in ways.items()})
    return Row(
        f"{b:,} of 1 to 512 x {d}", n, ours, beside,
        moved=moved * FLOAT,
        counts="(3 N D + 4 N + 2 B D) x 4 bytes" if back else "(N D + 2 N + B D) x 4 bytes",
    )  # fmt: skip


def pairs(machine, size, back=False):
    n, d = size.tokens, size.width
    a, b = (machine.floats(n, d, seed=seed) for seed in range(2))
    d_scores = machine.floats(n, seed=2) if back else None

    def ours():
        scores = cosine_pairs(a, b)
        return (scores, *backprop_cosine_pairs(d_scores, a, b)) if back else scores

    moved = (6 if back else 2) * n * d + (2 if back else 1) * n
    return Row(
        f"{n:,} x {d}", n, ours,
        _beside(machine, "F.cosine_similarity", torch_cosine, (a, b), d_scores),
        moved=moved * FLOAT,
        counts="(6 N D + 2 N) x 4 bytes" if back else "(2 N D + N) x 4 bytes",
    )  # fmt: skip


def matrix(machine, size, back=False):
    a, b = (machine.floats(size.side, size.width, seed=seed) for seed in range(2))
    d_scores = machine.floats(size.side, size.side, seed=2) if back else None

    def ours():
        scores = cosine_matrix(a, b)
        return (scores, *backprop_cosine_matrix(d_scores, a, b)) if back else scores

    products = 3 if back else 1
    return Row(
        f"{size.side:,} x {size.side:,} x {size.width}", size.side**2, ours,
        _beside(machine, "normalize, matmul", torch_matrix, (a, b), d_scores),
        flops=2 * products * size.side**2 * size.width, counts=f"{2 * products} A B D",
    )  # fmt: skip


def top_k(machine, size):
    a = machine.floats(size.side, size.width)
    b = machine.floats(size.collection, size.width, seed=1)

    def nearest(queries, collection):
        found = torch_matrix(queries, collection).topk(size.nearest)
        return found.indices, found.values

    def theirs():
        function = partial(peers.in_blocks, nearest, rows=TOP_K_BLOCK)
        return peers.forward(function, a, b)

    return Row(
        f"{size.side:,} x {size.collection:,} x {size.width}, k = {size.nearest}",
        size.side * size.collection, lambda: cosine_top_k(a, b, size.nearest),
        machine.beside({"normalize, matmul, topk": theirs}),
        flops=2 * size.side * size.collection * size.width, counts="2 A B D",
    )  # fmt: skip


def torch_linear(*tensors):
    return torch.nn.functional.linear(*tensors)


def torch_cosine(a, b):
    return torch.nn.functional.cosine_similarity(a, b)


def _beside(machine, name, function, tensors, d_output):
    """A function of the very tensors, forward or with gradients."""

    def theirs():
        if d_output is None:
            return peers.forward(function, *tensors)
        return peers.gradients(function, (d_output,), *tensors)

    return machine.beside({name: theirs})


ROWS = {
    "affine": layer,
    "affine + backprop": partial(layer, back=True),
    "pooling": pool,
    "pooling + backprop": partial(pool, back=True),
    "cosine_pairs": pairs,
    "cosine_pairs + backprop": partial(pairs, back=True),
    "cosine_matrix": matrix,
    "cosine_matrix + backprop": partial(matrix, back=True),
    "cosine_top_k": top_k,
}
