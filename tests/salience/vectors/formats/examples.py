"""Small vectors, their files, and fastText's .bin files as its Model::saveModel lays them out."""

import struct

import numpy as np
from hypothesis import strategies as st

from salience.vectors.formats import read_vectors, write_vectors
from salience.vectors.formats.fasttext import MAGIC
from salience.vectors.word_vectors import WordVectors

WORDS = ["sea", "Straße", "水"]
ROWS = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
SMALL = WordVectors(WORDS, ROWS)
LONG = "é" * 10_000

rows_of_width = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=width, max_size=width
    )
)


def words_without(refused):
    """Lists of words that differ, of any characters but these."""
    characters = st.characters(exclude_categories=["Cs"], exclude_characters=refused)
    word = st.text(characters, min_size=1, max_size=6) | st.just(LONG)
    return st.lists(word, unique=True, max_size=5)


def vectors_of(words, row):
    """Words whose rows are one row, its numbers in turn."""
    return WordVectors(words, np.array([np.roll(row, each) for each in range(len(words))],
                                       dtype=np.float32).reshape(-1, len(row)))  # fmt: skip


def same(one, other):
    """Whether two have the same words and the same rows, to the last bit."""
    rows = one.all_vectors.tobytes() == other.all_vectors.tobytes()
    return list(one.words) == list(other.words) and one.width == other.width and rows


def again(vectors, path, form):
    """What is read of a file that was written."""
    write_vectors(vectors, path, form)
    return read_vectors(path, form)


def entry(word, count, kind=0):
    """A word of fastText's dictionary, or a label of kind 1."""
    return word.encode() + b"\0" + struct.pack("<qb", count, kind)


def fasttext_bin(
    entries, rows, buckets, *, words=None, labels=0, version=12, model=2, minn=2, maxn=3,
    magic=MAGIC, pruned=-1, quantised=False, shape=None,
):  # fmt: skip
    """A .bin file: settings, the dictionary, the input matrix, and an empty output matrix."""
    count, width = rows.shape
    words = len(entries) - labels if words is None else words
    numbers = width, 5, 5, 1, 5, 1, 2, model, buckets, minn, maxn, 100
    return b"".join(
        [
            magic,
            struct.pack("<i12id", version, *numbers, 1e-4),
            struct.pack("<iiiqq", len(entries), words, labels, 100, pruned),
            *entries,
            struct.pack("<?qq", quantised, *(shape or (count, width))),
            rows.astype("<f4").tobytes(),
            struct.pack("<?qq", False, 0, width),
        ]
    )
