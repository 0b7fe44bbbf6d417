"""fusion: v = x + h W_f' + g * c."""

import numpy as np

from salience.ops import backprop_fusion, fusion

from .common import WIDTHS, Benchmark, floats, pin
from .torch_peers import forward, gradients, torch, torch_peer

TOKENS = 8192


class Fusion(Benchmark):
    """A product and a pass over memory; the copy is the pass alone."""

    params = (WIDTHS,)
    param_names = ("width",)

    def setup(self, width):
        pin()
        self.words = TOKENS
        self.x, self.context = floats(TOKENS, width), floats(TOKENS, width, seed=1)
        self.states = floats(TOKENS, width // 2, seed=2)
        self.weight, self.gate = floats(width, width // 2, seed=3), floats(width, seed=4)
        self.arrays = self.x, self.states, self.context, self.weight, self.gate
        self.d_vectors = floats(TOKENS, width, seed=5)
        self.targets = np.zeros_like(self.x), np.zeros_like(self.states[: TOKENS // 2])
        self.time_fusion_gradients()

    def time_fusion(self, *_):
        return fusion(*self.arrays)

    def time_fusion_gradients(self, *_):
        """That of x is d_vectors itself, for the peers too."""
        return self.time_fusion(), *backprop_fusion(self.d_vectors, *self.arrays[1:])

    def time_numpy_fusion(self, *_):
        vectors = self.states @ self.weight.T
        vectors += self.x
        vectors += self.gate * self.context
        return vectors

    def time_numpy_fusion_gradients(self, *_):
        return (
            self.time_numpy_fusion(),
            self.d_vectors @ self.weight,
            self.gate * self.d_vectors,
            self.d_vectors.T @ self.states,
            np.einsum("nd,nd->d", self.d_vectors, self.context),
        )

    @torch_peer
    def time_torch_fusion(self, *_):
        return forward(torch_fusion, *self.arrays)

    @torch_peer
    def time_torch_fusion_gradients(self, *_):
        x = torch.from_numpy(self.x)
        return gradients(lambda *rest: torch_fusion(x, *rest), (self.d_vectors,), *self.arrays[1:])

    def time_copy(self, *_):
        """The bytes of x and v, then those of c and h, half of them read and half written."""
        np.copyto(self.targets[0], self.x)
        np.copyto(self.targets[0][: TOKENS // 2], self.context[: TOKENS // 2])
        np.copyto(self.targets[1], self.states[: TOKENS // 2])


def torch_fusion(x, states, context, weight, gate):
    return torch.addcmul(x, gate, context).addmm_(states, weight.T)
