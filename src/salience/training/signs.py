"""Signs in a model: rows of their own for the common ones, and weights below those of words."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model.forms import is_sign
from ..model.parameters import WordTable
from ..model.vocab import BLANK_ROW, Vocabulary
from ..model.weights import Weights
from ..ops import embedding_bags
from ..types import Floats, starts_of
from .precision import quantise

RANGES = (
    (0x2010, 0x2046),  # dashes, quotation marks, bullets
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematics
    (0x2300, 0x23FF),  # technical
    (0x2500, 0x27BF),  # boxes, shapes, symbols, dingbats
    (0x2900, 0x297F),  # more arrows
    (0x2B00, 0x2BFF),
    (0x3001, 0x3020),  # punctuation of Chinese and Japanese
    (0x1F300, 0x1F64F),  # pictographs and faces
    (0x1F680, 0x1F6FF),  # transport
    (0x1F900, 0x1F9FF),  # more pictographs
)
"""Ranges of code points whose signs have rows of their own."""

LIGHT = float(np.log(3e-4 / (3e-4 + 0.05)))
"""The pooling logit of a word that is a twentieth of a text, as a comma is."""

EMPTY_WORDS = frozenset(
    "a and black face for heavy in medium of on sign symbol the to white with".split()
)
"""Words of signs' Unicode names that say nothing about the sign."""


def with_signs(weights: Weights) -> Weights:
    """Return a model that reads words in their normal form, with signs that weigh little.

    Common signs without a row get one: the mean of the rows of the words of
    their Unicode names, at most half as long as a comma's, and weighs half as much.
    No sign weighs more in the pooling than a comma does, and a blank is the zero
    vector. The model's other rows stay as they are.
    """
    words = WordTable(weights)
    table, old = words.table(), words.vocabulary
    added = [sign for sign in _common_signs() if old.row(sign) is None]
    reading = "normalised" if old.reading == "verbatim" else old.reading
    vocabulary = replace(old, words=[*old.words, *added], reading=reading)
    new: dict[str, NDArray[Any]] = {"table": _limited(_named(old, table, added), table, old)}
    if "table_scale" in weights.tensors:
        new["table"], new["table_scale"] = quantise(new["table"])
    new["word_weights"] = np.full(len(added), _of_comma(old, weights) - np.log(2), np.float32)
    tensors, query = dict(weights.tensors), weights.tensors["pool_query"]
    settings = {**weights.settings, "reading": reading}
    if "units" in settings:  # files of format 1 do not state it: "normalised" implies it
        settings["units"] = True
    tensors["words"] = np.frombuffer("\n".join(vocabulary.words).encode(), dtype=np.uint8)
    for name, rows in new.items():
        first, last = np.split(tensors[name], [1 + len(old.words)])
        tensors[name] = np.concatenate([first, rows.astype(first.dtype), last])
    tensors["table"][BLANK_ROW] = 0
    limit_signs(
        vocabulary, tensors["word_weights"], WordTable(Weights(tensors, settings)).table(), query
    )
    return Weights(tensors, settings)


def limit_signs(vocabulary: Vocabulary, logits: Floats, table: Floats, query: Floats) -> None:
    """Lower the pooling logits w [V] of signs until none weighs more than a comma does.

    w_i + u'x_i <= w_c + u'x_c and w_i <= w_c, for table rows x_i [V, D], the query u [D]
    and the comma c; LIGHT in place of w_c where no comma is known.
    """
    comma, rows = vocabulary.row(","), vocabulary.sign_rows
    scores = table[rows] @ query
    beside, limit = (0.0, LIGHT) if comma is None else (table[comma] @ query, logits[comma])
    logits[rows] = np.minimum(logits[rows], limit - np.maximum(scores - beside, 0))


def _of_comma(vocabulary: Vocabulary, weights: Weights) -> float:
    row = vocabulary.row(",")
    return LIGHT if row is None else float(weights.tensors["word_weights"][row])


def _common_signs() -> Iterator[str]:
    for first, last in RANGES:
        for sign in map(chr, range(first, last + 1)):
            is_assigned = unicodedata.name(sign, "") != ""
            if is_assigned and is_sign(sign) and unicodedata.normalize("NFKC", sign) == sign:
                yield sign


def _named(vocabulary: Vocabulary, table: Floats, signs: Sequence[str]) -> Floats:
    """The mean of the rows of the words of each sign's name [signs, D]."""
    bags = [np.concatenate([vocabulary.bag(word) for word in _name(sign)]) for sign in signs]
    data = np.concatenate([np.zeros(0, dtype=np.int64), *bags])
    return embedding_bags(table, data, starts_of([len(bag) for bag in bags]))


def _name(sign: str) -> list[str]:
    words = unicodedata.name(sign).lower().replace("-", " ").split()
    return [word for word in words if word not in EMPTY_WORDS] or words


def _limited(rows: Floats, table: Floats, vocabulary: Vocabulary) -> Floats:
    """The same rows, none longer than half of a comma's, or of the mean of words."""
    comma = vocabulary.row(",")
    known = table[1 : 1 + len(vocabulary.words)] if comma is None else table[[comma]]
    longest = np.linalg.norm(known, axis=1).mean() / 2
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows * np.minimum(1, longest / np.maximum(norms, 1e-12)), dtype=np.float32)
