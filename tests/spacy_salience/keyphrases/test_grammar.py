"""Phrases by tags and noun chunks."""

import pytest
from spacy.tokens import Doc

from .conftest import words


@pytest.mark.parametrize("tagset", ["pos", "tags"])
def test_with_tags_phrases_end_in_nouns(nlp, tagset):
    words_and_tags = [
        ("we", "PRON", "PRP"), ("froze", "VERB", "VBD"), ("old", "ADJ", "JJ"),
        ("ships", "NOUN", "NNS"), ("hard", "ADV", "RB"), ("green", "ADJ", "JJ"),
        (".", "PUNCT", "."),
    ]  # fmt: skip
    texts, pos, tags = zip(*words_and_tags, strict=True)
    doc = Doc(nlp.vocab, words=texts, **{tagset: pos if tagset == "pos" else tags})
    assert words(nlp.get_pipe("salience")(doc)) == {"old ships"}


def test_without_any_noun_tags_are_no_help(nlp):
    doc = Doc(nlp.vocab, words=["cold", "mat"], tags=["1", "2"])
    assert words(nlp.get_pipe("salience")(doc)) == {"cold mat"}


def test_a_phrase_is_of_one_noun_chunk(nlp):
    doc = Doc(
        nlp.vocab,
        words=["they", "gave", "old", "sailors", "fresh", "bread"],
        pos=["PRON", "VERB", "ADJ", "NOUN", "ADJ", "NOUN"],
        deps=["nsubj", "ROOT", "amod", "dative", "amod", "dobj"],
        heads=[1, 1, 3, 1, 5, 1],
    )
    doc = nlp.get_pipe("salience")(doc)
    assert words(doc) == {"old sailors", "fresh bread"}
    assert words(doc[3:]) == {"sailors", "fresh bread"}
