"""linear_recurrence on the CPU."""

from typing import Any

import numpy as np

from ... import threads
from ...cpu.jit import F1, F2, I1, INT, OUT1, OUT2, inline, kernel
from ...cpu.prefetch import fetch_row
from ...cpu.scans import SCAN_WIDTH, make_scan
from ...types import Floats, Ints
from ..walks import split_at

ROWS_IN_CACHE = 16
"""Rows that are copied whole, and then walked along in cache: reading and writing some columns
of rows in memory has less than half the speed."""


def forward(
    inputs: Floats, decay: Floats, starts: Ints, initial: Floats, direction: str
) -> tuple[Floats, Floats]:
    """h_t = h_{t-1} * w_h + u_t."""
    states, final = np.empty_like(inputs), initial.copy()
    split = split_at(direction, len(decay))

    def task(run: threads.Run) -> None:
        copy_and_scan(inputs, decay, run.starts, split, states, final[run.documents])

    threads.run(task, threads.runs(starts))
    return states, final


def backprop(
    d_states: Floats, d_final: Floats, states: Floats, decay: Floats,
    starts: Ints, initial: Floats, direction: str,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """g_t = d_t + g_{t+1} * w_h is the gradient of u_t; that of w_h is sum_t g_t * h_{t-1}."""
    d_inputs, d_initial = np.empty_like(states), d_final.copy()
    split, runs = split_at(direction, len(decay)), threads.runs(starts)
    d_decay = np.zeros((len(runs), len(decay)), dtype=np.float32)

    def task(run: threads.Run) -> None:
        own = run.documents
        scan_back(
            d_states, states, decay, run.starts, split, initial[own],
            d_inputs, d_initial[own], d_decay[run.number],
        )  # fmt: skip

    threads.run(task, runs)
    return d_inputs, d_decay.sum(axis=0), d_initial


def _step(ops: Any, carried: Any, constants: Any, read: Any) -> Any:
    (h,), (decay,), (inputs,) = carried, constants, read
    h = ops.multiply_add(h, decay, inputs)
    return [h], [h]


def _step_back(ops: Any, carried: Any, constants: Any, read: Any) -> Any:
    (g, d_decay), (decay,), (d_state, before) = carried, constants, read
    g = ops.add(d_state, g)
    return [ops.multiply(g, decay), ops.multiply_add(g, before, d_decay)], [g]


_scan, _scan_back = make_scan(_step), make_scan(_step_back)


@inline
def _copy(rows: Floats, first: int, last: int, to: Floats) -> None:
    for t in range(first, last):
        row, copied = rows[t], to[t]
        for j in range(len(row)):
            copied[j] = row[j]


@kernel(F1, I1, INT, OUT2, OUT2)
def scan(decay: Floats, starts: Ints, split: int, states: Floats, final: Floats) -> None:
    """States before the split run forward in time, others backward; states come as inputs."""
    for b in range(len(starts) - 1):
        first, last, h, w = starts[b], starts[b + 1] - 1, (final[b],), (decay,)
        ahead, back = (last - first + 1, 1, 0, split), (last - first + 1, -1, split, len(decay))
        _scan(ahead, h, w, ((states, first),), ((states, first),))
        _scan(back, h, w, ((states, last),), ((states, last),))


@kernel(F2, F1, I1, INT, OUT2, OUT2)
def copy_and_scan(
    inputs: Floats, decay: Floats, starts: Ints, split: int, states: Floats, final: Floats
) -> None:
    """The same where inputs are another array, which is kept."""
    at_once, back = split == len(decay) <= SCAN_WIDTH, (-1, split, len(decay))
    for b in range(len(starts) - 1):
        first, end, h, w = starts[b], starts[b + 1], (final[b],), (decay,)
        if at_once:
            _scan((end - first, 1, 0, split), h, w, ((inputs, first),), ((states, first),))
            continue
        for t in range(first, end, ROWS_IN_CACHE):
            until = min(t + ROWS_IN_CACHE, end)
            _copy(inputs, t, until, states)
            _scan((until - t, 1, 0, split), h, w, ((states, t),), ((states, t),))
        _scan((end - first, *back), h, w, ((states, end - 1),), ((states, end - 1),))


@kernel(F2, F2, F1, I1, INT, F2, OUT2, OUT2, OUT1)
def scan_back(
    d_states: Floats, states: Floats, decay: Floats, starts: Ints, split: int, initial: Floats,
    d_inputs: Floats, d_initial: Floats, d_decay: Floats,
) -> None:  # fmt: skip
    """The same walks from their ends; the first step's h_{t-1} is the initial state."""
    for b in range(len(starts) - 1):
        first, last, g, w = starts[b], starts[b + 1] - 1, (d_initial[b], d_decay), (decay,)
        if last < first:
            continue
        for t in range(first, last + 1, ROWS_IN_CACHE):
            until = min(t + ROWS_IN_CACHE, last + 1)
            for row in range(t, until):
                fetch_row(states, row)
            _copy(d_states, t, until, d_inputs)
            ahead = (min(until, last) - t, 1, split, len(decay))
            _scan_back(ahead, g, w, ((d_inputs, t), (states, t + 1)), ((d_inputs, t),))
        of_last, of_first = ((d_inputs, last),), ((d_inputs, first),)
        _scan_back(
            (1, 1, split, len(decay)), g, w, ((d_inputs, last), (initial, b)), of_last
        )  # fmt: skip
        back = (last - first, -1, 0, split)
        _scan_back(back, g, w, ((d_inputs, last), (states, last - 1)), of_last)
        _scan_back((1, -1, 0, split), g, w, ((d_inputs, first), (initial, b)), of_first)
