"""PyTorch judges the recurrent networks, their gradients and the functions of numbers."""

from itertools import pairwise

import numpy as np
import pytest

from salience import ops
from salience.testing import random_floats, random_starts

from .recurrences import GATED, LINEAR, anyway, backprop_of, example

torch = pytest.importorskip("torch", reason="PyTorch is the judge, and is never required")

INPUTS, HIDDEN, OUTPUTS = 64, 128, 10
LENGTHS = [5, 1, 33, 12]


def agree(got, want, tolerance=1e-5):
    np.testing.assert_allclose(got, want.detach().numpy(), rtol=tolerance, atol=tolerance)


def tensor(array, trained=False):
    return torch.tensor(array, requires_grad=trained)


def make_rnn(activation, both, seed=0):
    torch.manual_seed(seed)
    network = torch.nn.RNN(INPUTS, HIDDEN, nonlinearity=activation, bidirectional=both)
    head = torch.nn.Linear(HIDDEN * (1 + both), OUTPUTS)
    return network, head


def weights_of(network, both):
    """Their names in PyTorch, way by way: W_x, W_h and the two biases."""
    return [
        [getattr(network, f"{name}_l0{way}") for way in ("", "_reverse")[: 1 + both]]
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]


def beside(parameters):
    """Those of both ways as one array, under one another."""
    return torch.cat(list(parameters)).detach().numpy()


def torch_rnn(network, x, initial, starts, both):
    """States and final states of a packed batch, documents end to end."""
    parts = [x[first:last] for first, last in pairwise(starts)]
    packed = torch.nn.utils.rnn.pack_sequence(parts, enforce_sorted=False)
    ways = initial.reshape(len(parts), 1 + both, HIDDEN).transpose(0, 1).contiguous()
    output, final = network(packed, ways)
    padded, lengths = torch.nn.utils.rnn.pad_packed_sequence(output, batch_first=True)
    states = torch.cat([row[:length] for row, length in zip(padded, lengths, strict=True)])
    return states, final.transpose(0, 1).reshape(len(parts), -1)


class Rnn:
    """The network as it would be written with these ops: 64 inputs, 128 states, 10 outputs."""

    def __init__(self, network, head, both, activation):
        weight, recurrent, *biases = weights_of(network, both)
        self.weight, self.bias = beside(weight), sum(beside(bias) for bias in biases)
        self.recurrent = np.stack([matrix.detach().numpy() for matrix in recurrent])
        self.recurrent = self.recurrent if both else self.recurrent[0]
        self.head = [parameter.detach().numpy() for parameter in head.parameters()]
        self.named = {
            "direction": "both" if both else "forward", "activation": activation
        }  # fmt: skip

    def forward(self, x, starts, initial):
        u = ops.affine(x, self.weight, self.bias)
        states, final = ops.tanh_recurrence(
            u, self.recurrent, starts, initial=initial, **self.named
        )
        return states, final, ops.affine(final, *self.head)

    def backprop(self, x, starts, initial, d_states, d_y):
        states, final, _ = self.forward(x, starts, initial)
        d_final, d_head, d_head_bias = ops.backprop_affine(d_y, final, self.head[0])
        d_u, d_recurrent, d_initial = ops.backprop_tanh_recurrence(
            d_states, states, self.recurrent, starts, initial=initial, d_final=d_final, **self.named
        )
        d_x, d_weight, d_bias = ops.backprop_affine(d_u, x, self.weight)
        return d_x, d_initial, d_weight, d_recurrent, d_bias, d_head, d_head_bias


def batch(lengths, both):
    starts, states = random_starts(lengths), HIDDEN * (1 + both)
    x, initial = random_floats(starts[-1], INPUTS), random_floats(len(lengths), states, seed=1)
    d_states = random_floats(starts[-1], states, seed=2, scale=0.1)
    return x, starts, initial, d_states, random_floats(len(lengths), OUTPUTS, seed=3)


ways = pytest.mark.parametrize("both", [False, True], ids=["one way", "both ways"])
activations = pytest.mark.parametrize("activation", ["tanh", "relu"])


@ways
@activations
def test_tanh_recurrence_is_rnn_on_a_packed_batch(activation, both):
    network, head = make_rnn(activation, both)
    x, starts, initial, *_ = batch(LENGTHS, both)
    want, want_final = torch_rnn(network, tensor(x), tensor(initial), starts, both)
    states, final, y = Rnn(network, head, both, activation).forward(x, starts, initial)
    agree(states, want)
    agree(final, want_final)
    agree(y, head(want_final))


