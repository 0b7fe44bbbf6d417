"""The vectors of nlp.vocab, of spaCy's default and floret mode, as WordVectors and back."""

import warnings
from typing import Any

import numpy as np
from spacy.vectors import Mode, Vectors
from spacy.vocab import Vocab

from salience.errors import RangeError
from salience.types import Floats
from salience.vectors.word_vectors import NgramRows, WordVectors


def from_vocab(vocab: Vocab) -> WordVectors:
    """Return the vectors of a vocab; keys of no known string, or of several lines, are left out.

    Raises RangeError where it has none.
    """
    given = vocab.vectors
    data = _on_host(given.data)
    if not data.size:
        raise RangeError("from_vocab: expected vectors in the vocab, found none; load some first")
    if given.mode == Mode.floret:
        ngrams = NgramRows(
            data, given.minn, given.maxn, "floret", given.hash_count, given.hash_seed, given.bow,
            given.eow,
        )  # fmt: skip
        return WordVectors([], np.zeros((0, data.shape[1]), dtype=np.float32), ngrams=ngrams)
    words, rows, left = [], [], 0
    for key, row in sorted(given.key2row.items(), key=lambda item: item[1]):
        word = vocab.strings[key] if key in vocab.strings else ""  # noqa: SIM401 (no get)
        if word and "\n" not in word:
            words.append(word)
            rows.append(row)
        else:
            left += 1
    if left:
        warnings.warn(
            f"from_vocab: left out {left} vectors, whose keys are of no known string or of "
            "several lines", stacklevel=2,
        )  # fmt: skip
    used, row_of = np.unique(np.array(rows, dtype=np.int64), return_inverse=True)
    if len(used) == len(words):
        return WordVectors(words, data[used])
    return WordVectors(words, data[used], row_of=row_of)


def to_vocab(vectors: WordVectors, vocab: Vocab, *, name: str, attr: str = "ORTH") -> None:
    """Put vectors into a vocab, as `spacy init vectors` does: floret's as such, others by word.

    attr: the attribute of tokens that they are looked up by, such as ORTH, LOWER or NORM.
    Words that share rows share them there. Rows of fastText's n-grams are lost: known words
    have their whole vectors.
    """
    strings, ngrams = vocab.strings, vectors.ngrams
    if ngrams is not None and ngrams.hashing == "floret":
        if len(vectors):
            raise RangeError("to_vocab: expected floret's form without words, got some")
        vocab.vectors = Vectors(
            strings=strings, data=ngrams.rows.copy(), name=name, mode="floret",
            minn=ngrams.shortest, maxn=ngrams.longest,
            hash_count=ngrams.hashes, hash_seed=ngrams.seed,
            bow=ngrams.begin, eow=ngrams.end, attr=attr,
        )  # fmt: skip
        return
    for word in vectors.words:
        strings.add(word)
    if vectors.row_of is None or ngrams is not None:
        rows = vectors.all_vectors
        # A copy: spaCy's table may be written to, this one is not to change.
        vocab.vectors = Vectors(
            strings=strings, data=rows.copy(), keys=vectors.words, name=name, attr=attr
        )
        return
    found = Vectors(strings=strings, data=vectors.rows.copy(), name=name, attr=attr)
    for word, row in zip(vectors.words, vectors.row_of.tolist(), strict=True):
        found.add(word, row=row)
    vocab.vectors = found


def _on_host(data: Any) -> Floats:
    get = getattr(data, "get", None)  # CuPy's
    return np.asarray(get() if get else data, dtype=np.float32)
