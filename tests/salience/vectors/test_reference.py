"""The gradient of a step by finite differences, and the kernels by the reference."""

from dataclasses import replace

import numpy as np
import pytest

from salience.training.corpus import corpus_of
from salience.vectors import learner as module
from salience.vectors import reference

from ..helpers import needs_kernels
from .examples import SMALL, learner

EPS = 1e-6


@pytest.mark.parametrize("members", [1, 4], ids=["a word alone", "n-grams or CBOW"])
def test_a_step_goes_against_the_gradient(members):
    rng = np.random.default_rng(members)
    inputs, targets = rng.normal(size=(members, 5)), rng.normal(size=(4, 5))
    moved = reference.step(inputs, targets, rate=1.0)
    for which, times in ((0, members), (1, 1)):
        arrays = [inputs, targets]
        slopes = np.zeros_like(arrays[which])
        for place in np.ndindex(slopes.shape):
            sides = []
            for sign in (1, -1):
                shifted = [each.copy() for each in arrays]
                shifted[which][place] += sign * EPS
                sides.append(reference.loss(*shifted))
            slopes[place] = (sides[0] - sides[1]) / (2 * EPS)
        np.testing.assert_allclose(moved[which] - arrays[which], -times * slopes, atol=1e-7)


@needs_kernels
@pytest.mark.parametrize("skip_gram", [True, False])
@pytest.mark.parametrize("form", ["word2vec", "fasttext", "floret"])
def test_a_kernel_takes_the_reference_s_step(form, skip_gram):
    """Two words, with a third that is never near: steps whose negatives are known."""
    given = replace(
        SMALL, form=form, skip_gram=skip_gram, window=1, negatives=1, dimensions=37, buckets=997
    )
    ours = learner(given, corpus_of([["one", "two"]]))
    tables = ours.tables
    rng = np.random.default_rng(3)
    tables.rows[:], tables.outputs[:] = (
        rng.normal(size=each.shape, scale=0.4).astype(np.float32) for each in tables
    )
    # The alias table draws word 0 alone: against word 1 always, against itself never.
    ours._choices.thresholds[:], ours._choices.others[:] = 0, 0
    before = [each.astype(np.float64) for each in tables]
    rate = np.float64(np.float32(ours.rate(0, 0)))
    ours.learn(0, 0, 1)

    rows, outputs = before
    members = ours._members
    # In the direction of n-grams a word predicts its neighbour, else it is predicted by it.
    for word in (0, 1):
        predicts = skip_gram and form != "word2vec"
        of, target = (word, 1 - word) if predicts else (1 - word, word)
        numbers = members.numbers[members.starts[of] : members.starts[of + 1]]
        rivals = [target] + [0] * (given.negatives if target else 0)
        inputs, targets = reference.step(rows[numbers], outputs[rivals], rate)
        np.add.at(rows, numbers, inputs - rows[numbers])
        np.add.at(outputs, rivals, targets - outputs[rivals])
    np.testing.assert_allclose(tables.rows, rows, atol=2e-5)
    np.testing.assert_allclose(tables.outputs, outputs, atol=2e-5)


def test_slices_are_whole_sentences_and_long_ones_are_cut():
    starts = module._pieces(np.array([0, 3, 3, 28]), 10)
    assert starts.tolist() == [0, 3, 3, 13, 23, 28]
    slices = module._slices(starts, 9)
    assert (slices[0], slices[-1]) == (0, 5)
    assert (np.diff(slices) > 0).all()
