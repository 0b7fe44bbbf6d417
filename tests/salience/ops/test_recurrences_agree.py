"""The states of every recurrent network, and their gradients, are those of its reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .. import helpers
from . import promises
from .recurrences import (
    BLOCKS,
    DIRECTIONS,
    RELU,
    TANH,
    WIDTHS,
    anyway,
    backprop_example,
    each,
    example,
    zeros,
)

with_or_without = pytest.mark.parametrize("initial", [True, False])


def assert_states_agree(network, lengths, states=18, direction="forward", initial=True):
    arguments = example(network, lengths, states, direction, initial)
    absent, _ = zeros(network, lengths, states)
    named = {**network.choices, "direction": direction}
    promises.assert_agrees(network.op, network.judge, arguments, absent, **named)


def assert_gradients_agree(network, lengths, states=18, direction="forward", initial=True):
    arguments = backprop_example(network, lengths, states, direction, initial)
    _, absent = zeros(network, lengths, states)
    named = {**network.choices, "direction": direction}
    promises.assert_agrees(
        network.backprop, network.judge_gradients, arguments, absent, **named, tolerance=3e-5
    )  # fmt: skip


ways_to_agree = pytest.mark.parametrize(
    "assert_agrees", [assert_states_agree, assert_gradients_agree], ids=["states", "gradients"]
)


@ways_to_agree
@each
@anyway
@with_or_without
@pytest.mark.parametrize("lengths", [helpers.LENGTHS, BLOCKS, *helpers.EDGES])
def test_agrees_with_the_reference(assert_agrees, network, direction, initial, lengths):
    assert_agrees(network, lengths, 18, direction, initial)


@ways_to_agree
@each
@anyway
@with_or_without
@pytest.mark.parametrize("states", WIDTHS)
def test_agrees_at_every_width(assert_agrees, network, direction, initial, states):
    assert_agrees(network, [0, 1, 7, 0, 2], states, direction, initial)


@ways_to_agree
@each
@given(
    lengths=helpers.ragged,
    states=st.sampled_from([0, 2, 6, 34]),
    direction=st.sampled_from(DIRECTIONS),
    initial=st.booleans(),
)
def test_agrees_whatever_the_shape(assert_agrees, network, lengths, states, direction, initial):
    assert_agrees(network, lengths, states, direction, initial)


@ways_to_agree
@anyway
@pytest.mark.parametrize("network", [TANH, RELU], ids=["tanh", "relu"])
@pytest.mark.parametrize("documents", [31, 32, 33, 64, 65, 70])
def test_agrees_with_any_number_of_documents_abreast(assert_agrees, network, direction, documents):
    lengths = np.random.default_rng(documents).integers(0, 9, documents).tolist()
    assert_agrees(network, lengths, 6, direction)
