"""output_gate: y = sigmoid(o) * h."""

import numpy as np

from salience.ops import backprop_output_gate, output_gate

from .bench_elementwise import numpy_sigmoid
from .common import WIDTHS, Benchmark, floats, pin
from .torch_peers import forward, gradients, torch, torch_peer

TOKENS = 8192


class OutputGate(Benchmark):
    """A sigmoid and a pass over memory; the copy is the pass alone."""

    params = (WIDTHS,)
    param_names = ("width",)

    def setup(self, width):
        pin()
        self.words = TOKENS
        self.arrays = floats(TOKENS, width), floats(TOKENS, width, seed=1)
        self.d_y = floats(TOKENS, width, seed=2)
        self.target = np.zeros_like(self.d_y)
        self.time_gate_gradients()

    def time_gate(self, *_):
        return output_gate(*self.arrays)

    def time_gate_gradients(self, *_):
        return self.time_gate(), *backprop_output_gate(self.d_y, *self.arrays)

    def time_numpy_gate(self, *_):
        y = numpy_sigmoid(self.arrays[1])
        y *= self.arrays[0]
        return y

    def time_numpy_gate_gradients(self, *_):
        states, logits = self.arrays
        s = numpy_sigmoid(logits)
        d_states = s * self.d_y
        d_logits = (1 - s) * states
        d_logits *= d_states
        return s * states, d_states, d_logits

    @torch_peer
    def time_torch_gate(self, *_):
        return forward(torch_gate, *self.arrays)

    @torch_peer
    def time_torch_gate_gradients(self, *_):
        return gradients(torch_gate, (self.d_y,), *self.arrays)

    def time_copy(self, *_):
        """The bytes of o and y, then half of h, read and written."""
        np.copyto(self.target, self.arrays[1])
        np.copyto(self.target[: TOKENS // 2], self.arrays[0][: TOKENS // 2])


def torch_gate(states, logits):
    return torch.sigmoid(logits) * states
