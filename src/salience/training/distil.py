"""Make an encoder from word counts and a teacher of sentence vectors.

The teacher's vectors of single words are projected to the model's width and
weighted by word frequency; unknown words are served by n-gram rows fitted to
the same vectors. Recurrence and attention are given a readable start.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .. import checks
from ..errors import RangeError
from ..types import Floats
from ..vocab import Vocabulary, is_blank
from ..weights import Weights
from .ngrams import fit_ngram_rows

Teacher: TypeAlias = Callable[[Sequence[str]], NDArray[Any]]
"""Texts to one vector each [len(texts), any width]."""


@dataclass(frozen=True)
class Recipe:
    """How a model is made.

    words: known words, the most frequent ones; buckets: n-gram rows; width: D;
    states: H; rank: R of the one attention head; window: tokens it sees to
    either side; rarity: a of the word weights log(a / (a + p)); whitening:
    power of the spectrum that the projection takes out; context: gate g of the
    attended context.
    """

    words: int = 40_000
    buckets: int = 16_384
    width: int = 256
    states: int = 128
    rank: int = 64
    window: int = 32
    rarity: float = 3e-4
    whitening: float = 0.25
    context: float = 0.3


def distil(counts: Mapping[str, int], teacher: Teacher, recipe: Recipe = Recipe()) -> Weights:
    """Return the weights of a model of the most frequent words.

    Raises:
        RangeError: there are no words, or the teacher's vectors are not finite
            or narrower than the recipe's width.
        ShapeError: the number of states is odd, or the teacher gave too few vectors.
    """
    checks.even("distil", "states, half of which run backward,", recipe.states)
    ranked = sorted(filter(_can_be_listed, counts), key=lambda word: (-counts[word], word))
    if not ranked:
        raise RangeError("distil: expected at least one word, got none; give it text files")
    vocabulary = Vocabulary(ranked[: recipe.words], recipe.buckets)
    vectors = project(_taught(teacher, vocabulary.words, recipe), recipe)
    table = np.concatenate(
        [
            np.zeros((1, recipe.width), dtype=np.float32),  # the row of blanks
            vectors,
            fit_ngram_rows(vocabulary, vectors),
        ]
    )
    rows, scale = quantise(table)
    return Weights(
        {
            "table": rows,
            "table_scale": scale,
            "word_weights": word_weights(vocabulary, counts, recipe.rarity),
            "words": np.frombuffer("\n".join(vocabulary.words).encode(), dtype=np.uint8),
            **_context(recipe),
        },
        {
            "buckets": recipe.buckets,
            "shortest": vocabulary.shortest,
            "longest": vocabulary.longest,
            "window": recipe.window,
            "causal": False,
        },
    )


def _can_be_listed(word: str) -> bool:
    """Words are stored as lines of UTF-8, and a blank one has its own row."""
    has_surrogate = any("\ud800" <= character <= "\udfff" for character in word)
    return not (is_blank(word) or has_surrogate or any(map(str.isspace, word)))


def _taught(teacher: Teacher, words: Sequence[str], recipe: Recipe) -> Floats:
    taught = np.asarray(teacher(words), dtype=np.float32)
    taught = checks.floats("distil", "the teacher's vectors", taught, (len(words), "width"))
    checks.finite("distil", "the teacher's vectors", taught)
    if taught.shape[1] < recipe.width:
        raise RangeError(
            f"distil: expected a teacher of at least width {recipe.width}, got "
            f"{taught.shape[1]}; ask for a width of {taught.shape[1]} or less"
        )
    return taught


def project(vectors: Floats, recipe: Recipe) -> Floats:
    """Project to the recipe's width: x' = c x U l^-whitening, with a mean length of 1.

    U and l are the leading eigenvectors and eigenvalues of the vectors'
    second moments X'X / n; c makes the mean length 1.
    """
    moments = (vectors.T @ vectors).astype(np.float64) / len(vectors)
    spectrum, axes = np.linalg.eigh(moments)
    spectrum = np.maximum(spectrum[::-1][: recipe.width], 1e-12)
    axes = axes[:, ::-1][:, : recipe.width]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(recipe.width)])
    projected = vectors @ (axes * spectrum**-recipe.whitening)
    projected /= np.linalg.norm(projected, axis=1).mean()
    return np.asarray(projected, dtype=np.float32)


def word_weights(vocabulary: Vocabulary, counts: Mapping[str, int], rarity: float) -> Floats:
    """Return the logit that each row brings to the pooling [V].

    w = log(a / (a + p)), p the word's share of all words: softmax then weighs
    a word by a / (a + p) (Arora et al., A Simple but Tough-to-Beat Baseline
    for Sentence Embeddings, 2017). N-gram rows stand for words too rare to
    list, whose p is nearly 0; blanks weigh nothing beside any word.
    """
    total = sum(counts.values())
    shares = np.array([counts[word] / total for word in vocabulary.words])
    return np.concatenate(
        [[-30.0], np.log(rarity / (rarity + shares)), np.zeros(vocabulary.buckets)]
    ).astype(np.float32)


def quantise(table: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return int8 rows and their scales, table = rows * scales within half a step."""
    scale = np.abs(table).max(axis=1) / 127
    scale[scale == 0] = 1
    return np.rint(table / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def _context(recipe: Recipe) -> dict[str, NDArray[Any]]:
    """Recurrence and attention before any training.

    Half of the states average the leading components of the words before a
    token, half those of the words after it, so that attention goes to tokens
    in similar surroundings.
    """
    half, width = recipe.states // 2, recipe.width
    reads = np.eye(half, width, dtype=np.float32)
    share = np.eye(recipe.rank, recipe.states, dtype=np.float32)
    share[:, half:] = np.eye(recipe.rank, recipe.states - half)
    return {
        "input_weight": np.concatenate([reads, reads]),
        "input_bias": np.zeros(recipe.states, dtype=np.float32),
        "decay": np.full(recipe.states, 0.5, dtype=np.float32),
        "query": share[None],
        "key": share[None],
        "output_weight": np.zeros((recipe.states, width), dtype=np.float32),
        "output_bias": np.zeros(recipe.states, dtype=np.float32),
        "fusion_weight": np.zeros((width, recipe.states), dtype=np.float32),
        "fusion_gate": np.full(width, recipe.context, dtype=np.float32),
        "pool_query": np.zeros(width, dtype=np.float32),
    }
