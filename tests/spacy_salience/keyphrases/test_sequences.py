"""What divides words, and what does not."""

import numpy as np
import pytest
from spacy.tokens import Doc

from spacy_salience import keywords

from .conftest import given, words


@pytest.mark.parametrize(
    "gap", ["\n", "\r\n", "  ", " \t", "\xa0", "\u2009", "&nbsp;", "\n> ", "\u200b "]
)
def test_a_line_s_end_and_spaces_do_not_divide(en_small, gap):
    doc = en_small(f"They raised interest{gap}rates. The interest rates were low.")
    found = dict(keywords(doc))
    second = sum(
        doc._.salience[token.i] for token in doc[-5:] if token.text in ("interest", "rates")
    )
    assert found["interest rates"] > second
    assert {"interest", "rates"}.isdisjoint(found)


@pytest.mark.parametrize(
    "gap", ["\n\n", "\r\n\r\n", "\n \t\n", "\u2029", "\f", " | ", ", ", "<br>", "</p><p>"]
)
def test_an_empty_line_and_markup_divide(nlp, gap):
    found = words(given(nlp, f"cold{gap}mat"))
    assert found == {"cold", "mat"}


def test_a_hyphen_inside_of_a_word_does_not_end_it(nlp):
    def of(text):
        return [word for word, _ in sorted(keywords(nlp(text)))]

    assert of("a cat-dog mat") == ["cat-dog mat"]
    assert of("a cat - dog mat") == ["cat", "dog mat"]
    assert of("cat (-) dog") == ["cat", "dog"]
    assert of("cat-the dog") == ["cat", "dog"]


def test_a_token_that_markup_cuts_in_two_is_weighed_once(nlp):
    doc = Doc(nlp.vocab, words=["ice<br/>port", "boat"])
    weighed = nlp.get_pipe("salience")(doc)
    weighed._.salience = np.array([0.75, 0.25], dtype=np.float32)
    assert sum(weight for _, weight in keywords(weighed)) == pytest.approx(1)
    assert words(weighed) == {"ice", "port boat"}


def test_a_span_inside_of_a_tag_has_no_keywords(nlp):
    doc = nlp('cold <a href="http://x.y/warm" title="mat">cat</a>')
    inside = next(token.i for token in doc if "title" in token.text)
    assert not {"title", "href", "mat"} & words(doc[inside:])
    assert words(doc) == {"cold", "cat"}