@ways
@activations
def test_tanh_recurrence_is_rnn_document_by_document(activation, both):
    network, head = make_rnn(activation, both, seed=1)
    x, starts, initial, *_ = batch([4, 0, 40], both)
    states, final, _ = Rnn(network, head, both, activation).forward(x, starts, initial)
    for b in (0, 2):
        tokens = slice(starts[b], starts[b + 1])
        want, want_final = network(
            tensor(x[tokens]), tensor(initial[b].reshape(1 + both, HIDDEN))
        )  # fmt: skip
        agree(states[tokens], want)
        agree(final[b], want_final.reshape(-1))


@ways
@activations
@pytest.mark.parametrize("lengths", [LENGTHS, [20]], ids=["packed", "alone"])
def test_the_gradients_of_a_network_are_autograd_s(activation, both, lengths):
    network, head = make_rnn(activation, both)
    x, starts, initial, d_states, d_y = batch(lengths, both)
    x_, initial_ = tensor(x, True), tensor(initial, True)
    states, final = torch_rnn(network, x_, initial_, starts, both)
    ((states * tensor(d_states)).sum() + (head(final) * tensor(d_y)).sum()).backward()

    got = Rnn(network, head, both, activation).backprop(x, starts, initial, d_states, d_y)
    d_x, d_initial, d_weight, d_recurrent, d_bias, d_head, d_head_bias = got
    weight, recurrent, *biases = weights_of(network, both)
    agree(d_x, x_.grad, 3e-5)
    agree(d_initial, initial_.grad, 3e-5)
    agree(d_weight, torch.cat([matrix.grad for matrix in weight]), 1e-4)
    agree(d_recurrent.reshape(-1, HIDDEN), torch.cat([w.grad for w in recurrent]), 1e-4)
    for bias in biases:
        agree(d_bias, torch.cat([way.grad for way in bias]), 1e-4)
    agree(d_head, head.weight.grad, 1e-4)
    agree(d_head_bias, head.bias.grad, 1e-4)


def linear(h, u, decay):
    return h * decay + u


def gated(h, u, logit):
    gate = torch.sigmoid(logit)
    return gate * h + (1 - gate) * u


def torch_loop(step, arguments, network, direction):
    """A recurrence as one writes it in PyTorch, column by column of the states."""
    inputs, parameter, initial = (
        arguments[name] for name in ("inputs", network.parameter, "initial")
    )
    states, final = torch.empty_like(inputs), initial.clone()
    half = {"forward": 18, "backward": 0, "both": 9}[direction]
    for columns, way in ((slice(0, half), 1), (slice(half, 18), -1)):
        for b, first in enumerate(arguments["starts"][:-1]):
            h = initial[b, columns]
            for t in range(first, arguments["starts"][b + 1])[::way]:
                own = parameter[t] if network.per_token else parameter
                h = step(h, inputs[t, columns], own[columns])
                states[t, columns] = h
            final[b, columns] = h
    return states, final


@anyway
@pytest.mark.parametrize(("network", "step"), [(LINEAR, linear), (GATED, gated)])
def test_elementwise_recurrences_and_their_gradients_are_autograd_s(network, step, direction):
    arguments = example(network, [3, 0, 40], direction=direction)
    trained = ("inputs", network.parameter, "initial")
    leaves = {name: tensor(arguments[name], True) for name in trained}
    want = torch_loop(step, {**arguments, **leaves}, network, direction)
    got = network.op(**arguments, direction=direction)
    given = backprop_of(network, arguments, got[0], direction)
    (
        (want[0] * tensor(given["d_states"])).sum() + (want[1] * tensor(given["d_final"])).sum()
    ).backward()
    for a, b in zip(got, want, strict=True):
        agree(a, b)
    gradients = network.backprop(**given, direction=direction)
    for gradient, leaf in zip(gradients, leaves.values(), strict=True):
        agree(gradient, leaf.grad, 3e-5)


@pytest.mark.parametrize("name", ["exp", "tanh", "sigmoid"])
def test_functions_and_their_gradients_are_autograd_s(name):
    x, d_y = random_floats(2, 3, 70, scale=3), random_floats(2, 3, 70, seed=1)
    leaf = tensor(x, True)
    want, y = getattr(torch, name)(leaf), getattr(ops, name)(x)
    want.backward(tensor(d_y))
    agree(y, want, 2e-6)
    agree(getattr(ops, f"backprop_{name}")(d_y, y), leaf.grad, 2e-6)
