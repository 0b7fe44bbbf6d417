import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

import salience
from salience.encoder.encoder import Encoder
from salience.encoder.parts import CHUNK
from salience.model.weights import Weights
from salience.testing import random_floats, random_starts, random_weights
from salience.types import Ragged

from .. import helpers
from ..models import ENCODER, WEIGHTS, by_reference, random_bags

# Documents on both sides of a chunk's end, and one that is more than a chunk.
LENGTHS = helpers.LENGTHS if helpers.numba.config.DISABLE_JIT else (*helpers.LENGTHS, CHUNK + 300)


def part(bags, starts, document):
    """The bags of one document."""
    first, last = bags.starts[starts[document]], bags.starts[starts[document + 1]]
    own = bags.starts[starts[document] : starts[document + 1] + 1] - first
    return Ragged(bags.data[first:last], own)


def alone(encoder, bags):
    return encoder.encode(bags, np.array([0, len(bags.starts) - 1]))


@pytest.mark.parametrize("lengths", [LENGTHS, [], [0], [0, 0], [0, 5, 0]])
def test_agrees_with_the_references(lengths):
    bags, starts = random_bags(sum(lengths)), random_starts(lengths)
    got, want = ENCODER.encode(bags, starts), by_reference(WEIGHTS, bags, starts)
    for a, b in zip(got, want, strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, rtol=3e-5, atol=3e-5)


def test_an_empty_document_is_zeros_and_the_others_sum_to_1():
    starts = random_starts(LENGTHS)
    encoded = ENCODER.encode(random_bags(starts[-1]), starts)
    for b, (first, last) in enumerate(pairwise(starts)):
        assert encoded.documents[b].any() == (last > first)
        for scores in (encoded.salience, encoded.received):
            assert scores[first:last].sum() == pytest.approx(float(last > first), abs=1e-5)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_document_alone_has_the_bits_it_has_in_any_batch(fresh_threads, count, seed):
    lengths = np.random.default_rng(seed).permutation(LENGTHS)
    starts = random_starts(lengths)
    bags = random_bags(starts[-1])
    salience.set_num_threads(count)
    batch = ENCODER.encode(bags, starts)
    salience.set_num_threads(1)
    for b, (first, last) in enumerate(pairwise(starts)):
        own = [array[first:last] for array in batch[:3]]
        got = alone(ENCODER, part(bags, starts, b))
        assert helpers.same_bits(tuple(got), (*own, batch.documents[b : b + 1]))


def test_many_callers_at_once_get_the_same_bits(fresh_threads):
    salience.set_num_threads(2)
    lengths = [30, 0, 400, 5] * (1 if helpers.numba.config.DISABLE_JIT else 8)
    bags, starts = random_bags(sum(lengths)), random_starts(lengths)
    want = ENCODER.encode(bags, starts)
    fresh = Encoder(WEIGHTS)  # whose folded table the callers make together
    with ThreadPoolExecutor(8) as callers:
        results = callers.map(lambda _: fresh.encode(bags, starts), range(16))
        assert all(helpers.same_bits(tuple(got), tuple(want)) for got in results)


def test_pieces_are_whole_documents_of_about_a_chunk():
    starts = random_starts([CHUNK // 2, CHUNK // 2, 1, 0, CHUNK + 1, 0, 3])
    bags = Ragged(np.zeros(starts[-1], dtype=np.int64), np.arange(starts[-1] + 1))
    narrow = random_weights(["a"], width=2, states=2, heads=1, rank=1, window=0)
    pieces = Encoder(narrow).encode_chunks(bags, starts)
    assert [len(piece.vectors) for piece in pieces] == [CHUNK, 1, CHUNK + 1, 3]
    assert sum(len(piece.documents) for piece in pieces) == 7


def test_takes_arrays_that_may_not_be_written():
    starts = random_starts([3, 0, 20])
    bags = random_bags(23)
    want = ENCODER.encode(bags, starts)
    for array in (*bags, starts):
        array.setflags(write=False)
    assert helpers.same_bits(tuple(ENCODER.encode(bags, starts)), tuple(want))


@pytest.mark.parametrize("lengths", [[3, 0, 20], [500, 0, 400]])
def test_writes_everything(lengths):
    starts = random_starts(lengths)
    bags = random_bags(sum(lengths))
    want = ENCODER.encode(bags, starts)
    with helpers.nan_filled_empty():
        # Another encoder, as this one's memory holds the numbers that are wanted.
        got = Encoder(ENCODER.weights).encode(bags, starts)
    assert helpers.same_bits(tuple(got), tuple(want))


@pytest.mark.parametrize("tokens", [20, 1000, 3000])
def test_results_stay_while_the_encoder_goes_on(tokens):
    starts = random_starts([tokens])
    chunks = ENCODER.encode_chunks(random_bags(tokens), starts)
    kept, last = chunks[0].vectors.copy(), chunks[0].vectors[-1:]
    del chunks
    for seed in range(3):
        ENCODER.encode_chunks(random_bags(tokens, seed=seed + 1), starts)
    assert np.array_equal(last, kept[-1:])


def test_comes_back_from_a_pickle():
    bags = random_bags(20)
    restored = pickle.loads(pickle.dumps(ENCODER))
    assert helpers.same_bits(tuple(alone(restored, bags)), tuple(alone(ENCODER, bags)))


@pytest.mark.parametrize("rows", [None, (0, 0), (3, 9)])
def test_attention_explains_what_a_token_receives(rows):
    bags = random_bags(20)
    whole = ENCODER.attention(bags)
    np.testing.assert_allclose(whole.sum(axis=2), 1, atol=1e-5)
    np.testing.assert_allclose(whole.mean(axis=(0, 1)), alone(ENCODER, bags).received, atol=1e-6)
    assert helpers.same_bits(ENCODER.attention(bags, rows), whole[:, slice(*(rows or (0, 20)))])


def test_a_table_may_be_stored_in_int8_or_float16():
    rows = np.random.default_rng(0).integers(-127, 128, (91, 16)).astype(np.int8)
    scale = np.abs(random_floats(91)) / 127
    bags = random_bags(20)
    exact = Weights({**WEIGHTS.tensors, "table": rows * scale[:, None]}, WEIGHTS.settings)
    int8 = {**WEIGHTS.tensors, "table": rows, "table_scale": scale}
    got = alone(Encoder(Weights(int8, WEIGHTS.settings)), bags)
    assert helpers.same_bits(tuple(got), tuple(alone(Encoder(exact), bags)))
    half = {name: array.astype(np.float16) for name, array in WEIGHTS.tensors.items()
            if array.dtype == np.float32}  # fmt: skip
    narrowed = Encoder(Weights({**WEIGHTS.tensors, **half}, WEIGHTS.settings))
    got, want = alone(narrowed, bags), alone(ENCODER, bags)
    np.testing.assert_allclose(got.vectors, want.vectors, atol=0.01)


def test_the_whole_table_is_folded_once_many_rows_were_looked_up(monkeypatch):
    encoder, bags, starts = Encoder(WEIGHTS), random_bags(7), random_starts([4, 3])
    monkeypatch.setattr(salience.encoder.encoder, "FEW", len(bags.data))
    few = encoder.encode(bags, starts)
    assert "_tables" not in encoder.__dict__
    many = encoder.encode(bags, starts)
    assert "_tables" in encoder.__dict__
    assert helpers.same_bits(helpers.parts(tuple(few)), helpers.parts(tuple(many)))
