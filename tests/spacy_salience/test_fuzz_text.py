"""Any text: finite results with the same bits as alone, or what spaCy itself raises."""

import warnings
from functools import cache

import numpy as np
import pytest
import spacy
from hypothesis import example, given
from hypothesis import strategies as st

from salience.testing import random_weights
from spacy_salience.models.frozen import shim_of

from ..salience.helpers import needs_speed, tried
from .conftest import WORDS
from .models.test_network import SMALL

PIECES = (
    *WORDS, " ", "\t", "\n\n", "\x00", "\x1f", "\x85", "\u200d", "\u202e", "\u2066", "\ufeff",
    "e\u0301\u0302", "\u05e9\u05dc\u05d5\u05dd", "\u4f60\u597d", "\u0e2a\u0e27", "\ufdfa",
    "\U0001f469\u200d\U0001f467", "\U0001f3f3\ufe0f", "\U0010ffff", "\ufffe", "I\u0307",
    "www.a.b/c?d=e", "1,000.00", "don't",
)  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
long_tokens = st.builds(
    lambda text, times: text * times, st.text(min_size=1, max_size=3), st.integers(1, 400)
)
text = st.one_of(
    st.text(max_size=60), pieces, long_tokens, st.tuples(pieces, st.text()).map("".join)
)
texts = st.lists(text, max_size=5)


@cache
def pipeline(learns):
    """A small pipeline whose encoder is frozen, or one that learns."""
    nlp = spacy.blank("en")
    if learns:
        nlp.add_pipe("salience", config={"model": SMALL})
        nlp.initialize()
    else:
        nlp.add_pipe("salience")
        shim = shim_of(nlp.get_pipe("salience").model)
        shim.from_bytes(random_weights(WORDS).to_bytes())
    return nlp


def check(nlp, given, batch_size):
    with nlp.memory_zone():  # so that thousands of cases leave no words behind
        docs = list(nlp.pipe(given, batch_size=batch_size))
        assert [doc.text for doc in docs] == given
        for doc in docs:
            results = doc.tensor, doc._.salience, doc._.attention, doc.vector
            assert all(np.isfinite(result).all() for result in results)
            for scores in results[1:3]:
                assert scores.min(initial=0) >= 0
                assert scores.sum() == pytest.approx(float(len(doc) > 0), abs=1e-4)
            alone = nlp(doc.text)
            np.testing.assert_array_equal(alone.tensor, doc.tensor)
            np.testing.assert_array_equal(alone._.salience, doc._.salience)
            np.testing.assert_array_equal(alone._.attention, doc._.attention)
            for item in (docs[0], doc[:1]):
                if len(item):
                    assert -1 <= doc.similarity(item) <= 1


@needs_speed
@tried(nightly=10_000)
@given(texts, st.integers(1, 4))
def test_any_text(given, batch_size):
    check(pipeline(learns=False), given, batch_size)


@needs_speed
@tried(nightly=10_000)
@given(texts, st.integers(1, 4))
def test_any_text_with_an_encoder_that_learns(given, batch_size):
    check(pipeline(learns=True), given, batch_size)


@tried(nightly=1000, ci=10)
@given(st.text(st.characters(categories=["Cs", "L"]), min_size=1, max_size=5))
@example("\ud800")
@example("a \udfff b")
def test_a_lone_surrogate_raises_what_spacys_tokenizer_raises(given):
    raised = []
    for nlp in (spacy.blank("en"), pipeline(learns=False)):
        try:
            raised.append(len(nlp(given)))
        except UnicodeEncodeError as error:
            raised.append(str(error))
    assert raised[0] == raised[1]


def test_any_text_is_quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(pipeline(learns=False), ["", " ", "\x00", "".join(PIECES)], 2)
