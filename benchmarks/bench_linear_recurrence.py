"""linear_recurrence: h_t = h_{t-1} * w_h + u_t, bound by memory; and a layer with u = W x + b."""

import numpy as np

from salience.ops import affine, backprop_affine, backprop_linear_recurrence, linear_recurrence

from .common import DOCUMENTS, TOKENS, WIDTHS, Benchmark, floats, pin, starts_of
from .numpy_peers import Steps, affine_back
from .torch_peers import torch, torch_peer
from .torch_recurrent import Recurrent


class LinearRecurrence(Benchmark):
    """The floor is a copy: each input is read once, each state written once.

    Backward, gradients and states are read and gradients written: a copy and a half.
    """

    params = (DOCUMENTS, WIDTHS)
    param_names = ("documents", "states")

    def setup(self, documents, states):
        pin()
        self.starts = starts_of(documents, TOKENS)
        self.words = int(self.starts[-1])
        self.inputs = floats(self.words, states)
        self.d_states = floats(self.words, states, seed=1)
        self.decay = np.linspace(0.1, 0.9, states, dtype=np.float32)
        self.steps, self.target = Steps(self.starts), np.zeros_like(self.inputs)
        self.states = self.time_scan()
        self.time_scan_backward()
        if torch:
            self.rnn = Recurrent("RNN", self.inputs, self.starts, self.d_states)

    def time_scan(self, *_):
        return linear_recurrence(self.inputs, self.decay, self.starts, direction="both")[0]

    def time_scan_backward(self, *_):
        return backprop_linear_recurrence(
            self.d_states, self.states, self.decay, self.starts, direction="both"
        )[:2]

    def time_scan_gradients(self, *_):
        states = self.time_scan()
        d_inputs, d_decay, _ = backprop_linear_recurrence(
            self.d_states, states, self.decay, self.starts, direction="both"
        )
        return states, d_inputs, d_decay

    def time_numpy_scan(self, *_):
        return numpy_scan(self.inputs, self.decay, self.steps)

    def time_numpy_scan_backward(self, *_):
        return numpy_scan_back(self.d_states, self.states, self.decay, self.steps)

    def time_numpy_scan_gradients(self, *_):
        states = self.time_numpy_scan()
        return states, *numpy_scan_back(self.d_states, states, self.decay, self.steps)

    def time_copy(self, *_):
        np.copyto(self.target, self.inputs)

    def time_copy_backward(self, *_):
        half = len(self.target) // 2
        np.copyto(self.target, self.d_states)
        np.copyto(self.target[:half], self.states[:half])

    def time_fresh_copy(self, *_):
        """The same as time_copy into memory that is new each time, as an op's result is."""
        self.inputs.copy()

    @torch_peer
    def time_torch_rnn_packed_scan(self, *_):
        return self.rnn.packed()

    @torch_peer
    def time_torch_rnn_buckets_scan(self, *_):
        return self.rnn.buckets()

    @torch_peer
    def time_torch_rnn_packed_scan_gradients(self, *_):
        return self.rnn.packed_gradients()

    @torch_peer
    def time_torch_rnn_buckets_scan_gradients(self, *_):
        return self.rnn.buckets_gradients()


class Layer(Benchmark):
    """From width to as many states, both ways, with all gradients; nn.RNN is what one would use."""

    params = (DOCUMENTS, WIDTHS)
    param_names = ("documents", "width")

    def setup(self, documents, width):
        pin()
        self.starts = starts_of(documents, TOKENS)
        self.words = int(self.starts[-1])
        self.x, self.d_states = floats(self.words, width), floats(self.words, width, seed=1)
        self.weight = floats(width, width, seed=2, scale=width**-0.5)
        self.bias = floats(width, seed=3, scale=0.1)
        self.decay = np.linspace(0.1, 0.9, width, dtype=np.float32)
        self.steps = Steps(self.starts)
        self.time_layer_gradients()
        if torch:
            self.rnn = Recurrent("RNN", self.x, self.starts, self.d_states)

    def time_layer(self, *_):
        inputs = affine(self.x, self.weight, self.bias)
        return linear_recurrence(inputs, self.decay, self.starts, direction="both")[0]

    def time_layer_gradients(self, *_):
        states = self.time_layer()
        d_inputs, d_decay, _ = backprop_linear_recurrence(
            self.d_states, states, self.decay, self.starts, direction="both"
        )
        return states, d_decay, *backprop_affine(d_inputs, self.x, self.weight)

    def time_numpy_layer(self, *_):
        return numpy_scan(self.x @ self.weight.T + self.bias, self.decay, self.steps)

    def time_numpy_layer_gradients(self, *_):
        states = self.time_numpy_layer()
        d_inputs, d_decay = numpy_scan_back(self.d_states, states, self.decay, self.steps)
        return states, d_decay, *affine_back(d_inputs, self.x, self.weight)

    @torch_peer
    def time_torch_rnn_packed_layer(self, *_):
        return self.rnn.packed()

    @torch_peer
    def time_torch_rnn_buckets_layer(self, *_):
        return self.rnn.buckets()

    @torch_peer
    def time_torch_rnn_packed_layer_gradients(self, *_):
        return self.rnn.packed_gradients()

    @torch_peer
    def time_torch_rnn_buckets_layer_gradients(self, *_):
        return self.rnn.buckets_gradients()


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


def numpy_scan(inputs, decay, steps):
    h = steps.pack(inputs)
    for now, before in steps.pairs:
        h[now] += decay * h[before]
    return steps.unpack(h)


def numpy_scan_back(d_states, states, decay, steps):
    g, h = steps.pack(d_states), steps.pack(states)
    for now, before in reversed(steps.pairs):
        g[before] += decay * g[now]
    after, _ = steps.both(g)
    _, before = steps.both(h)
    return steps.unpack(g), np.einsum("nd,nd->d", after, before)
