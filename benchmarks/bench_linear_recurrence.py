"""linear_recurrence: h_t = h_{t-1} * w_h + u_t, bound by memory."""

import numpy as np

from salience.ops import linear_recurrence

from .common import DOCUMENTS, WIDTHS, Benchmark, floats, pin, starts_of

TOKENS = 8192


class LinearRecurrence(Benchmark):
    """The floor is a copy: each input is read once, each state written once."""

    params = (DOCUMENTS, WIDTHS)
    param_names = ("documents", "states")

    def setup(self, documents, states):
        pin()
        self.starts = starts_of(documents, TOKENS)
        self.inputs = floats(int(self.starts[-1]), states)
        self.decay = np.linspace(0.1, 0.9, states, dtype=np.float32)
        self.target = np.zeros_like(self.inputs)
        self.time_scan()

    def time_scan(self, *_):
        return linear_recurrence(self.inputs, self.decay, self.starts, direction="both")

    def time_numpy_scan(self, *_):
        return numpy_scan(self.inputs, self.decay, self.starts)

    def time_copy(self, *_):
        np.copyto(self.target, self.inputs)

    def time_fresh_copy(self, *_):
        """The same into memory that is new each time, as an op's result is."""
        self.inputs.copy()


class Direction(Benchmark):
    """Walking the rows backward, or half of each row each way."""

    params = (("forward", "backward", "both"),)
    param_names = ("direction",)

    def setup(self, direction):
        pin()
        self.starts = starts_of("ragged", TOKENS)
        self.inputs = floats(int(self.starts[-1]), 128)
        self.decay = np.linspace(0.1, 0.9, 128, dtype=np.float32)
        self.time_scan(direction)

    def time_scan(self, direction):
        return linear_recurrence(self.inputs, self.decay, self.starts, direction=direction)


def numpy_scan(inputs, decay, starts):
    """Step through all documents side by side, the longest first: the fast way in NumPy."""
    states, half = np.empty_like(inputs), len(decay) // 2
    lengths = np.diff(starts)
    order = np.argsort(-lengths, kind="stable")
    firsts, lasts = starts[:-1][order], starts[1:][order] - 1
    h = np.zeros((len(lengths), len(decay)), dtype=np.float32)
    for t in range(lengths.max()):
        alive = int(np.searchsorted(-lengths[order], -t))
        forward, backward = firsts[:alive] + t, lasts[:alive] - t
        h[:alive] *= decay
        h[:alive, :half] += inputs[forward, :half]
        h[:alive, half:] += inputs[backward, half:]
        states[forward, :half] = h[:alive, :half]
        states[backward, half:] = h[:alive, half:]
    return states
