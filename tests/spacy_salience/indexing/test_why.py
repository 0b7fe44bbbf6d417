"""The reasons for a hit."""

import pytest

from spacy_salience import TextIndex


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    index = TextIndex.create(tmp_path_factory.mktemp("why") / "index")
    index.add(
        ["We met at noon. The harbour froze and the boats stayed in port. Then we ate.",
         "Beat the eggs with sugar. Bake the cake for an hour."],
        ["ice", "cake"],
    )  # fmt: skip
    return index


def test_the_best_sentence_and_the_words_that_matched_are_found(index):
    question = "Which ships were kept in port by ice?"
    (hit,) = index.search(question, k=1)
    why = index.why(question, hit)
    first, last = why.sentence
    assert hit.text[first:last] == "The harbour froze and the boats stayed in port."
    pairs = {(each.asked, each.found) for each in why.matches}
    assert ("port", "port") in pairs
    assert ("ships", "boats") in pairs
    words = [hit.text[begin:end] for begin, end in why.places]
    assert {"boats", "port"} <= set(words)


def test_matches_are_strongest_first(index):
    question = "cake with sugar"
    (hit,) = index.search(question, k=1)
    found = [each.contribution for each in index.why(question, hit).matches]
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("question", ["", "the", "?"])
def test_a_question_without_words_has_no_matches(index, question):
    for hit in index.search(question, only="vectors"):
        assert index.why(question, hit).matches == []
