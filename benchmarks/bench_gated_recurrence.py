"""gated_recurrence: h_t = g_t * h_{t-1} + (1 - g_t) * u_t, with u_t and g_t of the input only."""

import numpy as np

from salience.ops import affine, backprop_affine, backprop_gated_recurrence, gated_recurrence

from .common import DOCUMENTS, TOKENS, WIDTHS, Benchmark, floats, pin, starts_of
from .numpy_peers import Steps, affine_back
from .torch_peers import torch, torch_peer
from .torch_recurrent import Recurrent


class Layer(Benchmark):
    """From width to as many states, both ways, with all gradients; one would use nn.GRU or nn.LSTM.

    They compute something else, with gates that see the states too.
    """

    params = (DOCUMENTS, WIDTHS)
    param_names = ("documents", "width")

    def setup(self, documents, width):
        pin()
        self.starts = starts_of(documents, TOKENS)
        self.words = int(self.starts[-1])
        self.x, self.d_states = floats(self.words, width), floats(self.words, width, seed=1)
        self.weights = floats(2, width, width, seed=2, scale=width**-0.5)
        self.biases = floats(2, width, seed=3, scale=0.1)
        self.steps = Steps(self.starts)
        self.time_layer_gradients()
        if torch:
            arrays = self.x, self.starts, self.d_states
            self.gru, self.lstm = Recurrent("GRU", *arrays), Recurrent("LSTM", *arrays)

    def time_layer(self, *_):
        return gated_recurrence(*self._affines(), self.starts, direction="both")[0]

    def time_layer_gradients(self, *_):
        inputs, logits = self._affines()
        states, _ = gated_recurrence(inputs, logits, self.starts, direction="both")
        d_inputs, d_logits, _ = backprop_gated_recurrence(
            self.d_states, states, inputs, logits, self.starts, direction="both"
        )
        d_x, *of_inputs = backprop_affine(d_inputs, self.x, self.weights[0])
        d_x_too, *of_logits = backprop_affine(d_logits, self.x, self.weights[1])
        d_x += d_x_too
        return states, d_x, *of_inputs, *of_logits

    def time_numpy_layer(self, *_):
        return self.steps.unpack(self._numpy_states()[0])

    def time_numpy_layer_gradients(self, *_):
        h, gates, inputs = self._numpy_states()
        d_inputs, d_logits = self._numpy_back(h, gates, inputs)
        d_x, *of_inputs = affine_back(d_inputs, self.x, self.weights[0])
        d_x_too, *of_logits = affine_back(d_logits, self.x, self.weights[1])
        d_x += d_x_too
        return self.steps.unpack(h), d_x, *of_inputs, *of_logits

    @torch_peer
    def time_torch_gru_packed_layer(self, *_):
        return self.gru.packed()

    @torch_peer
    def time_torch_gru_buckets_layer(self, *_):
        return self.gru.buckets()

    @torch_peer
    def time_torch_gru_packed_layer_gradients(self, *_):
        return self.gru.packed_gradients()

    @torch_peer
    def time_torch_gru_buckets_layer_gradients(self, *_):
        return self.gru.buckets_gradients()

    @torch_peer
    def time_torch_lstm_packed_layer(self, *_):
        return self.lstm.packed()

    @torch_peer
    def time_torch_lstm_buckets_layer(self, *_):
        return self.lstm.buckets()

    @torch_peer
    def time_torch_lstm_packed_layer_gradients(self, *_):
        return self.lstm.packed_gradients()

    @torch_peer
    def time_torch_lstm_buckets_layer_gradients(self, *_):
        return self.lstm.buckets_gradients()

    def _affines(self):
        pairs = zip(self.weights, self.biases, strict=True)
        return [affine(self.x, weight, bias) for weight, bias in pairs]

    def _numpy_states(self):
        """h, g and u, in the order of steps."""
        pairs = zip(self.weights, self.biases, strict=True)
        u, z = (self.steps.pack(self.x @ weight.T + bias) for weight, bias in pairs)
        gates = 1 / (1 + np.exp(-z))
        h = (1 - gates) * u
        for now, before in self.steps.pairs:
            h[now] += gates[now] * h[before]
        return h, gates, u

    def _numpy_back(self, h, gates, inputs):
        e = self.steps.pack(self.d_states)
        for now, before in reversed(self.steps.pairs):
            e[before] += gates[now] * e[now]
        d_inputs = (1 - gates) * e
        d_gates = -inputs
        d_gates[self.steps.documents :] += self.steps.both(h)[1]
        return self.steps.unpack(d_inputs), self.steps.unpack(d_gates * gates * d_inputs)
