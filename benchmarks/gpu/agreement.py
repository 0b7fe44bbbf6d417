"""What the GPU computes beside what the CPU computes, and a second time."""

from functools import partial

import numpy as np

from salience import ops
from salience.encoder.encoder import Encoder
from salience.testing import ragged_lengths, random_floats, random_starts

from . import encoder

DOCUMENTS, LONGEST = 64, 512
TINY = np.finfo(np.float32).tiny


def compare(machine, function, arrays):
    """Return the greatest difference from the CPU's result, and if a second run has the same bits.

    A difference is over the largest number of its array.
    """
    there = [machine.put(array) for array in arrays]
    want, *twice = (flat(function(*given)) for given in (arrays, there, there))
    return _compared(want, *([machine.host(part) for part in parts] for parts in twice))


def compare_encoder(machine, size):
    """The same of the encoder, whose arrays come from the host and go back there."""
    weights, bags, starts = encoder.inputs(size)
    made, where = Encoder(weights), encoder.where(machine)
    results = (made.encode_chunks(bags, starts, **on) for on in ({}, where, where))
    return _compared(*([np.concatenate(p) for p in zip(*r, strict=True)] for r in results))


def _compared(want, got, again):
    same = all(a.tobytes() == b.tobytes() for a, b in zip(got, again, strict=True))
    return max(apart(a, b) for a, b in zip(got, want, strict=True)), same


def apart(one, other):
    """The greatest difference of two arrays of numbers, over the other's greatest number."""
    if not other.size:
        return 0.0
    difference = np.abs(np.subtract(one, other, dtype=np.float64)).max()
    return float(difference / max(np.abs(other).max(), TINY))


def flat(result):
    """The arrays of a result, without what is None."""
    parts = result if isinstance(result, tuple) else (result,)
    return [part for part in parts if part is not None]


def cases(documents=DOCUMENTS, longest=LONGEST, width=256, heads=4, rank=64, rows=1000):
    """Of every op a function, forward and gradients, and its arrays; starts stay on the host.

    H is half of D, and T as text has it, of one document the longest.
    """
    starts = random_starts([*ragged_lengths(documents - 1, longest=longest), longest])
    n, half, rng = int(starts[-1]), width // 2, np.random.default_rng(0)
    x, d, z = (random_floats(n, width, seed=seed) for seed in range(3))
    h, d_h, o = (random_floats(n, half, seed=seed) for seed in range(3, 6))
    of_words, of_columns = random_floats(n, seed=6), random_floats(width, seed=7)
    some, table = random_floats(documents, width, seed=8), random_floats(rows, width, seed=9)
    decay = rng.uniform(0.1, 0.9, width).astype(np.float32)
    tall = random_floats(width, half, seed=10, scale=half**-0.5)
    square = random_floats(half, half, seed=11, scale=0.5 * half**-0.5)
    scale = (half**2 * rank) ** -0.25
    query, key = (random_floats(heads, rank, half, seed=seed, scale=scale) for seed in (12, 13))
    ids, bag_starts = (
        rng.integers(0, rows, n),
        random_starts(rng.multinomial(n, [1 / documents] * documents)),
    )
    attention = partial(_both, "bilinear_attention", between=(2, starts))
    scan = partial(_both, starts=starts, direction="both")
    return {
        "affine": (_both("affine", lambda _, given: given[:2]), (d, h, tall, of_columns)),
        "embedding": (partial(_look_up, rows), (d, table, ids)),
        "embedding_bags": (partial(_bags, rows), (some, table, ids, bag_starts)),
        "linear_recurrence": (scan("linear_recurrence", _of_states), (d, x, decay)),
        "gated_recurrence": (
            scan("gated_recurrence", lambda y, given: (y[0], *given)), (d, x, z)
        ),
        "tanh_recurrence": (
            _both("tanh_recurrence", _of_states, starts=starts), (d_h, h, square)
        ),
        "bilinear_attention": (attention(), (d, h, x, query, key)),
        "bilinear_attention, window": (attention(window=32), (d, h, x, query, key)),
        "step_attention": (_both("step_attention", between=(1, starts)), (of_words, h, query, key)),
        "output_gate": (_both("output_gate"), (d_h, h, o)),
        "layer_norm": (
            _both("layer_norm", lambda _, given: given[:2]), (d, x, of_columns, table[0])
        ),
        "fusion": (
            _both("fusion", lambda _, given: given[1:]), (d, x, h, z, tall, of_columns)
        ),
        "pooling": (
            _both("pooling", lambda y, given: (y[0], *given[:2]), starts=starts),
            (some, x, of_columns / np.float32(10), of_words),
        ),
        "cosine_pairs": (_both("cosine_pairs"), (of_words, x, d)),
        "cosine_matrix": (_both("cosine_matrix"), (random_floats(documents, n), some, x)),
        "cosine_top_k": (lambda a, b: ops.cosine_top_k(a, b, 10)[1], (some, x)),
        **{name: (_both(name, lambda y, _: y), (d, x)) for name in ("exp", "tanh", "sigmoid")},
    }  # fmt: skip


def _of_states(y, given):
    """A recurrence's gradients are of its states, not of its inputs."""
    return y[0], *given[1:]


def _both(name, back=lambda _, given: given, between=None, **named):
    """Results and gradients of an op: back says of which arrays, given what forward returned.

    between: a place among the arrays, and what comes there.
    """
    forward, backprop = getattr(ops, name), getattr(ops, f"backprop_{name}")

    def all_of(arrays):
        if between is None:
            return arrays
        place, value = between
        return *arrays[:place], value, *arrays[place:]

    def run(d_y, *given):
        y = forward(*all_of(given), **named)
        y = y if isinstance(y, tuple) else (y,)
        d = backprop(d_y, *all_of(back(y, given)), **named)
        return *y, *(d if isinstance(d, tuple) else (d,))

    return run


def _look_up(rows, d_x, table, ids):
    dense = ops.backprop_embedding(d_x, ids, rows)
    return ops.embedding(table, ids), dense, *ops.sparse_backprop_embedding(d_x, ids, rows)


def _bags(rows, d_x, table, *bags):
    dense = ops.backprop_embedding_bags(d_x, *bags, rows)
    sparse = ops.sparse_backprop_embedding_bags(d_x, *bags, rows)
    return ops.embedding_bags(table, *bags), dense, *sparse
