"""What an encoder sees of tokens: blanks are left out, repeated signs are seen once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.model.units import BLANK, FLAG, JOINER, SIGN, WORD, kind_of, units_of
from salience.types import Ragged, starts_of

DOCUMENTS = st.lists(st.lists(st.sampled_from("ab=-|_^ "), max_size=12), max_size=5)


def read(*documents):
    """The units of documents, each a list of tokens; "^" is a joiner, "_" a letter of a flag."""
    tokens = [token for document in documents for token in document]
    kinds = [{" ": BLANK, "^": JOINER, "_": FLAG}.get(t, kind_of(t)) for t in tokens]
    keys = np.array([sum(map(ord, token)) for token in tokens], dtype=np.uint64)
    bags = Ragged(np.arange(len(tokens)), np.arange(len(tokens) + 1))
    starts = starts_of([len(document) for document in documents])
    return units_of(bags, np.array(kinds, dtype=np.int8), keys, starts)


def seen(units):
    return [list(bag) for bag in np.split(units.bags.data, units.bags.starts[1:-1])]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("word", WORD),
        ("7", WORD),
        ("=", SIGN),
        ("...", SIGN),
        ("\U0001f600", SIGN),
        ("\u2122", SIGN),
        ("1\ufe0f\u20e3", SIGN),
        ("\U0001f1e9", FLAG),
        ("\n\n", BLANK),
        ("\u00a0", BLANK),
        ("\ufe0f", BLANK),
        ("\U0001f3fd", BLANK),
        ("\u3164", BLANK),
        ("\u200b", BLANK),
        ("\u200d", JOINER),
    ],
)
def test_kinds_of_tokens(word, kind):
    assert kind_of(word) == kind


def test_where_every_token_is_seen_there_are_no_units():
    assert read("ab-a=b", [], "ba") is None
    assert read() is None


def test_letters_of_flags_are_units_of_two():
    units = read("____")
    assert units.places.tolist() == [0, 0, 0, 0]  # the second flag is the first one again
    assert seen(units) == [[0, 1]]
    assert seen(read("___")) == [[0, 1], [2]]


def test_blanks_are_left_out():
    units = read("a b", "  ", "a")
    assert units.places.tolist() == [0, -1, 1, -1, -1, 2]
    assert units.shares.tolist() == [1, 0, 1, 0, 0, 1]
    assert units.starts.tolist() == [0, 2, 2, 3]
    assert seen(units) == [[0], [2], [5]]


def test_of_a_run_of_equal_tokens_the_first_is_seen():
    units = read("aaab===a")
    assert units.places.tolist() == [0, 0, 0, 1, 2, 2, 2, 3]
    assert units.shares == pytest.approx([1 / 3] * 3 + [1] + [1 / 3] * 3 + [1])


def test_equal_signs_among_signs_are_seen_once():
    units = read("a=-=-=b=")
    assert units.places.tolist() == [0, 1, 2, 1, 2, 1, 3, 4]


def test_a_run_goes_on_over_blanks_and_ends_with_the_document():
    assert read("= =\u00a0=".replace("\u00a0", " "), "=").places.tolist() == [0, -1, 0, -1, 0, 1]


def test_signs_with_a_joiner_between_them_are_one_unit():
    units = read(["a", "=", "^", "-", "^", "|", "b"])
    assert units.places.tolist() == [0, 1, -1, 1, -1, 1, 2]
    assert seen(units) == [[0], [1, 3, 5], [6]]


def test_the_same_sequence_again_is_seen_once_and_another_apart():
    family, couple = ["=", "^", "-"], ["=", "^", "|"]
    units = read([*family, *family, *couple])
    assert units.places.tolist() == [0, -1, 0, 0, -1, 0, 1, -1, 1]
    assert seen(units) == [[0, 2], [6, 8]]


def test_the_two_letters_of_a_flag_are_one_unit():
    units = read("__a")
    assert units.places.tolist() == [0, 0, 1]
    assert seen(units) == [[0, 1], [2]]


@given(documents=DOCUMENTS)
def test_a_unit_is_of_one_document_and_its_shares_are_one_whole(documents):
    units = read(*documents)
    if units is None:
        return
    tokens = units.places >= 0
    numbers = np.unique(units.places[tokens])
    assert np.array_equal(numbers, np.arange(units.starts[-1]))
    sums = np.bincount(units.places[tokens], units.shares[tokens])
    np.testing.assert_allclose(sums, 1, rtol=1e-6)
    for number, (first, last) in enumerate(zip(units.tokens, units.tokens[1:], strict=False)):
        inside = units.places[first:last]
        inside = inside[inside >= 0]
        assert (inside >= units.starts[number]).all()
        assert (inside < units.starts[number + 1]).all()
        places = np.arange(last - first)[units.places[first:last] >= 0]
        assert (inside - units.starts[number] <= places).all()  # so rows can be moved in place
