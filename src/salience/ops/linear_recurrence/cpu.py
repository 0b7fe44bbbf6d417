"""linear_recurrence on the CPU."""

import numpy as np

from ...jit import F1, F2, I1, INT, OUT2, inline, kernel
from ...types import Floats, Ints


def forward(inputs: Floats, decay: Floats, starts: Ints, direction: str) -> Floats:
    """h_t = h_{t-1} * w_h + u_t."""
    states = np.empty_like(inputs)
    split = {"forward": len(decay), "backward": 0, "both": len(decay) // 2}[direction]
    scan(inputs, decay, starts, split, states)
    return states


@kernel(F2, F1, I1, INT, OUT2)
def scan(inputs: Floats, decay: Floats, starts: Ints, split: int, states: Floats) -> None:
    """States before the split run forward in time, those from it on backward."""
    for b in range(len(starts) - 1):
        first, last = starts[b], starts[b + 1]
        if first == last:
            continue
        _first_step(inputs[first, :split], states[first, :split])
        for t in range(first + 1, last):
            _step(states[t - 1, :split], decay[:split], inputs[t, :split], states[t, :split])
        _first_step(inputs[last - 1, split:], states[last - 1, split:])
        for t in range(last - 2, first - 1, -1):
            _step(states[t + 1, split:], decay[split:], inputs[t, split:], states[t, split:])


@inline
def _first_step(inputs: Floats, now: Floats) -> None:
    for c in range(len(now)):
        now[c] = inputs[c]


@inline
def _step(before: Floats, decay: Floats, inputs: Floats, now: Floats) -> None:
    for c in range(len(now)):
        now[c] = before[c] * decay[c] + inputs[c]
