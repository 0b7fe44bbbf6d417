"""Why two texts are as similar as they are: the score as a sum over pairs of words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Token

from salience import checks
from salience.errors import AnnotationError, RangeError

from ..annotations.extensions import ROUNDED
from ..annotations.similarity import Annotated, in_documents, similarity, vector_of, weighted
from ..annotations.spaces import projection_of
from ..annotations.stamps import Space, doc_of
from ..pictures import html, text
from .groups import KINDS, NUMBERS_AT_ONCE, By, Groups, groups_of, tokens_of

MOST_PAIRS = 2**27
"""Contributions that are computed at once: 1 GiB."""

WHERE = "explain"


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """A similarity score as a sum over pairs; it holds strings and arrays, and no Doc.

    score is similarity(a, b). contributions [A, B], float64, sum to it: each is of one
    pair of tokens, words, entities or sentences, as unit says. labels are the texts of
    these, A of a and B of b. others says, for a and for b, whether the last label is
    "other words". space is where the two are compared, if the model ends in a projection:
    "token" for two Tokens, else "document".
    """

    score: float
    labels: tuple[tuple[str, ...], tuple[str, ...]]
    contributions: NDArray[np.float64]
    unit: By = "token"
    groups: Mapping[By, tuple[Groups, Groups] | AnnotationError] = field(default_factory=dict)
    others: tuple[bool, bool] = (False, False)
    space: Space = "document"

    @property
    def content(self) -> NDArray[np.float64]:
        """The contributions without those of "other words"; a view of the array."""
        rows, columns = self.contributions.shape
        return self.contributions[: rows - self.others[0], : columns - self.others[1]]

    def by(self, unit: By) -> "Explanation":
        """Return the same score as a sum over pairs of words, entities or sentences.

        Raises AnnotationError where a document has no sentence boundaries, and
        RangeError where this explanation is not by token.
        """
        checks.one_of(WHERE, "by", unit, KINDS)
        if unit == self.unit:
            return self
        if self.unit != "token":
            raise RangeError(
                f"{WHERE}: expected an explanation by token to group, this is one by "
                f'{self.unit}; call explain(a, b, by="{unit}")'
            )
        groups = self.groups[unit]
        if isinstance(groups, AnnotationError):
            raise AnnotationError(str(groups))
        left, right = groups
        ones = np.ones(max(self.contributions.shape))
        rows = left.sums(ones[: len(left.places)], self.contributions)
        both = right.sums(ones[: len(right.places)], rows.T).T
        labels, others = (left.labels, right.labels), (left.others, right.others)
        return Explanation(self.score, labels, _frozen(both), unit, others=others, space=self.space)

    def top(self, n: int = 10) -> list[tuple[str, str, float]]:
        """Return the n pairs of the largest magnitude, as (label in a, label in b, contribution).

        Pairs with "other words" come after all pairs of content words, however large they
        are; `contributions` has all pairs.

        Raises RangeError where n is not at least 0.
        """
        checks.at_least("top", "n", n, 0)
        places = _largest_pairs(self.content, n)
        if len(places) < n:
            places = np.concatenate([places, self._pairs_with_others()[: n - len(places)]])
        left, right = self.labels
        return [(left[i], right[j], float(self.contributions[i, j])) for i, j in places.tolist()]

    def _pairs_with_others(self) -> NDArray[np.int64]:
        """The places [P, 2] of all pairs with "other words", largest first."""
        is_other = np.ones(self.contributions.shape, dtype=bool)
        rows, columns = self.content.shape
        is_other[:rows, :columns] = False
        places = np.argwhere(is_other)
        return places[_largest(self.contributions[tuple(places.T)], len(places))]

    def __repr__(self) -> str:
        rows, columns = self.contributions.shape
        return f"Explanation({self.score:.4f}, by {self.unit}: {rows} x {columns})"

    def __str__(self) -> str:
        return text.pairs(self, colour=False)

    def _repr_html_(self) -> str:
        return html.explanation(self)


def explain(a: Annotated, b: Annotated, *, by: By = "token") -> Explanation:
    """Return how much each pair of tokens, or of groups of tokens, adds to similarity(a, b).

    cos(d_a, d_b) = sum_ij s_i s_j (v_i . v_j) / (|d_a| |d_b|): each pair of tokens i and j
    contributes its term of the sum, and each pair of groups the sum of its tokens' terms,
    computed from the groups' sums of s_i v_i. Where the model ends in a projection, P v
    stands for v, except between two Tokens, which are compared in the token space.

    Args:
        a, b: Docs, Spans or Tokens that a salience component has processed.
        by: "token"; "word", all places of a word together; "entity", with every token
            outside of entities alone; or "sentence". By word and by entity, stop words,
            punctuation and other signs are one group, "other words".

    Raises:
        AnnotationError: an item was not processed or has no sentence boundaries
            where by is "sentence", the two are of two models, or their model's
            projection is not known in this process.
        RangeError: there are more than 2**27 pairs, or by is unknown.
    """
    checks.one_of(WHERE, "by", by, KINDS)
    score = similarity(a, b)
    sides = tokens_of(a), tokens_of(b)
    left, right = (groups_of(side, by) for side in sides)
    _check_size(left, right, by)
    space: Space = "token" if isinstance(a, Token) and isinstance(b, Token) else "document"
    contributions = _unit_sums(a, left, space) @ _unit_sums(b, right, space).T
    groups = {kind: _grouped(*sides, kind) for kind in KINDS[1:]} if by == "token" else {}
    labels, others = (left.labels, right.labels), (left.others, right.others)
    return Explanation(score, labels, _frozen(contributions), by, groups, others, space)


def _check_size(left: Groups, right: Groups, by: By) -> None:
    rows, columns = len(left.labels), len(right.labels)
    if rows * columns > MOST_PAIRS:
        raise RangeError(
            f"{WHERE}: {rows} x {columns} pairs of by={by!r} exceed {MOST_PAIRS} (1 GiB); "
            'group them, as by="sentence" does, or explain Spans such as doc[:1000]'
        )


def _unit_sums(item: Annotated, groups: Groups, space: Space) -> NDArray[np.float64]:
    """Each group's sum of s_t v_t, divided by the norm of the sum of all [G, D]."""
    weights, vectors = weighted(item)
    sums, whole = groups.sums(weights, vectors), vector_of(item)
    projection = projection_of(doc_of(item)) if space == "document" else None
    if projection is not None:
        sums, whole = sums @ projection.T, in_documents(item, whole)
    whole = whole.astype(np.float64)
    norm, rest = np.linalg.norm(whole), whole - sums.sum(axis=0)
    if not norm > 0:
        return np.zeros_like(sums)
    if np.linalg.norm(rest) > ROUNDED * norm:
        raise AnnotationError(
            f"{WHERE}: expected a vector that is the sum of its tokens' by salience, found "
            "another; one of them was changed: run the document through the pipeline again"
        )
    # The stored float32 vector was rounded: the difference is spread over tokens by their weights.
    shares = groups.sums(np.ones_like(weights), weights[:, None] / weights.sum())
    sums += shares * rest
    sums /= norm
    return sums


def _largest_pairs(values: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """The places [n, 2] of the n largest magnitudes of a matrix, some rows of it at a time."""
    rows, columns = values.shape
    places = np.zeros((0, 2), dtype=np.int64)
    step = max(1, NUMBERS_AT_ONCE // max(1, columns))
    for first in range(0, rows if n and columns else 0, step):
        found = np.divmod(_largest(values[first : first + step].ravel(), n), columns)
        places = np.concatenate([places, np.stack(found, axis=1) + np.array([first, 0])])
        places = places[_largest(values[tuple(places.T)], n)]
    return places


def _largest(values: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """The places of the n largest magnitudes, largest first; earlier places first among equals."""
    size, n = np.abs(values), min(n, len(values))
    places = np.flatnonzero(size >= np.partition(size, -n)[-n]) if n else np.zeros(0, np.int64)
    return places[np.argsort(-size[places], kind="stable")][:n]


def _grouped(
    left: list[Token], right: list[Token], by: By
) -> tuple[Groups, Groups] | AnnotationError:
    try:
        return groups_of(left, by), groups_of(right, by)
    except AnnotationError as error:
        return AnnotationError(str(error))


def _frozen(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
