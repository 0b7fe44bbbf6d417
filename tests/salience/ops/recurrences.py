"""The recurrent networks as one table, for what they promise in the same words."""

import importlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest

from salience import ops
from salience.testing import random_floats, random_starts


class Network(NamedTuple):
    name: str
    op: Callable
    backprop: Callable
    parameter: str
    """The name of its argument that is trained, beside the inputs."""
    draw: Callable
    """draw(rows, states, direction) gives such a parameter."""
    choices: dict
    keeps: tuple = ()
    """The arguments that backprop takes beside the states and the parameter."""

    @property
    def per_token(self):
        """Whether the parameter has a row for every token, like the inputs."""
        return self.parameter == "gate_logits"

    def judge(self, **arguments):
        """The reference, which takes every argument and one matrix for each way."""
        return self._reference.forward(**_by_way(arguments))

    def judge_gradients(self, **arguments):
        d_inputs, d_parameter, d_initial = self._reference.backprop(**_by_way(arguments))
        flat = np.ndim(arguments.get("weight")) == 2
        return d_inputs, d_parameter[0] if flat else d_parameter, d_initial

    @property
    def _reference(self):
        return importlib.import_module(f"{self.op.__module__}.reference")


def _by_way(arguments: dict[str, Any]):
    if np.ndim(arguments.get("weight")) == 2:
        return {**arguments, "weight": arguments["weight"][None]}
    return arguments


def _decay(rows, states, direction):
    return np.random.default_rng(1).uniform(0.05, 0.95, states).astype(np.float32)


def _weight(rows, states, direction):
    shape = (2, states // 2, states // 2) if direction == "both" else (states, states)
    return random_floats(*shape, seed=1, scale=0.5 / max(shape[-1], 1) ** 0.5)


def _gate_logits(rows, states, direction):
    return random_floats(rows, states, seed=1)


LINEAR = Network(
    "linear", ops.linear_recurrence, ops.backprop_linear_recurrence, "decay", _decay, {}
)  # fmt: skip
TANH, RELU = (
    Network(
        name, ops.tanh_recurrence, ops.backprop_tanh_recurrence, "weight", _weight,
        {"activation": name},
    )
    for name in ("tanh", "relu")
)  # fmt: skip
GATED = Network(
    "gated", ops.gated_recurrence, ops.backprop_gated_recurrence, "gate_logits", _gate_logits, {},
    ("inputs",),
)  # fmt: skip
NETWORKS = (LINEAR, TANH, RELU, GATED)

DIRECTIONS = ("forward", "backward", "both")

# Around the columns that are held in registers at once: 16, 32 and 128.
WIDTHS = (0, 2, 6, 16, 18, 34, 128, 130, 150, 258)

# Lengths around the rows and the documents that are done at a time.
BLOCKS = (31, 32, 33, 64, 65, 0, 96)

if numba.config.DISABLE_JIT:
    WIDTHS, BLOCKS = (0, 2, 6, 18), (32, 33, 0, 65)

each = pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
anyway = pytest.mark.parametrize("direction", DIRECTIONS)


def example(network, lengths, states=18, direction="forward", initial=True):
    """Arguments of the network's op."""
    rows = sum(lengths)
    arguments = {
        "inputs": random_floats(rows, states),
        network.parameter: network.draw(rows, states, direction),
        "starts": random_starts(lengths),
    }
    if initial:
        arguments["initial"] = random_floats(len(lengths), states, seed=2)
    return arguments


def backprop_of(network, arguments, states, direction="forward"):
    """Arguments of its backprop, after a forward pass that was given `arguments`."""
    kept = ("starts", "initial", network.parameter, *network.keeps)
    given = {name: value for name, value in arguments.items() if name in kept}
    given |= {"d_states": random_floats(*states.shape, seed=3), "states": states}
    if "initial" in arguments:
        given["d_final"] = random_floats(*arguments["initial"].shape, seed=4)
    return given


def backprop_example(network, lengths, states=18, direction="forward", initial=True):
    arguments = example(network, lengths, states, direction, initial)
    h, _ = network.op(**arguments, **network.choices, direction=direction)
    return backprop_of(network, arguments, h, direction)


def zeros(network, lengths, states):
    """What the reference is given for initial and d_final where the op is given none."""
    nothing = np.zeros((len(lengths), states))
    return {"initial": nothing}, {"initial": nothing, "d_final": nothing}


def part_of(arguments, b, tokens):
    """Arguments of these tokens of document b alone."""
    rows = dict.fromkeys(("inputs", "states", "d_states", "gate_logits"), tokens)
    rows |= dict.fromkeys(("initial", "d_final"), slice(b, b + 1))
    part = {name: value[rows.get(name, slice(None))] for name, value in arguments.items()}
    return {**part, "starts": np.array([0, tokens.stop - tokens.start])}


def documents_of(arguments):
    """The number and the tokens of every document, and its arguments alone."""
    for b, (first, last) in enumerate(pairwise(arguments["starts"])):
        tokens = slice(first, last)
        yield b, tokens, part_of(arguments, b, tokens)
