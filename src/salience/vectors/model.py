"""A salience model of word vectors alone: a pooling by inverse frequency, without any training."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from .. import checks
from ..errors import RangeError
from ..model.forms import is_compound
from ..model.parameters import read_parameters
from ..model.weights import Weights
from ..training.lexicon import Lexicon
from ..training.start import Recipe, start
from ..types import Floats
from .word_vectors import WordVectors

WHERE = "model_of"
RECIPE = Recipe(context=0.0, rarity=1e-4)
"""Attention that was not trained does not enter the vectors."""

OFFSET = 2.7
"""Of Zipf's law for words, p ~ 1 / (rank + 2.7) (Mandelbrot, 1953)."""


def model_of(
    vectors: WordVectors, language: str, *, counts: Mapping[str, int] | None = None,
    recipe: Recipe = RECIPE, components: int = 1,
) -> Weights:  # fmt: skip
    """Return a model whose documents are means of word vectors, weighted by inverse frequency.

    d = sum_t s_t x_t, s ~ a / (a + p_w) (Arora et al., A Simple but Tough-to-Beat Baseline for
    Sentence Embeddings, 2017), where x_w = v_w - sum_k u_k u_k'v_w without the first components
    u_k of such documents, projected to the recipe's width

    It is a model like any other: `salience distil --model` can go on from it, and words that
    are not known are read by n-gram rows fitted to the vectors. Where words of several
    characters of a script without spaces are known, texts are composed of them.

    Args:
        vectors: the words' vectors.
        language: spaCy's code.
        counts: how often words occur, those without vectors left out; where None those of the
            vectors, or by Zipf's law of their order.
        recipe: sizes of the model; its width is lowered to that of the vectors.
        components: how many are removed.

    Raises RangeError where there are no words, or a count or setting is not valid.
    """
    checks.at_least(WHERE, "components", components, 0)
    given = frequencies(vectors, counts)
    recipe = replace(recipe, width=min(recipe.width, vectors.width))
    common = common_components(vectors, given, recipe.rarity, components)

    def teach(words: Sequence[str]) -> Floats:
        found = vectors.vectors(words)
        return np.asarray(found - (found @ common.T) @ common, dtype=np.float32)

    compounds = {word: count for word, count in given.items() if is_compound(word)}
    characters = {character for word in compounds for character in word}
    lexicon = Lexicon(compounds, {}) if characters & given.keys() else None
    found = start(given, teach, recipe, lexicon).made_for(language)
    read_parameters(found)  # refuses what no pipeline could read
    return found


def frequencies(vectors: WordVectors, counts: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return the words' counts: those given of words that have vectors, else the vectors' own.

    Where the vectors have none, those of Zipf's law of their order. Raises RangeError where
    there are no words.
    """
    given = _own(vectors) if counts is None else {w: n for w, n in counts.items() if w in vectors}
    if not given and counts is None:
        raise RangeError(
            f"{WHERE}: expected words, got rows of n-grams alone; give counts of words as well"
        )
    if not given:
        raise RangeError(
            f"{WHERE}: expected counts of words that have vectors, got {len(counts or ())} of "
            "words without; give others, or none"
        )
    return given


def _own(vectors: WordVectors) -> dict[str, int]:
    if vectors.counts is None or not vectors.counts.any():
        counts = (1e9 / (np.arange(len(vectors)) + OFFSET)).astype(np.int64)
    else:
        counts = vectors.counts
    return dict(zip(vectors.words, np.maximum(counts, 1).tolist(), strict=True))


def common_components(
    vectors: WordVectors, counts: Mapping[str, int], rarity: float, components: int
) -> Floats:
    """Return the first components [K, D] of words as they are weighted in documents.

    The leading eigenvectors of sum_w p_w (a / (a + p_w))^2 v_w v_w': a document is a sum of
    words that are drawn by their frequency p and weighted by a / (a + p).
    """
    words = list(counts)
    shares = np.array([counts[word] for word in words], dtype=np.float64)
    shares /= shares.sum()
    weights = np.sqrt(shares) * rarity / (rarity + shares)
    weighted = vectors.vectors(words) * weights[:, None].astype(np.float32)
    _, axes = np.linalg.eigh((weighted.T @ weighted).astype(np.float64))
    return np.ascontiguousarray(axes[:, ::-1][:, :components].T, dtype=np.float32)
