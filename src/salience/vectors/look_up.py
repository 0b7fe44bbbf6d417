"""Nearest words, analogies and the odd one out."""

from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from .. import checks
from ..errors import RangeError
from ..ops import cosine_matrix, cosine_top_k, dot_top_k, euclidean_top_k
from ..types import Floats, Ints, Metric
from .word_vectors import WordVectors

Method: TypeAlias = Literal["add", "multiply"]
Question: TypeAlias = tuple[str, str, str]
"""a, b and c of "a is to b as c is to ..."."""

ANALOGIES_AT_ONCE = 256
"""Questions whose scores [questions, V] are in memory at once."""

EPSILON = 1e-3
"""Of 3CosMul, against division by 0."""

_NEAREST = {"cosine": cosine_top_k, "dot": dot_top_k, "euclidean": euclidean_top_k}


class Near(NamedTuple):
    """A word and its score: larger is nearer, but for euclidean distances."""

    word: str
    score: float


def nearest(
    vectors: WordVectors, query: str | ArrayLike, k: int = 10, *, metric: Metric = "cosine",
    leave_out: Collection[str] = (),
) -> list[Near]:  # fmt: skip
    """Return the k known words whose vectors are nearest to a word's, or to a vector [D].

    cosine a'b / (|a| |b|), dot a'b or euclidean |a - b|; the word itself and those of
    leave_out are left out.

    Raises RangeError where a word has no vector, k is below 1, no word is known, or a number
    is not finite; ShapeError or DtypeError where a vector has another form.
    """
    checks.at_least("nearest", "k", k, 1)
    checks.one_of("nearest", "metric", metric, get_args(Metric))
    if isinstance(query, str):
        left, asked = {query, *leave_out}, vectors_of("nearest", vectors, [query])
    else:
        left = set(leave_out)
        asked = checks.floats("nearest", "query", query, (vectors.width,))[None]
    _check_known("nearest", vectors)
    found, scores = _NEAREST[metric](asked, vectors.all_vectors, k + len(left))
    return _listed(vectors, found[0], scores[0], left, k)


def analogy(
    vectors: WordVectors, a: str, b: str, c: str, k: int = 10, *, method: Method = "add"
) -> list[Near]:
    """Return the k words d of "a is to b as c is to d", the best first.

    3CosAdd, cos(d, v_b - v_a + v_c) of vectors of length 1, or 3CosMul,
    cos'(d, b) cos'(d, c) / (cos'(d, a) + 0.001), cos' = (cos + 1) / 2

    a, b and c are never d. Raises RangeError where one has no vector, or no word is known.
    Source: Levy and Goldberg, Linguistic Regularities in Sparse and Explicit Word
    Representations, 2014.
    """
    checks.at_least("analogy", "k", k, 1)
    return analogies(vectors, [(a, b, c)], k, method=method)[0]


def analogies(
    vectors: WordVectors, questions: Sequence[Question], k: int = 1, *, method: Method = "add"
) -> list[list[Near]]:
    """Return the answers to many questions at once, each as `analogy` does."""
    checks.one_of("analogy", "method", method, get_args(Method))
    _check_known("analogy", vectors)
    answers: list[list[Near]] = []
    for first in range(0, len(questions), ANALOGIES_AT_ONCE):
        batch = questions[first : first + ANALOGIES_AT_ONCE]
        different = list(dict.fromkeys(word for question in batch for word in question))
        directions = _directions("analogy", vectors, different)
        places = np.array([[different.index(word) for word in each] for each in batch]).T
        if method == "add":
            a, b, c = directions[places]
            found, scores = cosine_top_k(b - a + c, vectors.all_vectors, k + 3)
        else:
            cosines = cosine_matrix(directions, vectors.all_vectors)
            found, scores = _best_products(cosines, places, k + 3)
        answers += [
            _listed(vectors, rows, of_rows, set(question), k)
            for question, rows, of_rows in zip(batch, found, scores, strict=True)
        ]
    return answers


def odd_one_out(vectors: WordVectors, words: Sequence[str]) -> str:
    """Return the word that fits the others least: that of the least cosine with their mean.

    The mean is of all the words' vectors, each of length 1. Raises RangeError where there are
    fewer than three different words, or one has no vector.
    """
    if len(set(words)) < 3:
        raise RangeError(f"odd: expected at least three different words, got {len(set(words))}")
    directions = _directions("odd", vectors, words)
    fits = cosine_matrix(directions, directions.mean(axis=0, keepdims=True))[:, 0]
    return words[int(np.argmin(fits))]


def vectors_of(where: str, vectors: WordVectors, words: Sequence[str]) -> Floats:
    """Return the vectors of words [N, D]; RangeError names one that has none."""
    for word in words:
        if word not in vectors:
            lower = word.lower()
            hint = f"; {lower!r:.60} has" if lower in vectors else "; give another word"
            raise RangeError(f"{where}: expected a word that has a vector, got {word!r:.60}{hint}")
    return vectors.vectors(words)


def _check_known(where: str, vectors: WordVectors) -> None:
    if not len(vectors):
        raise RangeError(
            f"{where}: expected vectors with known words to find, got rows of n-grams alone; give "
            "word vectors in another format than floret's"
        )


def _directions(where: str, vectors: WordVectors, words: Sequence[str]) -> Floats:
    found = vectors_of(where, vectors, words)
    norms = np.linalg.norm(found, axis=1, keepdims=True)
    directions: Floats = found / np.maximum(norms, np.float32(1e-30))
    return directions


def _best_products(cosines: Floats, places: Ints, k: int) -> tuple[Ints, Floats]:
    """The k columns of cosines [words, V] with the best 3CosMul for each question [3, N]."""
    above = (cosines + np.float32(1)) / np.float32(2)
    to_a, to_b, to_c = (above[each] for each in places)
    scores = to_b * to_c / (to_a + np.float32(EPSILON))
    k = min(k, scores.shape[1])
    best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    found = np.take_along_axis(scores, best, axis=1)
    order = np.lexsort((best, -found), axis=1)  # of equal scores the more frequent word first
    return np.take_along_axis(best, order, axis=1), np.take_along_axis(found, order, axis=1)


def _listed(
    vectors: WordVectors, rows: Ints, scores: Floats, left_out: Collection[str], k: int
) -> list[Near]:
    found = [
        Near(vectors.words[row], score)
        for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
    ]
    return [near for near in found if near.word not in left_out][:k]
