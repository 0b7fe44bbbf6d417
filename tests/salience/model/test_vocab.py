import dataclasses
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.model.forms import is_blank
from salience.model.vocab import BLANK_ROW, LONGEST_WORD, Vocabulary

WORDS = ["the", "cat", "naïve", "Don't"]
VOCABULARY = Vocabulary(WORDS, buckets=50)
BLANKS = ["", " ", "\n\t", "\0", "\u200f", "\u00a0", "\u200b", "\ufeff", "\x7f"]
ANY = st.text(st.characters(), max_size=80)


def test_its_length_is_one_row_for_blanks_one_a_word_and_the_buckets():
    assert len(VOCABULARY) == 1 + 4 + 50
    assert len(Vocabulary([], 0)) == 1


@pytest.mark.parametrize("word", WORDS)
def test_a_known_word_has_its_own_row(word):
    bag = VOCABULARY.bag(word)
    assert bag.tolist() == [1 + WORDS.index(word)]
    assert bag.dtype == np.int64


@pytest.mark.parametrize("word", BLANKS)
def test_a_word_with_nothing_to_see_has_the_row_of_blanks(word):
    assert is_blank(word)
    assert VOCABULARY.bag(word).tolist() == [BLANK_ROW]


@pytest.mark.parametrize(
    "word", ["a", ".", "🙂", "\ue000", "\U0001fae9", "👩‍👩‍👧", "\u0301", "a\u200f", "中", "-", "€"]
)
def test_a_word_with_something_to_see_is_not_blank(word):
    assert not is_blank(word)
    assert (VOCABULARY.bag(word) > len(WORDS)).all()


def test_a_known_word_may_be_blank():
    assert Vocabulary([" "], buckets=5).bag(" ").tolist() == [1]


def test_an_unknown_word_has_the_rows_of_its_ngrams():
    # The CRC-32 of "<ab", "ab>" and "<ab>", worked out bit by bit, is
    # 225091444, 553544843 and 1141255580; rows of n-grams begin at 5.
    assert VOCABULARY.bag("ab").tolist() == [5 + 44, 5 + 43, 5 + 30]
    grams = ["<do", "dog", "og>", "<dog", "dog>", "<dog>"]
    want = [5 + zlib.crc32(gram.encode()) % 50 for gram in grams]
    assert VOCABULARY.ngram_rows("dog").tolist() == want


def test_ngrams_are_of_characters_not_of_bytes():
    assert VOCABULARY.ngram_rows("é").tolist() == [5 + zlib.crc32("<é>".encode()) % 50]


def test_a_known_word_has_ngram_rows_too():
    assert (VOCABULARY.ngram_rows("cat") > len(WORDS)).all()


@given(word=ANY)
def test_a_bag_is_never_empty_and_within_the_table(word):
    for vocabulary in (VOCABULARY, Vocabulary([], 1), Vocabulary(["a"], 0)):
        bag = vocabulary.bag(word)
        assert len(bag)
        assert bag.dtype == np.int64
        assert (bag >= 0).all()
        assert (bag < len(vocabulary)).all()


@pytest.mark.parametrize(("shortest", "longest"), [(4, 6), (6, 6), (1, 2)])
@pytest.mark.parametrize("word", ["a", "ab", "abcdefgh"])
def test_a_bag_is_never_empty_whatever_the_length_of_ngrams(shortest, longest, word):
    bag = Vocabulary(["the"], 50, shortest, longest).bag(word)
    assert len(bag)
    assert (bag > 1).all()


def test_without_buckets_an_unknown_word_has_the_row_of_blanks():
    assert Vocabulary(["the"], 0).bag("cat").tolist() == [BLANK_ROW]


def test_a_long_word_is_cut():
    cut = VOCABULARY.bag("x" * LONGEST_WORD)
    assert np.array_equal(VOCABULARY.bag("x" * 10_000), cut)
    assert len(VOCABULARY.bag("x" * 1_000_000)) < 3 * LONGEST_WORD


