"""Groups of texts that say nearly the same, by their vectors."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from salience import checks
from salience.errors import RangeError

from ..component.pipelines import chosen
from ..encoding.batches import texts_of
from ..encoding.text_encoder import TextEncoder
from ..search.index import Backend
from ..search.stored import BACKENDS
from .joined import Pair

MOST_EXACT = 100_000
"""Different texts that are all compared with each other by default."""

WHERE = "duplicates"


class Group(NamedTuple):
    """Texts that are near-duplicates: their places, in order, and n - 1 pairs that join them.

    Each pair (a, b, score) has the places a < b of two texts, and their cosine. Two texts of
    a group may be less alike than the threshold, where others are between them.
    """

    places: list[int]
    pairs: list[Pair]


def duplicates(
    texts: Iterable[str], *, above: float = 0.9, model: str | None = None,
    lang: str | None = None, backend: Backend | None = None,
) -> list[Group]:  # fmt: skip
    """Find groups of near-duplicates among texts, the largest first.

    Texts i and j are a pair where cos(d_i, d_j) >= above, or they are equal; groups are the
    connected components of the graph of these pairs. Texts without a vector, such as empty
    ones, are duplicates of equal ones alone. Memory grows with the number of texts, not with
    that of pairs.

    Args:
        texts: an iterable of texts.
        above: the least cosine of a pair, above 0 and at most 1.
        model, lang: as for TextEncoder; by default the embedded model of the language, or of
            English.
        backend: "exact", which compares all pairs, or "usearch", a graph that misses few; by
            default exact for up to 100,000 different texts.

    Raises RangeError where a value is not allowed, DtypeError where a text is no string,
    MissingPackageError where the graph is needed and usearch is not installed, and
    UnicodeEncodeError where a text has a lone surrogate.
    """
    above = threshold(above)
    if backend is not None:
        checks.one_of(WHERE, "backend", backend, BACKENDS)
    places = _places_of_each(texts_of(WHERE, texts))
    different = list(places)
    vectors = TextEncoder(chosen(model, lang), lang=lang).encode(different)
    rows = np.flatnonzero(vectors.any(axis=1))
    if backend is None:
        backend = "exact" if len(rows) <= MOST_EXACT else "usearch"
    from .alike import by_graph, exactly  # numba is imported when it is needed

    if len(rows) < len(vectors):
        vectors = vectors[rows]
    joined = (exactly if backend == "exact" else by_graph)(vectors, above)
    labels = np.arange(len(different))
    labels[rows] = rows[joined.labels]
    firsts = [each[0] for each in places.values()]
    between = [Pair(firsts[rows[a]], firsts[rows[b]], score) for a, b, score in joined.pairs]
    return _groups(list(places.values()), labels.tolist(), between)


def threshold(above: float) -> float:
    """Return the least cosine of a pair; RangeError where it is none."""
    number = checks.between(WHERE, "above", above, 0, 1)
    if number == 0:
        raise RangeError(
            f"{WHERE}: expected a cosine above 0, got {above!r}, which nearly all texts have; "
            "give a number such as 0.9"
        )
    return number


def _places_of_each(texts: Sequence[str]) -> dict[str, list[int]]:
    """The places of each different text."""
    found: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        found.setdefault(text, []).append(place)
    return found


def _groups(
    equal: Sequence[list[int]], labels: Sequence[int], between: Iterable[Pair]
) -> list[Group]:
    """The groups of several texts; each different text has its equals' places, and a label."""
    groups: dict[int, Group] = defaultdict(lambda: Group([], []))
    of_place: dict[int, Group] = {}
    for places, label in zip(equal, labels, strict=True):
        group = of_place[places[0]] = groups[label]
        group.places.extend(places)
        group.pairs.extend(Pair(places[0], other, 1.0) for other in places[1:])
    for pair in between:
        of_place[pair.a].pairs.append(pair)
    found = [each for each in groups.values() if len(each.places) > 1]
    for each in found:
        each.places.sort()
    return sorted(found, key=lambda each: (-len(each.places), each.places[0]))
