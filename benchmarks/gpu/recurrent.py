"""Recurrences beside cuDNN's: documents of equal lengths, in which cuDNN needs no packing."""

from functools import partial

import numpy as np

from salience.ops import (
    affine,
    backprop_affine,
    backprop_gated_recurrence,
    backprop_linear_recurrence,
    backprop_tanh_recurrence,
    gated_recurrence,
    linear_recurrence,
    tanh_recurrence,
)
from salience.testing import random_starts

from . import peers
from .rows import FLOAT, Row

PARTS = {"RNN": 1, "GRU": 2, "LSTM": 2}
"""Calls in which a module takes the documents: the gates of all would be about 2^31 numbers."""


def linear(machine, size, back=False):
    u, starts = _inputs(machine, size), _starts(size)
    decay = machine.put(np.linspace(0.1, 0.9, size.states, dtype=np.float32))
    d = _inputs(machine, size, seed=1) if back else None

    def ours():
        states = linear_recurrence(u, decay, starts)[0]
        return (states, *backprop_linear_recurrence(d, states, decay, starts)) if back else states

    return _bound_by_memory(machine, size, ours, ("RNN",), u, d, arrays=5 if back else 2)


def gated(machine, size, back=False):
    u, z, starts = _inputs(machine, size), _inputs(machine, size, seed=2), _starts(size)
    d = _inputs(machine, size, seed=1) if back else None

    def ours():
        states = gated_recurrence(u, z, starts)[0]
        return (states, *backprop_gated_recurrence(d, states, u, z, starts)) if back else states

    return _bound_by_memory(machine, size, ours, ("GRU", "LSTM"), u, d, arrays=9 if back else 3)


def long_linear(machine, size):
    u, starts = machine.floats(size.long, size.states), random_starts([size.long])
    decay = machine.put(np.linspace(0.1, 0.9, size.states, dtype=np.float32))
    return _long(size, 2, lambda: linear_recurrence(u, decay, starts))


def long_gated(machine, size):
    u, z = (machine.floats(size.long, size.states, seed=seed) for seed in range(2))
    starts = random_starts([size.long])
    return _long(size, 3, lambda: gated_recurrence(u, z, starts))


def dense(machine, size, layer=False, back=False):
    """tanh_recurrence alone, or the layer with u = W_x x + b, which is what nn.RNN computes."""
    n, h = size.documents * size.steps, size.dense_states
    x, starts = machine.floats(n, h), _starts(size)
    d = machine.floats(n, h, seed=1) if back else None
    weight, recurrent = (machine.floats(h, h, seed=s, scale=0.5 * h**-0.5) for s in (2, 3))
    bias = machine.floats(h, seed=4, scale=0.1)

    def ours():
        inputs = affine(x, weight, bias) if layer else x
        states = tanh_recurrence(inputs, recurrent, starts)[0]
        if not back:
            return states
        d_u, d_recurrent, _ = backprop_tanh_recurrence(d, states, recurrent, starts)
        d_layer = backprop_affine(d_u, x, weight) if layer else (d_u,)
        return states, *d_layer, d_recurrent

    def theirs(tf32):
        shape = size.documents, size.steps, h
        xs, ds = (
            [each.reshape(shape).transpose(0, 1).contiguous() for each in some if each is not None]
            for some in ((x,), (d,))
        )
        call = peers.recurrent("RNN", xs, ds, (weight, bias, recurrent), tf32)
        return lambda: _turned_back(call())

    names = ("nn.RNN", "~nn.RNN, TF32") if layer else ("~nn.RNN", "~nn.RNN, TF32")
    beside = machine.beside({name: partial(theirs, "TF32" in name) for name in names})
    products = (2 if layer else 1) * (3 if back else 1)
    return Row(
        _setting(size.documents, size.steps, h), n, ours, beside,
        flops=2 * products * n * h * h, counts=f"{2 * products} N H H",
    )  # fmt: skip


def _turned_back(result):
    """States and d_x in the order of documents, as views."""
    return *(each.transpose(0, 1) for each in result[:2]), *result[2:]


def _bound_by_memory(machine, size, ours, kinds, u, d, arrays):
    """Beside modules which take the same numbers in another order: the step comes first."""

    def theirs(kind, tf32):
        parts = PARTS[kind]
        shape = parts, size.steps, size.documents // parts, size.states
        xs, ds = ([] if given is None else [*given.reshape(shape)] for given in (u, d))
        return peers.recurrent(kind, xs, ds, tf32=tf32)

    beside = {
        f"~nn.{kind}{', in halves' * (PARTS[kind] > 1)}{', TF32' * tf32}": partial(
            theirs, kind, tf32
        )
        for kind in kinds
        for tf32 in (False, True)
    }
    n = size.documents * size.steps
    return Row(
        _setting(size.documents, size.steps, size.states), n, ours,
        machine.beside(beside),
        moved=arrays * n * size.states * FLOAT, counts=f"{arrays} N H x {FLOAT} bytes",
    )  # fmt: skip


def _long(size, arrays, ours):
    """In chunks the inputs are read twice; once is counted."""
    moved = arrays * size.long * size.states * FLOAT
    counts = f"{arrays} N H x {FLOAT} bytes"
    return Row(_setting(1, size.long, size.states), size.long, ours, {}, moved, counts=counts)


def _inputs(machine, size, seed=0):
    return machine.floats(size.documents * size.steps, size.states, seed=seed)


def _starts(size):
    return random_starts([size.steps] * size.documents)


def _setting(*numbers):
    return " x ".join(f"{number:,}" for number in numbers)


BACK = " + backprop"

ROWS = {
    "linear_recurrence": linear,
    "linear_recurrence" + BACK: partial(linear, back=True),
    "linear_recurrence, one document": long_linear,
    "gated_recurrence": gated,
    "gated_recurrence" + BACK: partial(gated, back=True),
    "gated_recurrence, one document": long_gated,
    "tanh_recurrence": dense,
    "tanh_recurrence" + BACK: partial(dense, back=True),
    "affine + tanh_recurrence": partial(dense, layer=True),
    "affine + tanh_recurrence" + BACK: partial(dense, layer=True, back=True),
}
