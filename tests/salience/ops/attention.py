"""What the tests of attention share: examples, views, and the reference by the ops' arguments."""

import numba
import numpy as np
import pytest

from salience.ops.bilinear_attention import reference as judge
from salience.testing import random_floats, random_starts

WINDOWS = (None, 0, 1, 7, 10**12)
TEMPERATURES = (0.3, 1, 2.5)
if numba.config.DISABLE_JIT or numba.config.BOUNDSCHECK:
    WINDOWS, TEMPERATURES = (None, 0, 7), (1, 2.5)
PLAIN = {"window": None, "causal": False, "temperature": 1.0}

views = pytest.mark.parametrize(
    "view", [{"window": window, "causal": causal} for window in WINDOWS for causal in (False, True)]
)
shapes = pytest.mark.parametrize(("heads", "rank"), [(1, 0), (1, 64), (2, 7), (3, 1), (4, 8)])


def step_example(lengths, heads=4, rank=8, states=10):
    return {
        "states": random_floats(sum(lengths), states),
        "starts": random_starts(lengths),
        "query": random_floats(heads, rank, states, seed=2, scale=0.5),
        "key": random_floats(heads, rank, states, seed=3, scale=0.5),
    }


def example(lengths, heads=4, rank=8, states=10, width=12):
    values = random_floats(sum(lengths), width, seed=1)
    return {"values": values, **step_example(lengths, heads, rank, states)}


def backprop_example(lengths, heads=4, rank=8, states=10, width=12):
    return {
        "d_context": random_floats(sum(lengths), width, seed=4),
        "d_received": random_floats(sum(lengths), seed=5),
        **example(lengths, heads, rank, states, width),
    }


def step_backprop_example(lengths, heads=4, rank=8, states=10):
    d_weights = random_floats(sum(lengths), seed=6)
    return {"d_weights": d_weights, **step_example(lengths, heads, rank, states)}


def reference(**arguments):
    return judge.forward(**{**PLAIN, **arguments})[:2]


def step_reference(**arguments):
    return judge.forward(**{**PLAIN, **arguments, "values": nothing(arguments["states"])})[2]


def backprop_reference(d_context, **arguments):
    zeros = np.zeros(len(d_context))
    given = {"d_received": zeros, "d_own": zeros, **PLAIN, **arguments}
    return judge.backprop(d_context=d_context, **given)


def step_backprop_reference(d_weights, **arguments):
    values = nothing(arguments["states"])
    d_states, _, d_query, d_key = judge.backprop(
        d_context=values, d_received=np.zeros(len(values)), d_own=d_weights,
        **{**PLAIN, **arguments, "values": values},
    )  # fmt: skip
    return d_states, d_query, d_key


def nothing(states):
    return np.zeros((len(states), 0), dtype=states.dtype)


def of_document(arguments, first, last):
    """The arguments of one document of a batch."""
    by_token = {"states", "values", "d_context", "d_received", "d_weights"} & set(arguments)
    alone = {name: arguments[name][first:last] for name in by_token}
    return {**arguments, **alone, "starts": [0, last - first]}
