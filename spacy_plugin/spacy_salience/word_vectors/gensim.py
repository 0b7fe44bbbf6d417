"""gensim's KeyedVectors in memory; the extra gensim installs it."""

from typing import Any

import numpy as np

from salience.errors import RangeError
from salience.vectors.word_vectors import NgramRows, WordVectors

from ..packages import optional

INSTALL_GENSIM = "pip install 'salience[gensim]'"


def from_gensim(keyed: Any) -> WordVectors:
    """Return the vectors of a KeyedVectors or FastTextKeyedVectors, with counts where it has any.

    Arrays are shared where their numbers are float32. Raises RangeError where it is no such
    thing, and what WordVectors raises where it holds no words.
    """
    keyed = getattr(keyed, "wv", keyed)
    if not (hasattr(keyed, "index_to_key") and hasattr(keyed, "vectors")):
        raise RangeError(
            f"from_gensim: expected gensim's KeyedVectors, got {type(keyed).__module__}."
            f"{type(keyed).__name__}; give model.wv"
        )
    counts = keyed.expandos.get("count")
    if counts is not None:
        counts = np.asarray(counts, dtype=np.int64)
    if not hasattr(keyed, "vectors_ngrams"):
        return WordVectors(keyed.index_to_key, keyed.vectors, counts)
    ngrams = NgramRows(keyed.vectors_ngrams, max(1, keyed.min_n), keyed.max_n, "fasttext")
    return WordVectors(keyed.index_to_key, keyed.vectors_vocab, counts, ngrams)


def to_gensim(vectors: WordVectors) -> Any:
    """Return a KeyedVectors of the known words' vectors, with their counts.

    Raises MissingPackageError without gensim, RangeError where no word is known.
    """
    if not len(vectors):
        raise RangeError("to_gensim: expected known words, got rows of n-grams alone")
    models = optional("gensim.models", "to_gensim", INSTALL_GENSIM)
    keyed = models.KeyedVectors(vectors.width)  # count= would be places that add_vectors leaves
    keyed.add_vectors(list(vectors.words), vectors.all_vectors)
    if vectors.counts is not None:
        for word, count in zip(vectors.words, vectors.counts.tolist(), strict=True):
            keyed.set_vecattr(word, "count", count)
    return keyed
