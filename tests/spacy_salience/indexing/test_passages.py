"""Documents become passages of whole sentences that overlap."""

import pytest
import spacy
from spacy.pipeline import Sentencizer

from spacy_salience.indexing.passages import passages_of


def passages(text, size, lang="en"):
    doc = Sentencizer()(spacy.blank(lang).make_doc(text))
    return list(passages_of(doc, size))


def texts(text, size, lang="en"):
    return [text[each.start : each.end] for each in passages(text, size, lang)]


def test_sentences_fill_a_passage_and_the_next_one_repeats_the_last_of_them():
    text = "One two three. Four. Five six seven. Eight nine ten eleven."
    assert texts(text, 4) == ["One two three. Four.", "Four. Five six seven.",
                              "Eight nine ten eleven."]  # fmt: skip


def test_a_short_rest_belongs_to_the_last_passage():
    assert texts("One two three four five. Six.", 5) == ["One two three four five. Six."]


def test_a_long_sentence_is_cut():
    assert texts("a b c d e f g, h", 3) == ["a b c", "d e f", "g, h"]


def test_all_characters_that_are_no_white_space_are_in_a_passage():
    text = "  One, two -- three!  Four (five) six.\n\n * 7 8 9 10 11 12 13 ...\t "
    for size in (1, 2, 3, 5, 100):
        covered = set()
        for each in passages(text, size):
            covered |= set(range(each.start, each.end))
            assert each.sentences == sorted(set(each.sentences))
            assert each.sentences[-1] == each.end - each.start
        assert all(at in covered for at, letter in enumerate(text) if not letter.isspace())


def test_a_passage_has_content_words_alone():
    (found,) = passages("The Cats slept, and the DOGS did not.", 100)
    assert found.words == ["cats", "slept", "dogs"]


@pytest.mark.parametrize("text", ["", " \n ", "..."])
def test_a_text_without_words_is_one_passage(text):
    (found,) = passages(text, 10)
    assert found.words == []


def test_chinese_words_are_those_of_jieba():
    pytest.importorskip("jieba", reason="the extra salience[zh] is not installed")
    (found,) = passages("我们在北京大学学习。", 100, "zh")
    assert "北京大学" in found.words
    assert texts("我们学习。他们工作。", 2, "zh") == ["我们学习。", "他们工作。"]
