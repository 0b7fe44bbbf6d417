"""Attention over documents of all lengths, beside scaled_dot_product_attention."""

from functools import partial

import numpy as np

from salience.ops import backprop_bilinear_attention, bilinear_attention
from salience.testing import random_starts

from ..chain import seen
from . import peers
from .rows import Row

HALF = 2
"""The states are half as wide as the values, as the encoder has them."""


def attention(machine, size, window=None, back=False):
    starts = starts_of(size)
    n, states = int(starts[-1]), size.width // HALF
    scale = (states**2 * size.rank) ** -0.25
    query, key = (
        machine.floats(size.heads, size.rank, states, seed=seed, scale=scale) for seed in range(2)
    )
    given = machine.floats(n, states, seed=2), machine.floats(n, size.width, seed=3)
    d_context = machine.floats(n, size.width, seed=4) if back else None

    def ours():
        arrays = *given, starts, query, key
        result = bilinear_attention(*arrays, window=window)
        if not back:
            return result
        return *result, *backprop_bilinear_attention(d_context, *arrays, window=window)

    def theirs(way, kind="float32"):
        function = getattr(peers.Attention(starts, size.heads, machine.device, window), way)
        tensors = peers.as_kind(kind, *given, query, key)
        if not back:
            return peers.forward(function, *tensors)
        return peers.gradients(function, (*peers.as_kind(kind, d_context), None), *tensors)

    return Row(
        f"{len(starts) - 1:,} of {size.shortest} to {size.longest}, {size.heads} x {size.rank}",
        n, ours, machine.beside(_ways(theirs, window)),
        flops=(3 if back else 1) * flops(starts, size, window),
        counts="3 x forward, what is computed again left out" if back else
        "2 (2 N h R H + pairs (h R + D))",
    )  # fmt: skip


def _ways(theirs, window):
    """Of nested tensors there is no window."""
    if window is not None:
        return {"SDPA, padded buckets, banded": partial(theirs, "buckets")}
    return {
        "SDPA, padded buckets": partial(theirs, "buckets"),
        "SDPA, nested tensors": partial(theirs, "nested"),
        "~SDPA, nested tensors, bfloat16": partial(theirs, "nested", "bfloat16"),
    }


def starts_of(size):
    """Documents of lengths from the shortest to the longest, in random order."""
    lengths = np.linspace(size.shortest, size.longest, size.attended).round().astype(int)
    return random_starts(np.random.default_rng(0).permutation(lengths))


def flops(starts, size, window):
    """Of the products Q h and K h, and of q'k and a x of the pairs that see each other."""
    pairs = seen(starts, size.longest if window is None else window)
    projected = int(starts[-1]) * 2 * size.heads * size.rank * (size.width // HALF)
    return 2 * (projected + pairs * (size.heads * size.rank + size.width))


def windowed(machine, size, back=False):
    return attention(machine, size, size.window, back)


ROWS = {
    "bilinear_attention": attention,
    "bilinear_attention + backprop": partial(attention, back=True),
    "bilinear_attention, window": windowed,
    "bilinear_attention, window + backprop": partial(windowed, back=True),
}
