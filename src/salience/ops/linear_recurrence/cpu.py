"""linear_recurrence on the CPU."""

from typing import Any

import numpy as np

from ... import threads
from ...jit import F1, F2, I1, INT, OUT1, OUT2, kernel
from ...types import Floats, Ints
from ..scans import make_scan
from ..walks import split_at


def forward(
    inputs: Floats, decay: Floats, starts: Ints, initial: Floats, direction: str
) -> tuple[Floats, Floats]:
    """h_t = h_{t-1} * w_h + u_t."""
    states, final = np.empty_like(inputs), initial.copy()
    split = split_at(direction, len(decay))

    def task(run: threads.Run) -> None:
        scan(inputs, decay, run.starts, split, states, final[run.documents])

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


@kernel(F2, F1, I1, INT, OUT2, OUT2)
def scan(
    inputs: Floats, decay: Floats, starts: Ints, split: int, states: Floats, final: Floats
) -> None:
    """States before the split run forward in time, those from it on backward; final is h."""
    for b in range(len(starts) - 1):
        first, last, h, w = starts[b], starts[b + 1] - 1, (final[b],), (decay,)
        ahead, back = (last - first + 1, 1, 0, split), (last - first + 1, -1, split, len(decay))
        _scan(ahead, h, w, ((inputs, first),), ((states, first),))
        _scan(back, h, w, ((inputs, last),), ((states, last),))


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
        back, ahead = (last - first, -1, 0, split), (last - first, 1, split, len(decay))
        _scan_back(back, g, w, ((d_states, last), (states, last - 1)), ((d_inputs, last),))
        _scan_back(
            (1, -1, 0, split), g, w, ((d_states, first), (initial, b)), ((d_inputs, first),)
        )  # fmt: skip
        _scan_back(ahead, g, w, ((d_states, first), (states, first + 1)), ((d_inputs, first),))
        _scan_back(
            (1, 1, split, len(decay)), g, w, ((d_states, last), (initial, b)), ((d_inputs, last),)
        )  # fmt: skip
