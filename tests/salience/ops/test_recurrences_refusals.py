"""What recurrent networks refuse, by the name of who refuses it."""

import importlib

import numpy as np
import pytest

from salience.errors import DtypeError, RangeError, ShapeError
from salience.testing import random_floats

from . import promises
from .recurrences import NETWORKS, RELU, TANH, anyway, backprop_example, backprop_of, each, example

UP = "direction must be one of forward, backward, both; got"
ODD = "the number of states, with direction='both', must be even, got 3"

CHANGES = [
    ({"starts": [0, 2]}, RangeError, "starts must begin with 0 and end with .* rows, 3; got 0 and"),
    ({"starts": [0, 2, 1, 3]}, RangeError, r"starts must never fall, but starts\[1\] = 2"),
    ({"starts": [0, 1.5, 3]}, DtypeError, "starts must hold whole numbers, got float64"),
    ({"initial": np.zeros((3, 18))}, ShapeError, r"initial .* \[2, 18\], got \[3, 18\]"),
    ({"initial": np.zeros(18)}, ShapeError, r"initial .* \[2, 18\], got \[18\]"),
    ({"initial": [[0] * 18] * 2}, DtypeError, "initial must hold floating-point numbers, got int"),
    ({"direction": "up"}, RangeError, f"{UP} 'up'"),
    ({"direction": None}, RangeError, f"{UP} None"),
]
BACKPROP_CHANGES = [
    ({"d_final": np.zeros((3, 18))}, ShapeError, r"d_final .* \[2, 18\], got \[3, 18\]"),
    ({"d_final": [[0] * 18] * 2}, DtypeError, "d_final must hold floating-point numbers, got int"),
    ({"d_states": np.zeros((2, 18))}, ShapeError, r"d_states .* \[3, 18\], got \[2, 18\]"),
    ({"d_states": np.zeros((3, 17))}, ShapeError, r"d_states .* \[3, 18\], got \[3, 17\]"),
]


@pytest.fixture(params=NETWORKS, ids=lambda network: network.name)
def network(request, monkeypatch):
    """A network that must not get as far as to compute anything."""
    cpu = importlib.import_module(f"{request.param.op.__module__}.cpu")
    arguments = example(request.param, [2, 1]), backprop_example(request.param, [2, 1])

    def compute(*given):
        pytest.fail("was computed before it was refused")

    monkeypatch.setattr(cpu, "forward", compute)
    monkeypatch.setattr(cpu, "backprop", compute)
    return request.param, *arguments


@pytest.mark.parametrize(("change", "error", "text"), CHANGES)
def test_refuses_what_does_not_fit(network, change, error, text):
    which, arguments, _ = network
    with pytest.raises(error, match=f"^{which.op.__name__}: {text}"):
        which.op(**{**arguments, **which.choices, **change})


@pytest.mark.parametrize(("change", "error", "text"), CHANGES + BACKPROP_CHANGES)
def test_backprop_refuses_what_does_not_fit(network, change, error, text):
    which, _, arguments = network
    with pytest.raises(error, match=f"^{which.backprop.__name__}: {text}"):
        which.backprop(**{**arguments, **which.choices, **change})


def test_both_directions_need_an_even_number_of_states(network):
    which, _, _ = network
    arguments = example(which, [2], states=3)
    with pytest.raises(ShapeError, match=f"^{which.op.__name__}: {ODD}"):
        which.op(**arguments, **which.choices, direction="both")
    given = backprop_of(which, arguments, random_floats(2, 3))
    with pytest.raises(ShapeError, match=f"^{which.backprop.__name__}: {ODD}"):
        which.backprop(**given, **which.choices, direction="both")


@each
@anyway
def test_refuses_bad_arrays(network, direction):
    named = {**network.choices, "direction": direction}
    arguments = example(network, [2, 1], direction=direction)
    promises.assert_refuses_bad_arrays(network.op, arguments, **named)


@each
@anyway
def test_backprop_refuses_bad_arrays(network, direction):
    named = {**network.choices, "direction": direction}
    arguments = backprop_example(network, [2, 1], direction=direction)
    promises.assert_refuses_bad_arrays(network.backprop, arguments, **named)


@pytest.mark.parametrize("activation", ["sigmoid", "Tanh", None])
def test_refuses_an_unknown_activation(activation):
    text = f"activation must be one of tanh, relu; got {activation!r}"
    with pytest.raises(RangeError, match=f"^tanh_recurrence: {text}"):
        TANH.op(**example(TANH, [2, 1]), activation=activation)
    with pytest.raises(RangeError, match=f"^backprop_tanh_recurrence: {text}"):
        RELU.backprop(**backprop_example(RELU, [2, 1]), activation=activation)
