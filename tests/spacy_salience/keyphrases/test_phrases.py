"""Where runs of words are cut."""

import pytest
import spacy

from spacy_salience import keywords

from .conftest import given, words


def test_a_longer_run_is_cut_where_it_is_weakest(nlp):
    again = given(nlp, "cold warm cat ice dog of cold warm cat", [8, 4, 2, 1, 1, 99, 8, 4, 2])
    assert keywords(again) == [("cold warm cat", 28), ("ice dog", 2)]
    long = given(nlp, "ice port night, cold winter night port ice", [4, 4, 4, 0, 4, 5, 3, 4, 4])
    assert words(long) == {"ice port night", "cold winter", "night port ice"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("central bank raised interest rates", {"central bank", "interest rates"}),
        ("the European Central Bank raised interest rates sharply last month", {"interest rates"}),
        ("recurrent neural networks learn long dependencies", {"recurrent neural networks"}),
    ],
)
def test_what_belongs_together_stays_together(en_small, text, expected):
    assert expected <= words(en_small(text))


def test_without_jieba_chinese_characters_are_cut_in_pairs(model_file, monkeypatch):
    monkeypatch.setattr("spacy_salience.annotations.segments.find_spec", lambda _: None)
    zh = spacy.blank("zh")
    zh.add_pipe("salience", config={"model": {"pretrained": str(model_file)}})
    doc = zh("中央银行加息,中央,银行,加息")
    assert words(doc) == {"中央", "银行", "加息"}


def test_a_long_run_takes_no_long_time(nlp):
    text = " ".join(f"w{number}" for number in range(5000))
    assert words(nlp(text)) != set()
    assert words(nlp("cold " * 5000)) == {"cold"}
