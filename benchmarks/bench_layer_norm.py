"""layer_norm: y = gain * (x - mean x) / sqrt(var x + 1e-8) + bias."""

import numpy as np

from salience.ops import backprop_layer_norm, layer_norm

from .common import WIDTHS, Benchmark, floats, pin
from .torch_peers import forward, gradients, torch, torch_peer

ROWS = 8192
LEAST = np.float32(1e-8)


class LayerNorm(Benchmark):
    """Two sums along each row and a pass over memory; the copy is the pass alone."""

    params = (WIDTHS,)
    param_names = ("width",)

    def setup(self, width):
        pin()
        self.words = ROWS
        self.arrays = floats(ROWS, width), floats(width, seed=1), floats(width, seed=2)
        self.d_y = floats(ROWS, width, seed=3)
        self.target = np.zeros_like(self.d_y)
        self.time_norm_gradients()

    def time_norm(self, *_):
        return layer_norm(*self.arrays)

    def time_norm_gradients(self, *_):
        return self.time_norm(), *backprop_layer_norm(self.d_y, *self.arrays[:2])

    def time_numpy_norm(self, *_):
        return self.arrays[1] * normal(self.arrays[0])[0] + self.arrays[2]

    def time_numpy_norm_gradients(self, *_):
        x, gain, bias = self.arrays
        n, inverse = normal(x)
        e, products = gain * self.d_y, self.d_y * n
        along = (e * n).mean(axis=1, keepdims=True)
        d_x = inverse * (e - e.mean(axis=1, keepdims=True) - along * n)
        return gain * n + bias, d_x, products.sum(axis=0), self.d_y.sum(axis=0)

    @torch_peer
    def time_torch_norm(self, *_):
        return forward(torch_norm, *self.arrays)

    @torch_peer
    def time_torch_norm_gradients(self, *_):
        return gradients(torch_norm, (self.d_y,), *self.arrays)

    def time_copy(self, *_):
        """The bytes of x and y, read and written."""
        np.copyto(self.target, self.arrays[0])


def normal(x):
    """The rows at mean 0 and variance 1, and what they were multiplied by."""
    centred = x - x.mean(axis=1, keepdims=True)
    square = np.einsum("nd,nd->n", centred, centred)[:, None] / np.float32(x.shape[1])
    inverse = 1 / np.sqrt(square + LEAST)
    centred *= inverse
    return centred, inverse


def torch_norm(x, gain, bias):
    return torch.nn.functional.layer_norm(x, x.shape[1:], gain, bias, 1e-8)
