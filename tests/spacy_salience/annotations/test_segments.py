import subprocess
import sys

import pytest
import spacy

from spacy_salience.annotations.segments import in_words, words_in

NLP = spacy.blank("zh")
TEXT = "我喜欢学习Python，\n学习机器。"


def texts(doc):
    return [doc[first:last].text for first, last in words_in(doc)]


@pytest.fixture(autouse=True)
def jieba():
    return pytest.importorskip("jieba", reason="jieba tells the words of Chinese texts")


def test_characters_are_in_the_words_of_jieba():
    assert texts(NLP(TEXT)) == ["我", "喜欢", "学习", "Python", "，", "\n", "学习", "机器", "。"]
    assert texts(NLP("")) == []


def test_a_span_and_a_list_of_tokens_have_words_too():
    doc = NLP(TEXT)
    assert words_in(doc[1:5]) == [(0, 2), (2, 4)]
    assert words_in(list(doc[1:5])) == [(0, 2), (2, 4)]


@pytest.mark.parametrize("text", ["a cat", "Python", "我", "我，你"])
def test_other_tokens_are_words_of_their_own(text):
    doc = NLP(text)
    assert words_in(doc) == [(number, number + 1) for number in range(len(doc))]
    assert in_words(doc, [1.0] * len(doc)) == (doc, [1.0] * len(doc))


def test_words_that_a_tokenizer_found_stay():
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})
    doc = nlp("自然语言处理很有意思")
    assert max(last - first for first, last in words_in(doc)) <= 2
    assert "".join(texts(doc)) == doc.text


def test_a_text_by_its_words_keeps_its_weight_and_has_parts_of_speech():
    doc = NLP(TEXT)
    found, weights = in_words(doc, range(len(doc)))
    assert (found.text, sum(weights)) == (doc.text, sum(range(len(doc))))
    assert weights[:2] == [0, 3]
    assert {token.text: token.pos_ for token in found}["机器"] == "NOUN"
    part, weights = in_words(doc[1:5], [1.0] * 4)
    assert ([token.text for token in part], weights) == (["喜欢", "学习"], [2.0, 2.0])


def test_without_jieba_every_token_is_a_word(monkeypatch):
    monkeypatch.setattr("spacy_salience.annotations.segments.find_spec", lambda _: None)
    doc = NLP(TEXT)
    assert len(words_in(doc)) == len(doc)


def test_loading_its_dictionary_writes_nothing():
    code = (
        "import spacy; from spacy_salience.annotations.segments import words_in;"
        "words_in(spacy.blank('zh')('学习机器'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
