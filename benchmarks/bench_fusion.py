"""fusion: v = x + h W_f' + g * c."""

import numpy as np

from salience.ops import fusion

from .common import WIDTHS, Benchmark, floats, pin

TOKENS = 8192


class Fusion(Benchmark):
    """A product and a pass over memory; the copy is the pass alone."""

    params = (WIDTHS,)
    param_names = ("width",)

    def setup(self, width):
        pin()
        self.x, self.context = floats(TOKENS, width), floats(TOKENS, width, seed=1)
        self.states = floats(TOKENS, width // 2, seed=2)
        self.weight, self.gate = floats(width, width // 2, seed=3), floats(width, seed=4)
        self.targets = np.zeros_like(self.x), np.zeros_like(self.states[: TOKENS // 2])
        self.time_fusion()

    def time_fusion(self, *_):
        return fusion(self.x, self.states, self.context, self.weight, self.gate)

    def time_numpy_fusion(self, *_):
        return self.x + self.states @ self.weight.T + self.gate * self.context

    def time_copy(self, *_):
        """The bytes of x and v, then those of c and h, half of them read and half written."""
        np.copyto(self.targets[0], self.x)
        np.copyto(self.targets[0][: TOKENS // 2], self.context[: TOKENS // 2])
        np.copyto(self.targets[1], self.states[: TOKENS // 2])
