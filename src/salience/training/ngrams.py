"""Fit n-gram rows to word vectors, so that unknown words get vectors too."""

import numpy as np

from ..model.vocab import Vocabulary
from ..ops import embedding_bags
from ..ragged import transpose
from ..types import Floats, Ragged, starts_of

RIDGE = 0.05
ITERATIONS = 60


def fit_ngram_rows(vocabulary: Vocabulary, vectors: Floats) -> Floats:
    """Return n-gram rows G [buckets, D] whose means come close to the words' vectors [words, D].

    min over G of |A G - X|^2 + ridge |G|^2, A averaging each word's n-grams;
    by conjugate gradients on the normal equations (Hestenes and Stiefel, 1952). Words that
    are composed of characters have no n-grams.
    """
    if not vocabulary.buckets:
        return np.zeros((0, vectors.shape[1]), dtype=np.float32)
    first = len(vocabulary) - vocabulary.buckets
    whole = [vocabulary.is_read_whole(word) for word in vocabulary.words]
    vectors = vectors[np.array(whole)]
    words = [word for word in vocabulary.words if vocabulary.is_read_whole(word)]
    bags = [vocabulary.ngram_rows(word) - first for word in words]
    sizes = np.array([len(bag) for bag in bags])
    words_to_grams = Ragged(np.concatenate(bags), starts_of(sizes))
    grams_to_words = transpose(words_to_grams, vocabulary.buckets)
    uses = np.diff(grams_to_words.starts).astype(np.float32)[:, None]
    shares = (1 / sizes).astype(np.float32)[:, None]

    def back(residual: Floats) -> Floats:
        """A' residual: every n-gram collects from the words it occurs in."""
        return embedding_bags(residual * shares, *grams_to_words) * uses

    def normal(rows: Floats) -> Floats:
        return back(embedding_bags(rows, *words_to_grams)) + np.float32(RIDGE) * rows

    rows = np.zeros((vocabulary.buckets, vectors.shape[1]), dtype=np.float32)
    residual = back(vectors)
    step = residual.copy()
    energy = (residual**2).sum(axis=0)
    for _ in range(ITERATIONS):
        image = normal(step)
        length = energy / np.maximum((step * image).sum(axis=0), 1e-30)
        rows += length * step
        residual -= length * image
        before, energy = energy, (residual**2).sum(axis=0)
        step = residual + energy / np.maximum(before, 1e-30) * step
    return rows
