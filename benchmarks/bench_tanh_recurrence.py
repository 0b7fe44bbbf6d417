"""tanh_recurrence: h_t = tanh(W x_t + b + W_h h_{t-1}), which is PyTorch's nn.RNN."""

import numpy as np

from salience.ops import affine, backprop_affine, backprop_tanh_recurrence, tanh_recurrence

from .common import DOCUMENTS, TOKENS, WIDTHS, Benchmark, floats, pin, starts_of
from .numpy_peers import Steps, affine_back
from .torch_peers import torch, torch_peer
from .torch_recurrent import Recurrent


class Layer(Benchmark):
    """From width to as many states, both ways, with all gradients."""

    params = (DOCUMENTS, WIDTHS, ("tanh", "relu"))
    param_names = ("documents", "width", "activation")

    def setup(self, documents, width, activation):
        pin()
        half = width // 2
        self.starts = starts_of(documents, TOKENS)
        self.words = int(self.starts[-1])
        self.x, self.d_states = floats(self.words, width), floats(self.words, width, seed=1)
        self.weight = floats(width, width, seed=2, scale=width**-0.5)
        self.bias = floats(width, seed=3, scale=0.1)
        self.recurrent = floats(2, half, half, seed=4, scale=0.5 * half**-0.5)
        self.options = {"direction": "both", "activation": activation}
        self.steps = Steps(self.starts)
        self.time_layer_gradients()
        if torch:
            weights = self.weight, self.bias, self.recurrent
            self.rnn = Recurrent(
                "RNN", self.x, self.starts, self.d_states, weights, nonlinearity=activation
            )

    def time_layer(self, *_):
        inputs = affine(self.x, self.weight, self.bias)
        return tanh_recurrence(inputs, self.recurrent, self.starts, **self.options)[0]

    def time_layer_gradients(self, *_):
        states = self.time_layer()
        d_inputs, d_recurrent, _ = backprop_tanh_recurrence(
            self.d_states, states, self.recurrent, self.starts, **self.options
        )
        return states, *backprop_affine(d_inputs, self.x, self.weight), d_recurrent

    def time_numpy_layer(self, *_):
        return self.steps.unpack(self._numpy_states())

    def time_numpy_layer_gradients(self, *_):
        h = self._numpy_states()
        d_inputs, d_recurrent = self._numpy_back(h)
        states = self.steps.unpack(h)
        return states, *affine_back(d_inputs, self.x, self.weight), d_recurrent

    @torch_peer
    def time_torch_packed_layer(self, *_):
        return self.rnn.packed()

    @torch_peer
    def time_torch_buckets_layer(self, *_):
        return self.rnn.buckets()

    @torch_peer
    def time_torch_packed_layer_gradients(self, *_):
        return self.rnn.packed_gradients()

    @torch_peer
    def time_torch_buckets_layer_gradients(self, *_):
        return self.rnn.buckets_gradients()

    def _numpy_states(self):
        h = self.steps.pack(self.x @ self.weight.T + self.bias)
        activate = self._tanh if self.options["activation"] == "tanh" else self._relu
        activate(h[: self.steps.documents])
        for now, before in self.steps.pairs:
            for way, columns in enumerate(halves(h)):
                h[now, columns] += h[before, columns] @ self.recurrent[way].T
            activate(h[now])
        return h

    def _numpy_back(self, h):
        g = self.steps.pack(self.d_states)
        slopes = 1 - h * h if self.options["activation"] == "tanh" else (h > 0).astype(h.dtype)
        for now, before in reversed(self.steps.pairs):
            g[now] *= slopes[now]
            for way, columns in enumerate(halves(g)):
                g[before, columns] += g[now, columns] @ self.recurrent[way]
        g[: self.steps.documents] *= slopes[: self.steps.documents]
        (after, _), (_, before) = self.steps.both(g), self.steps.both(h)
        d_recurrent = [after[:, columns].T @ before[:, columns] for columns in halves(g)]
        return self.steps.unpack(g), np.stack(d_recurrent)

    @staticmethod
    def _tanh(h):
        np.tanh(h, out=h)

    @staticmethod
    def _relu(h):
        np.maximum(h, 0, out=h)


def halves(rows):
    half = rows.shape[1] // 2
    return slice(0, half), slice(half, None)
