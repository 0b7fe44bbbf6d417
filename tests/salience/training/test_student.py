"""A student says what its Encoder will, and its gradients are the slopes."""

import numpy as np
import pytest

from salience.encoder.encoder import Encoder
from salience.layers.encoder import Lookup
from salience.model.parameters import in_format_2
from salience.ragged import select
from salience.testing import random_floats, random_starts, random_weights
from salience.training.student import Student
from salience.types import Ragged, Tokens

WEIGHTS = random_weights([f"word{i}" for i in range(20)], width=6, states=4, rank=3, buckets=9)
LENGTHS = [5, 0, 1, 12, 3]
EVERY_PART = [
    {}, {"recurrence": False}, {"attention": False}, {"recurrence": False, "attention": False},
]  # fmt: skip
each_part = pytest.mark.parametrize("parts", EVERY_PART, ids=str)


def batch(seed=0):
    """Words of one to three rows, most of which are there several times."""
    rng = np.random.default_rng(seed)
    starts = random_starts(rng.integers(1, 4, 8))
    bags = Ragged(rng.integers(0, 30, starts[-1]), starts)
    return Lookup(Tokens(bags), rng.integers(0, 8, sum(LENGTHS)), random_starts(LENGTHS))


@each_part
def test_says_what_its_encoder_says(parts):
    student, given = Student(WEIGHTS, **parts), batch()
    found, _ = student.forward(given)
    bags = select(given.tokens.words, given.places)
    expected = Encoder(student.weights()).encode(bags, given.starts)
    np.testing.assert_allclose(found.vectors, expected.vectors, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(found.documents, expected.documents, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(found.salience, expected.salience, rtol=2e-5, atol=2e-6)


def test_takes_over_the_weights_it_is_given():
    after = Student(WEIGHTS).weights()
    before = in_format_2(WEIGHTS)
    assert after.settings == before.settings
    assert set(after.tensors) == set(before.tensors)
    for name, array in before.tensors.items():
        np.testing.assert_allclose(after.tensors[name], array, rtol=1e-5, err_msg=name)


def slope(student, given, array, along, losses):
    """The central difference of the loss, of float32 numbers."""
    before, step = array.copy(), 2e-3
    values = []
    for way in (1, -1):
        array[...] = before + way * step * along
        values.append(losses(student.forward(given)[0]))
    array[...] = before
    return (values[0] - values[1]) / (2 * step)


@each_part
@pytest.mark.parametrize("of_tokens", [False, True])
def test_gradients_are_the_slopes(parts, of_tokens):
    student, given = Student(WEIGHTS, **parts), batch()
    d_documents = random_floats(len(LENGTHS), 6, seed=1)
    d_vectors = random_floats(sum(LENGTHS), 6, seed=2) if of_tokens else None

    def losses(encoded):
        total = np.vdot(encoded.documents.astype(np.float64), d_documents)
        return total + (np.vdot(encoded.vectors.astype(np.float64), d_vectors) if of_tokens else 0)

    _, backprop = student.forward(given)
    learnt = backprop(d_documents, d_vectors)
    words = student.words
    arrays = {**student.dense, "table": words.table.table, "logits": words.logits.table}
    gradients = dict(learnt.dense)
    for name, (named, rows) in learnt.rows.items():
        gradients[name] = np.zeros_like(arrays[name])
        gradients[name][named] = rows
    assert set(gradients) == set(arrays) - left_out(parts)
    for name, gradient in gradients.items():
        along = random_floats(*gradient.shape, seed=3)
        found = slope(student, given, arrays[name], along, losses)
        expected = np.vdot(gradient.astype(np.float64), along)
        assert found == pytest.approx(expected, rel=2e-2, abs=2e-3), name


def in_block(*names):
    return {f"blocks.0.{name}" for name in names}


def left_out(parts):
    """What does not learn."""
    recurrence = in_block("output_weight", "output_bias", "fusion_weight")
    attention = in_block("query", "key", "fusion_gate")
    shared = in_block("input_weight", "input_bias", "decay")
    without_recurrence, without_attention = "recurrence" in parts, "attention" in parts
    found = recurrence if without_recurrence else set()
    found = found | (attention if without_attention else set())
    return found | (shared if without_recurrence and without_attention else set())


@each_part
def test_a_part_that_is_left_out_adds_nothing(parts):
    dense = Student(WEIGHTS, **parts).dense
    assert dense["blocks.0.fusion_weight"].any() == ("recurrence" not in parts)
    assert dense["blocks.0.fusion_gate"].any() == ("attention" not in parts)
