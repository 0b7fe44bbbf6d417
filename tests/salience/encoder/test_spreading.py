"""Results of units become those of tokens."""

import numpy as np
import pytest

from salience.encoder.encoder import Encoder
from salience.encoder.parts import CHUNK
from salience.errors import RangeError
from salience.model.units import kind_of, units_of
from salience.testing import random_weights
from salience.types import Ragged, starts_of

WORDS = [f"word{i}" for i in range(20)]
ENCODER = Encoder(random_weights(WORDS, width=6, states=4, rank=3, buckets=9, window=3))
TOKENS = {" ": 0, "a": 1, "b": 2, "=": 3, "-": 4}


def given(*texts):
    """The bags and starts of texts, and the units that are seen of them."""
    tokens = [token for text in texts for token in text]
    bags = Ragged(np.array([TOKENS[t] for t in tokens]), np.arange(len(tokens) + 1))
    kinds = np.array([kind_of(token) for token in tokens], dtype=np.int8)
    keys = np.array([ord(token) for token in tokens], dtype=np.uint64)
    return units_of(bags, kinds, keys, starts_of([len(text) for text in texts]))


def encoded(*texts):
    units = given(*texts)
    return units, ENCODER.encode_chunks(units.bags, units.starts, units=units)


@pytest.mark.parametrize(
    "texts", [("a b==", "", " ", "ab- -a"), ("a " * 4000,), (" " * 3000, "a ")]
)
def test_tokens_have_what_their_unit_has(texts):
    units, pieces = encoded(*texts)
    plain = ENCODER.encode(units.bags, units.starts)
    vectors = np.concatenate([piece.vectors for piece in pieces])
    salience = np.concatenate([piece.salience for piece in pieces])
    seen = units.places >= 0
    assert len(vectors) == len(salience) == sum(map(len, texts))
    np.testing.assert_array_equal(vectors[seen], plain.vectors[units.places[seen]])
    assert not vectors[~seen].any()
    assert not salience[~seen].any()
    np.testing.assert_array_equal(np.concatenate([p.documents for p in pieces]), plain.documents)


def test_a_document_of_blanks_is_the_zero_vector():
    _, pieces = encoded("  ", "a ")
    documents = np.concatenate([piece.documents for piece in pieces])
    assert not documents[0].any()
    assert documents[1].any()


def test_salience_and_received_attention_sum_to_1():
    _, ((_, salience, received, _),) = encoded("a b====-=-= a")
    assert salience.sum() == pytest.approx(1, abs=1e-6)
    assert received.sum() == pytest.approx(1, abs=1e-6)


def test_the_vectors_are_the_salience_weighted_sum_that_the_document_is():
    _, ((vectors, salience, _, documents),) = encoded("a b====-=-= a")
    np.testing.assert_allclose(salience @ vectors, documents[0], rtol=1e-4, atol=1e-5)


def test_attention_of_tokens():
    text = "a b== a"
    units = given(text)
    whole = ENCODER.attention(units.bags, units=units)
    assert whole.shape == (ENCODER.heads, len(text), len(text))
    np.testing.assert_allclose(whole.sum(-1), [[1, 0, 1, 1, 1, 0, 1]] * len(whole), atol=1e-6)
    assert not whole[:, :, 1].any()
    np.testing.assert_array_equal(whole[:, :, 3], whole[:, :, 4])
    np.testing.assert_array_equal(ENCODER.attention(units.bags, (2, 5), units=units), whole[:, 2:5])
    assert ENCODER.attention(units.bags, (1, 2), units=units).shape == (ENCODER.heads, 1, len(text))
    assert not ENCODER.attention(units.bags, (1, 2), units=units).any()


@pytest.mark.parametrize("rows", [(0, 99), (-1, 2), (2, 1)])
def test_rows_of_attention_are_those_of_tokens(rows):
    units = given("a b== a")
    with pytest.raises(RangeError, match="rows"):
        ENCODER.attention(units.bags, rows, units=units)


def test_a_piece_is_cut_by_tokens_and_not_by_what_is_seen_of_them():
    _, pieces = encoded(*["a" * 900] * 5, "ab")
    assert max(len(piece.vectors) for piece in pieces) <= CHUNK


def test_results_of_blanks_share_no_memory():
    _, ((vectors, salience, received, _),) = encoded("  ")
    assert not np.shares_memory(salience, received)
    assert not np.shares_memory(vectors, salience)
