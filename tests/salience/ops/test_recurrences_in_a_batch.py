"""Neither the other documents nor the threads show in a recurrent network's results."""

import numpy as np
import pytest

from salience import threads
from salience.testing import ragged_lengths

from .. import helpers
from . import promises
from .recurrences import NETWORKS, anyway, backprop_example, documents_of, each, example

LONGEST, STATES = (3, 18) if helpers.numba.config.DISABLE_JIT else (8, 34)
ABREAST = np.random.default_rng(0).integers(0, LONGEST + 1, 70).tolist()
batches = pytest.mark.parametrize("lengths", [helpers.LENGTHS, ABREAST], ids=["ragged", "abreast"])


@helpers.needs_kernels
@each
@anyway
@batches
@pytest.mark.parametrize("states", [18, 34])
def test_a_document_alone_has_the_states_it_has_among_others(network, direction, lengths, states):
    arguments = example(network, lengths, states, direction)
    named = {**network.choices, "direction": direction}
    h, final = network.op(**arguments, **named)
    for b, tokens, own in documents_of(arguments):
        assert helpers.same_bits(network.op(**own, **named), (h[tokens], final[b : b + 1]))


@helpers.needs_kernels
@each
@anyway
@batches
@pytest.mark.parametrize("states", [18, 34])
def test_a_document_alone_has_the_gradients_it_has_among_others(
    network, direction, lengths, states
):
    arguments = backprop_example(network, lengths, states, direction)
    named = {**network.choices, "direction": direction}
    d_inputs, d_parameter, d_initial = network.backprop(**arguments, **named)
    for b, tokens, own in documents_of(arguments):
        d_own, d_own_parameter, d_own_initial = network.backprop(**own, **named)
        assert helpers.same_bits((d_own, d_own_initial), (d_inputs[tokens], d_initial[b : b + 1]))
        if network.per_token:
            assert helpers.same_bits(d_own_parameter, d_parameter[tokens])


@each
@anyway
@pytest.mark.parametrize("ill", [0, 31, 69])
def test_nan_in_one_document_stays_in_it(network, direction, ill):
    lengths = [*ABREAST[:ill], 3, *ABREAST[ill + 1 :]]
    own = np.repeat(np.arange(70) == ill, lengths)
    named = {**network.choices, "direction": direction}
    for op, name, arguments in (
        (network.op, "inputs", example(network, lengths, STATES, direction)),
        (network.backprop, "d_states", backprop_example(network, lengths, STATES, direction)),
    ):
        want = op(**arguments, **named)
        arguments[name][own] = np.nan
        got = op(**arguments, **named)
        # By token and by document; between them is the gradient of the parameter.
        assert helpers.same_bits(got[0][~own], want[0][~own])
        assert helpers.same_bits(np.delete(got[-1], ill, axis=0), np.delete(want[-1], ill, axis=0))
        assert np.isnan(got[0][own]).all()


@pytest.fixture
def small_runs(monkeypatch):
    """A small batch makes several runs."""
    monkeypatch.setattr(threads, "RUN", 8)


@each
@anyway
@pytest.mark.usefixtures("small_runs")
def test_agrees_with_the_reference_in_several_runs(network, direction):
    arguments = example(network, ABREAST, 6, direction)
    assert len(threads.runs(arguments["starts"])) > 10
    named = {**network.choices, "direction": direction}
    promises.assert_agrees(network.op, network.judge, arguments, **named)
    arguments = backprop_example(network, ABREAST, 6, direction)
    promises.assert_agrees(
        network.backprop, network.judge_gradients, arguments, **named, tolerance=3e-5
    )


@each
@anyway
@pytest.mark.usefixtures("fresh_threads", "small_runs")
def test_a_small_batch_has_the_same_bits_on_any_number_of_threads(network, direction):
    assert_same_on_any_number_of_threads(network, ABREAST, 6, direction)


@helpers.needs_speed
@each
@anyway
@pytest.mark.usefixtures("fresh_threads")
@pytest.mark.parametrize(
    "lengths",
    [ragged_lengths(300), [0, 7000, 0, 1], [1] * 7000],
    ids=["ragged", "one huge", "many tiny"],
)
def test_has_the_same_bits_on_any_number_of_threads(network, direction, lengths):
    assert sum(lengths) > 3 * threads.RUN
    assert_same_on_any_number_of_threads(network, lengths, 18, direction)


def assert_same_on_any_number_of_threads(network, lengths, states, direction):
    named = {**network.choices, "direction": direction}
    for op, arguments in (
        (network.op, example(network, lengths, states, direction)),
        (network.backprop, backprop_example(network, lengths, states, direction)),
    ):
        promises.assert_same_on_any_number_of_threads(op, arguments, **named)


@helpers.needs_speed
@pytest.mark.usefixtures("fresh_threads")
@pytest.mark.parametrize("network", [n for n in NETWORKS if not n.per_token], ids=lambda n: n.name)
def test_a_parameter_s_gradient_is_the_sum_over_the_runs(network):
    arguments = backprop_example(network, ragged_lengths(300), 6)
    _, got, _ = network.backprop(**arguments, **network.choices)
    _, want, _ = network.judge_gradients(
        **promises.in_float64(arguments), **network.choices, direction="forward"
    )
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-3)
