"""An index of texts answers, by passages, words and vectors."""

import numpy as np
import pytest

from salience.errors import DtypeError, RangeError, ShapeError
from spacy_salience import TextEncoder, TextIndex

from .conftest import TEXTS, VALUES, ids


def test_it_finds_the_passage_and_says_where_it_is(index):
    (hit,) = index.search("a warm mat for the cat", k=1)
    assert (hit.id, hit.values) == ("cats", VALUES[0])
    assert TEXTS["cats"][hit.start : hit.end] == hit.text == "The cat sat on the mat. "[:-1]
    assert (len(index), index.passages, index.columns) == (3, 7, ["year", "kind"])


def test_scores_are_of_the_vectors_and_the_words(index, model_file):
    question = "cold house"
    encode = TextEncoder(str(model_file)).encode
    for hit in index.search(question, k=3):
        a, b = encode(question), encode(hit.text)
        assert hit.cosine == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-5)
        assert hit.score == pytest.approx(0.65 * hit.cosine + 0.35 * hit.share, abs=1e-5)


def test_a_document_is_found_once_by_its_best_passage(index):
    hits = index.search("cold", k=10)
    assert sorted(ids(hits)) == sorted(TEXTS)
    scores = [each.score for each in hits]
    assert scores == sorted(scores, reverse=True)


def test_words_alone_find_what_has_one_of_them(index):
    assert ids(index.search("quarterly earnings", only="words")) == ["money"]
    assert index.search("the unknown", only="words") == []
    by_vectors = index.search("cold", only="vectors")
    assert [each.score for each in by_vectors] == [each.cosine for each in by_vectors]


def test_several_questions_are_answered_each_by_itself(index):
    questions = ["cold", "a cat"]
    assert index.search(questions, k=2) == [index.search(each, k=2) for each in questions]


@pytest.mark.parametrize(
    ("where", "wanted"),
    [({"year": 1951}, ["weather"]), ({"year": "1951"}, ["weather"]), ({"kind": "pets"}, ["cats"]),
     ({"kind": "pets", "year": 1951}, [])],
)  # fmt: skip
def test_columns_filter(index, where, wanted):
    assert ids(index.search("cold", where=where)) == wanted


def test_an_unknown_column_or_value_is_refused(index):
    with pytest.raises(RangeError, match=r"expected one of the columns .*year.*got 'yaer'"):
        index.search("cold", where={"yaer": 1})
    with pytest.raises(RangeError, match="of the type int64 for the column 'year', got 'x'"):
        index.search("cold", where={"year": "x"})


@pytest.mark.parametrize("options", [{"k": 0}, {"only": "both"}])
def test_bad_options_are_refused(index, options):
    with pytest.raises(RangeError):
        index.search("cold", **options)


def test_an_empty_index_answers_nothing(tmp_path, model_file):
    index = TextIndex.create(tmp_path / "index", model=str(model_file))
    assert (len(index), index.search("cold"), index.search(["cold"])) == (0, [], [[]])
    assert TextIndex.open(tmp_path / "index").search("cold") == []


def test_texts_without_words_can_be_there(made):
    index = made(texts={"a": "", "b": "...", "c": "\ud800 cat"})
    assert index.search("cat", k=1)[0].text == "? cat"


def test_what_is_added_is_checked_first(index):
    with pytest.raises(ShapeError, match="got 2 texts, 1 ids and 2 values"):
        index.add(["a", "b"], ["a"])
    with pytest.raises(RangeError, match="each id once, got 'a' twice"):
        index.add(["a", "b"], ["a", "a"])
    with pytest.raises(DtypeError, match="got int"):
        index.add(["a"], [1])
    with pytest.raises(DtypeError, match="one str"):
        index.remove("cats")
    assert len(index) == 3


def test_chinese_is_searched_by_jieba_s_words(tmp_path):
    pytest.importorskip("jieba", reason="the extra salience[zh] is not installed")
    index = TextIndex.create(tmp_path / "zh", lang="zh")
    index.add(["我们在北京大学学习。", "今天天气很好。"], ["a", "b"])
    assert ids(index.search("北京大学在哪里？", only="words")) == ["a"]
    assert ids(index.search("天气怎么样？", k=1)) == ["b"]