@pytest.mark.parametrize("word", ["\ud800", "a\udfffb", "\ud83d\ud83d"])
def test_a_lone_surrogate_is_a_character_like_any_other(word):
    bag = VOCABULARY.bag(word)
    assert len(bag)
    assert np.array_equal(bag, VOCABULARY.bag(word))


def test_a_vocabulary_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        VOCABULARY.buckets = 3


def normalised(words, buckets=50):
    return Vocabulary(words, buckets, reading="normalised")


@pytest.mark.parametrize(
    "word",
    [
        "cafe\u0301",
        "CAF\u00c9",
        "ca\u00adfe\u0301",
        "\ufeffcaf\u00e9",
        "/>caf\u00e9",
        "**caf\u00e9**",
    ],
)
def test_an_unknown_word_is_looked_up_by_its_normal_form(word):
    assert normalised(["caf\u00e9"]).bag(word).tolist() == [1]
    assert len(Vocabulary(["caf\u00e9"], 50).bag(word)) > 1  # as it is written


def test_known_words_are_looked_up_as_they_are_written():
    assert normalised(["o\ufb03ce", "office"]).bag("o\ufb03ce").tolist() == [1]


def test_the_parts_between_signs_have_their_rows():
    vocabulary = normalised(["read", "write"])
    assert vocabulary.bag("read/write").tolist() == [1, 2]
    other = vocabulary.bag("read/wrote").tolist()
    assert other == [1, *vocabulary.bag("wrote").tolist()]


def test_an_unknown_word_has_the_ngrams_of_its_form():
    vocabulary = normalised(["the"])
    assert vocabulary.bag("Zu\u0308rich").tolist() == vocabulary.bag("z\u00fcrich").tolist()
    assert vocabulary.bag("z\u00fcrich").tolist() == vocabulary.ngram_rows("z\u00fcrich").tolist()


@pytest.mark.parametrize("ruler", ["=-=-=", "==", "-=-", "-=\ufe0f"])
def test_an_unknown_sign_has_the_rows_of_its_characters_each_once(ruler):
    assert sorted(set(normalised(["=", "-"]).bag(ruler).tolist())) in ([1], [1, 2])
    assert len(normalised(["=", "-"]).bag(ruler)) == len(set(ruler) - {"\ufe0f"})


@pytest.mark.parametrize("character", ["\u2603", "\u0436", "\u2122"])
def test_a_bag_of_one_ngram_is_as_short_as_one_of_three(character):
    bag = normalised(["the"]).bag(character).tolist()
    assert len(bag) == 3
    assert bag[1:] == [BLANK_ROW, BLANK_ROW]


@pytest.mark.parametrize("word", ["\ufe0f", "\U0001f3fd", "\u3164", "\u2800", "\u200b"])
def test_what_cannot_be_seen_has_the_row_of_blanks(word):
    assert set(normalised(["the"]).bag(word).tolist()) == {BLANK_ROW}


@given(word=ANY)
def test_a_bag_by_normal_form_is_never_empty_and_within_the_table(word):
    for vocabulary in (normalised(WORDS), normalised([], 1), normalised(["a"], 0)):
        bag = vocabulary.bag(word)
        assert len(bag)
        assert bag.dtype == np.int64
        assert ((bag >= 0) & (bag < len(vocabulary))).all()


def test_rows_of_signs():
    assert Vocabulary(["the", "=", "7", "..."], 5).sign_rows.tolist() == [2, 4]


def test_a_word_behind_a_long_ruler_is_read():
    assert normalised(["hello"]).bag("=" * 70 + "hello").tolist() == [1]
    assert len(normalised(["a"]).bag("a/" * 10_000)) == LONGEST_WORD


@pytest.mark.parametrize(
    ("symbol", "letters"), [("\u338f", "kg"), ("\u24d7", "h"), ("\u33a1", "m2")]
)
def test_a_symbol_that_stands_for_letters_is_read_as_them(symbol, letters):
    assert normalised([letters]).bag(symbol).tolist() == [1]


def test_half_a_character_is_no_question_mark():
    assert VOCABULARY.ngram_rows("ab\ud800").tolist() != VOCABULARY.ngram_rows("ab?").tolist()
