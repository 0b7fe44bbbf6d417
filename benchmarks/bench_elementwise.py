"""exp, tanh and sigmoid of a million numbers; libm in a loop is what a kernel would call else."""

import math

import numpy as np
from numba import njit

from salience import ops

from .common import Benchmark, floats, pin
from .torch_peers import forward, gradients, torch, torch_peer

COUNT = 1 << 20


class Exp(Benchmark):
    """The floor is a copy."""

    function = "exp"

    def setup(self):
        pin()
        self.x, self.d_y = floats(COUNT, scale=3.0), floats(COUNT, seed=1)
        self.words, self.target = COUNT, np.zeros_like(self.x)
        self.ours = getattr(ops, self.function)
        self.back = getattr(ops, f"backprop_{self.function}")
        self.time_apply_gradients()
        self.time_libm_apply()

    def time_apply(self):
        return self.ours(self.x)

    def time_apply_gradients(self):
        y = self.ours(self.x)
        return y, self.back(self.d_y, y)

    def time_libm_apply(self):
        return LIBM[self.function](self.x)

    def time_numpy_apply(self):
        return NUMPY[self.function](self.x)

    def time_numpy_apply_gradients(self):
        y = self.time_numpy_apply()
        return y, self.d_y * SLOPES[self.function](y)

    @torch_peer
    def time_torch_apply(self):
        return forward(getattr(torch, self.function), self.x)

    @torch_peer
    def time_torch_apply_gradients(self):
        return gradients(getattr(torch, self.function), (self.d_y,), self.x)

    def time_copy(self):
        np.copyto(self.target, self.x)


class Tanh(Exp):
    function = "tanh"


class Sigmoid(Exp):
    function = "sigmoid"


@njit
def libm_exp(x):
    y = np.empty_like(x)
    for i in range(len(x)):
        y[i] = math.exp(x[i])
    return y


@njit
def libm_tanh(x):
    y = np.empty_like(x)
    for i in range(len(x)):
        y[i] = math.tanh(x[i])
    return y


@njit
def libm_sigmoid(x):
    y, one = np.empty_like(x), np.float32(1)
    for i in range(len(x)):
        y[i] = one / (one + math.exp(-x[i]))
    return y


def numpy_sigmoid(x):
    y = np.negative(x)
    np.exp(y, out=y)
    y += 1
    return np.reciprocal(y, out=y)


LIBM = {"exp": libm_exp, "tanh": libm_tanh, "sigmoid": libm_sigmoid}
NUMPY = {"exp": np.exp, "tanh": np.tanh, "sigmoid": numpy_sigmoid}
SLOPES = {
    "exp": lambda y: y,
    "tanh": lambda y: 1 - y * y,
    "sigmoid": lambda y: y * (1 - y),
}
