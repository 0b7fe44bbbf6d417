from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.model.compositions import Compositions
from salience.model.vocab import Vocabulary
from salience.types import Ragged, starts_of

WORDS = ["的", "北", "京", "大", "学", "生", "活", "命", "北京", "大学", "大学生", "学生", "生活",
         "生命", "北京大学", "五个字的词", "未知", "python", ",", "a"]  # fmt: skip
VOCABULARY = Vocabulary(WORDS, 8, reading="composed", spellings={"學": "学"})
ROWS = {word: row for row, word in enumerate(WORDS, start=1)}


def read(*documents, vocabulary=VOCABULARY):
    """The words of each token of documents, each a list of tokens."""
    bags = [vocabulary.bag(token) for document in documents for token in document]
    data = np.concatenate([np.zeros(0, np.int64), *bags])
    given = Ragged(data, starts_of([len(bag) for bag in bags]))
    found = Compositions(vocabulary)(given, starts_of(list(map(len, documents))))
    names = ["", *vocabulary.words, *["#"] * vocabulary.buckets]
    rows = [found.data[a:b] for a, b in pairwise(found.starts)]
    return [[names[row] for row in bag] for bag in rows]


def slowly(text):
    """The longest known word around each character, the earlier of two."""
    known = [word for word in WORDS if 2 <= len(word) <= 4 and ROWS.keys() >= set(word)]
    found = []
    for place, character in enumerate(text):
        best = ""
        for first in range(len(text)):
            for word in known:
                inside = first <= place < first + len(word)
                if inside and text.startswith(word, first) and len(word) > len(best):
                    best = word
        found.append([character, best] if best else [character])
    return found


def test_a_character_has_the_longest_known_word_it_is_in():
    assert read(list("北京大学的")) == [
        ["北", "北京大学"], ["京", "北京大学"], ["大", "北京大学"], ["学", "北京大学"], ["的"]
    ]  # fmt: skip
    assert read(list("大学生活命")) == [
        ["大", "大学生"], ["学", "大学生"], ["生", "大学生"], ["活", "生活"], ["命"]
    ]  # fmt: skip


@given(st.text("的北京大学生活命", max_size=12))
def test_words_are_those_that_a_search_finds(text):
    if text:
        assert read(list(text)) == slowly(text)


@given(st.text("北京大学生活", min_size=1, max_size=12), st.data())
def test_rows_do_not_depend_on_how_a_tokenizer_divides(text, data):
    cuts = data.draw(st.sets(st.integers(1, max(1, len(text) - 1))))
    edges = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    tokens = [text[a:b] for a, b in pairwise(edges)]
    joined = [row for bag in read(tokens) for row in bag]
    assert joined == [row for bag in read(list(text)) for row in bag]


@pytest.mark.parametrize("between", [",", "a", "python", "\n", "★"])
def test_no_word_goes_over_something_else(between):
    first, *_, last = read(["北", between, "京"])
    assert (first, last) == (["北"], ["京"])


def test_no_word_is_of_two_documents():
    assert read(["北"], ["京"]) == [["北"], ["京"]]
    assert read(["北"], [], ["京"]) == [["北"], ["京"]]
    assert read([]) == []


def test_other_spellings_are_the_same():
    assert read(list("大學生")) == read(list("大学生"))
    assert read(["大學生"]) == read(["大学生"])


def test_words_of_five_characters_and_with_an_unknown_one_are_not_found():
    found = [row for bag in read(list("五个字的词"), list("未知")) for row in bag]
    assert not {"五个字的词", "未知"} & set(found)


def test_known_words_that_are_no_compounds_keep_their_row():
    assert read(["python", ",", "a"]) == [["python"], [","], ["a"]]
    assert read(["Python"]) == [["python"]]
