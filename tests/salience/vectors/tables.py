"""Small tables of word vectors for tests: at random, and of a known structure."""

import numpy as np

from salience.vectors.word_vectors import NgramRows, WordVectors


def at_random(count=60, width=7, seed=0, **more):
    rows = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return WordVectors([f"w{each}" for each in range(count)], rows, **more)


def grams(width=7, seed=1, hashing="fasttext"):
    rows = np.random.default_rng(seed).normal(size=(50, width)).astype(np.float32)
    return NgramRows(rows, 2, 4, hashing, *((2, 7) if hashing == "floret" else ()))


def floret(width=7):
    """Rows of n-grams alone."""
    none = np.zeros((0, width), dtype=np.float32)
    return WordVectors([], none, ngrams=grams(width, hashing="floret"))


PLACES, CAPITALS = ("france", "italy", "spain", "japan"), ("paris", "rome", "madrid", "tokyo")
FRUIT = "apple", "pear", "plum", "grape"


def of_structure(width=24, seed=3, common=0):
    """Capitals are their countries and one step more; fruits are near each other.

    common: of one direction that all words have, as in vectors that were learned.
    """
    rng = np.random.default_rng(seed)
    lands = rng.normal(size=(4, width))
    step, fruit = rng.normal(size=(2, width))
    rows = [lands, lands + 1.5 * step, 2 * fruit + 0.3 * rng.normal(size=(4, width))]
    rows = np.concatenate(rows) + common * rng.normal(size=width)
    return WordVectors([*PLACES, *CAPITALS, *FRUIT], rows.astype(np.float32))


def unit(rows):
    rows = np.asarray(rows, dtype=np.float64)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)
