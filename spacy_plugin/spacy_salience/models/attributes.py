"""The values of tokens' attributes whose hashes choose rows, of each token's written form."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from spacy.attrs import IS_ASCII, LENGTH, LOWER, NORM, ORTH, PREFIX, SHAPE, SUFFIX
from spacy.tokens import Doc

from salience.model.forms import written_form

LEXICAL = {ORTH, LOWER, NORM, SHAPE, PREFIX, SUFFIX, LENGTH}
"""Attributes that depend on a token's text alone."""


def attributes_of(doc: Doc, names: Sequence[int]) -> Any:
    """Return the values of these attributes of all tokens [T, attributes].

    A word in unusual code points (full width, ligatures, combining accents) has those
    of its usual spelling: see salience.model.forms.written_form.
    """
    if not names:
        return np.zeros((len(doc), 0), dtype=np.uint64)
    values: Any = doc.to_array(list(names)).reshape(len(doc), len(names))
    lexical = [place for place, name in enumerate(names) if name in LEXICAL]
    forms = {
        token: form
        for token in np.flatnonzero(_unusual(doc)).tolist()
        if (form := _usual(doc[token].text))
    }
    if not forms:
        return values
    usual = Doc(doc.vocab, words=list(forms.values())).to_array(list(names))
    for token, found in zip(forms, usual.reshape(len(forms), len(names)), strict=True):
        norm_is_own = doc[token].norm == doc.vocab[doc[token].orth].norm
        kept = [place for place in lexical if names[place] != NORM or norm_is_own]
        values[token, kept] = found[kept]
    return values


def _unusual(doc: Doc) -> Any:
    """Which tokens may have a written form other than their text: quick, and not exact."""
    if "`" in doc.text:
        return np.ones(len(doc), dtype=bool)
    return doc.to_array([IS_ASCII]) == 0


@lru_cache(maxsize=16384)
def _usual(text: str) -> str | None:
    """The written form of a word; None where it is the word itself."""
    form = written_form(text)
    return None if form == text else form
