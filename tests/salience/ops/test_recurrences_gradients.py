"""What every recurrent network promises of its gradients."""

import numpy as np
import pytest

from salience.testing import random_floats

from .. import helpers
from . import promises
from .gradients import assert_gradients, weighted_sum
from .recurrences import BLOCKS, anyway, backprop_example, backprop_of, each, example, part_of


@helpers.runs_no_kernel
@each
@anyway
def test_is_the_slope_of_the_states_and_of_the_final_state(network, direction):
    lengths = [3, 0, 1, 5]
    arguments = promises.in_float64(example(network, lengths, 6, direction))
    arguments["inputs"] += 0.5 * np.sign(arguments["inputs"])  # away from the kink of relu
    named = {**network.choices, "direction": direction}
    d_outputs = random_floats(9, 6, seed=3), random_floats(4, 6, seed=4)

    def loss(**changed):
        return weighted_sum(network.judge(**changed, **named), d_outputs)

    given = backprop_of(network, arguments, network.judge(**arguments, **named)[0])
    given |= {"d_states": d_outputs[0], "d_final": d_outputs[1]}
    d_inputs, d_parameter, d_initial = network.judge_gradients(**given, **named)
    gradients = {"inputs": d_inputs, network.parameter: d_parameter, "initial": d_initial}
    assert_gradients(loss, arguments, gradients)


@each
def test_runs_forward_where_no_direction_is_given(network):
    arguments = backprop_example(network, [5, 3])
    forward = network.backprop(**arguments, **network.choices, direction="forward")
    assert helpers.same_bits(network.backprop(**arguments, **network.choices), forward)


@each
@anyway
def test_what_is_none_is_zeros(network, direction):
    arguments = backprop_example(network, [5, 0, 3], direction=direction, initial=False)
    named = {**network.choices, "direction": direction}
    nothing = np.zeros((3, 18), np.float32)
    want = network.backprop(**arguments, initial=nothing, d_final=nothing, **named)
    assert helpers.same_bits(network.backprop(**arguments, **named), want)


@each
@anyway
def test_a_document_of_no_tokens_hands_its_gradient_on(network, direction):
    arguments = backprop_example(network, [0, 0, 0], direction=direction)
    d_inputs, d_parameter, d_initial = network.backprop(
        **arguments, **network.choices, direction=direction
    )
    assert d_inputs.shape == (0, 18)
    assert d_parameter.shape == arguments[network.parameter].shape
    assert not d_parameter.any()
    assert helpers.same_bits(d_initial, arguments["d_final"])


@each
@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("cut", [0, 1, 31, 32, 33, 50, 69, 70])
def test_a_document_in_two_parts_has_the_gradients_of_the_whole(network, direction, cut):
    arguments = backprop_example(network, [70], direction=direction)
    named = {**network.choices, "direction": direction}
    ends = [(0, cut), (cut, 70)] if direction == "forward" else [(cut, 70), (0, cut)]
    early, late = (part_of(arguments, 0, slice(*own)) for own in ends)
    if len(early["states"]):
        late["initial"] = early["states"][-1:] if direction == "forward" else early["states"][:1]
    d_late, d_parameter_late, carried = network.backprop(**late, **named)
    d_early, d_parameter_early, d_initial = network.backprop(
        **{**early, "d_final": carried}, **named
    )
    d_inputs, d_parameter, want = network.backprop(**arguments, **named)
    whole = (d_early, d_late) if direction == "forward" else (d_late, d_early)
    assert helpers.same_bits((np.concatenate(whole), d_initial), (d_inputs, want))
    if not network.per_token:
        total = d_parameter_early + d_parameter_late
        np.testing.assert_allclose(total, d_parameter, rtol=1e-5, atol=1e-5)


@each
@anyway
@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(network, direction, form):
    arguments = backprop_example(network, [3, 0, 8], direction=direction)
    named = {**network.choices, "direction": direction}
    promises.assert_takes_any_form(network.backprop, form, arguments, **named)


@each
@anyway
@pytest.mark.parametrize("lengths", [helpers.LENGTHS, BLOCKS, [0, 3, 0]])
def test_writes_everything(network, direction, lengths):
    arguments = backprop_example(network, lengths, direction=direction)
    named = {**network.choices, "direction": direction}
    promises.assert_writes_everything(network.backprop, arguments, **named)
