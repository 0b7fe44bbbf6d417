"""What every recurrent network promises of its states."""

import numpy as np
import pytest

from .. import helpers
from . import promises
from .recurrences import BLOCKS, anyway, each, example, part_of


@each
def test_runs_forward_where_no_direction_is_given(network):
    arguments = example(network, [5, 3])
    forward = network.op(**arguments, **network.choices, direction="forward")
    assert helpers.same_bits(network.op(**arguments, **network.choices), forward)


@each
@anyway
def test_an_initial_state_of_none_is_zeros(network, direction):
    arguments = example(network, [5, 0, 3], direction=direction, initial=False)
    named = {**network.choices, "direction": direction}
    nothing = np.zeros((3, 18), np.float32)
    want = network.op(**arguments, initial=nothing, **named)
    assert helpers.same_bits(network.op(**arguments, **named), want)


@each
@anyway
def test_the_final_state_is_the_one_visited_last(network, direction):
    arguments = example(network, helpers.LENGTHS, direction=direction)
    states, final = network.op(**arguments, **network.choices, direction=direction)
    forward = {"forward": 18, "backward": 0, "both": 9}[direction]
    for b, length in enumerate(helpers.LENGTHS):
        first, last = arguments["starts"][b : b + 2]
        want = arguments["initial"][b]
        if length:
            want = np.concatenate([states[last - 1, :forward], states[first, forward:]])
        assert helpers.same_bits(final[b], want)


@each
@anyway
def test_a_document_of_no_tokens_ends_where_it_began(network, direction):
    arguments = example(network, [0, 0, 0], direction=direction)
    states, final = network.op(**arguments, **network.choices, direction=direction)
    assert states.shape == (0, 18)
    assert helpers.same_bits(final, arguments["initial"])


@each
@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("cut", [0, 1, 31, 32, 33, 50, 69, 70])
def test_a_document_in_two_parts_has_the_bits_of_the_whole(network, direction, cut):
    arguments = example(network, [70], direction=direction)
    named = {**network.choices, "direction": direction}
    parts = [part_of(arguments, 0, slice(*ends)) for ends in ((0, cut), (cut, 70))]
    order = (0, 1) if direction == "forward" else (1, 0)
    final, pieces = arguments["initial"], [None, None]
    for place in order:
        pieces[place], final = network.op(**{**parts[place], "initial": final}, **named)
    got = np.concatenate(pieces), final
    assert helpers.same_bits(got, network.op(**arguments, **named))


@each
def test_backward_is_forward_in_the_mirror(network):
    arguments = example(network, [9])
    mirrored = {
        **arguments,
        **{name: arguments[name][::-1] for name in ("inputs", "gate_logits") if name in arguments},
    }
    states, final = network.op(**arguments, **network.choices, direction="backward")
    want, want_final = network.op(**mirrored, **network.choices, direction="forward")
    assert helpers.same_bits((states[::-1], final), (want, want_final))


@each
@anyway
@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(network, direction, form):
    arguments = example(network, [3, 0, 8], direction=direction)
    named = {**network.choices, "direction": direction}
    promises.assert_takes_any_form(network.op, form, arguments, **named)


@each
@anyway
@pytest.mark.parametrize("lengths", [helpers.LENGTHS, BLOCKS, [0, 3, 0]])
def test_writes_everything(network, direction, lengths):
    arguments = example(network, lengths, direction=direction)
    named = {**network.choices, "direction": direction}
    promises.assert_writes_everything(network.op, arguments, **named)
