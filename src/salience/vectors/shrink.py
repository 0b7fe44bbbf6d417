"""Smaller word vectors: fewer dimensions, rows that near words share, int8; and what is lost."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .. import checks
from ..errors import RangeError
from ..ops import cosine_pairs, cosine_top_k
from ..training.evaluation import spearman
from ..training.precision import quantise
from ..types import Floats
from .word_vectors import WordVectors

WHERE = "shrink"
PAIRS_COMPARED, ASKED, NEIGHBOURS = 10_000, 500, 10
"""Pairs whose cosines, and words whose neighbours, are compared for the loss of quality."""


class Loss(NamedTuple):
    """What smaller vectors have of the first ones' quality, each 1 where nothing is lost.

    correlation: Spearman's, of the cosines of pairs of words; neighbours: the share of words'
    nearest ten that are the same.
    """

    correlation: float
    neighbours: float


def narrowed(vectors: WordVectors, width: int) -> WordVectors:
    """Return vectors of fewer dimensions, x' = U'x, U the leading axes of X'X.

    Principal components (Pearson, 1901) of vectors that are not centred, so that scalar
    products, and cosines, change least. Raises RangeError where width is not from 1 to D.
    """
    width = int(checks.between(WHERE, "width", width, 1, vectors.width))
    known = vectors.all_vectors if len(vectors) else _ngram_rows(vectors)
    _, axes = np.linalg.eigh((known.T @ known).astype(np.float64))
    axes = np.ascontiguousarray(axes[:, ::-1][:, :width], dtype=np.float32)
    ngrams = vectors.ngrams
    if ngrams is not None:
        ngrams = ngrams._replace(rows=ngrams.rows @ axes)
    return replace(vectors, rows=vectors.rows @ axes, ngrams=ngrams)


def pruned(vectors: WordVectors, rows: int) -> WordVectors:
    """Return vectors with so many rows, those of the first words; others have the nearest's.

    Nearest by cosine, as in spaCy's Vocab.prune_vectors. Raises RangeError where rows is below
    1, or there are rows of n-grams, with which a word's row is not its vector.
    """
    rows = checks.at_least(WHERE, "rows", rows, 1)
    if vectors.ngrams is not None:
        raise RangeError(
            f"{WHERE}: expected vectors without n-gram rows to prune, got some with; convert them "
            "to word2vec's format first, or ask for fewer dimensions"
        )
    known = vectors.all_vectors
    if rows >= len(known):
        return vectors
    nearest, _ = cosine_top_k(known[rows:], known[:rows], 1)
    row_of = np.concatenate([np.arange(rows), nearest[:, 0]])
    return replace(vectors, rows=known[:rows].copy(), row_of=row_of)


def rounded(vectors: WordVectors) -> WordVectors:
    """Return the vectors as int8 rows, which `to_disk(precision="int8")` writes, have them."""
    ngrams = vectors.ngrams
    if ngrams is not None:
        ngrams = ngrams._replace(rows=_rounded(ngrams.rows))
    return replace(vectors, rows=_rounded(vectors.rows), ngrams=ngrams)


def loss(before: WordVectors, after: WordVectors, *, seed: int = 0) -> Loss:
    """Compare two sets of vectors of the same words, by words that are drawn at random.

    Raises RangeError where fewer than three words are known to both.
    """
    words = [word for word in before.words if after.index(word) is not None]
    if len(words) < 3:
        raise RangeError(f"{WHERE}: expected at least three words in common, got {len(words)}")
    rng = np.random.default_rng(seed)
    old, new = before.vectors(words), after.vectors(words)
    one, other = rng.integers(len(words), size=(2, PAIRS_COMPARED))
    cosines = (cosine_pairs(rows[one], rows[other]) for rows in (old, new))
    asked = rng.permutation(len(words))[:ASKED]
    k = min(NEIGHBOURS, len(words) - 1)
    found = [cosine_top_k(rows[asked], rows, k + 1)[0].tolist() for rows in (old, new)]
    same = [
        len((set(a) & set(b)) - {own}) / k for own, a, b in zip(asked.tolist(), *found, strict=True)
    ]
    return Loss(spearman(*cosines), min(1.0, float(np.mean(same))))


def _rounded(rows: Floats) -> Floats:
    found, scale = quantise(rows)
    return np.asarray(found * scale[:, None], dtype=np.float32)


def _ngram_rows(vectors: WordVectors) -> Floats:
    assert vectors.ngrams is not None
    return vectors.ngrams.rows
