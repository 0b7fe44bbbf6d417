"""The keywords of a document, by salience."""

from collections.abc import Mapping, Sequence

from spacy.tokens import Doc, Span

from salience import checks
from salience.errors import AnnotationError

from .phrases import Phrase, candidates


def keywords(doc: Doc | Span, n: int = 10) -> list[tuple[str, float]]:
    """Return the n words and phrases that weigh most, as (text, weight).

    weight = sum over the phrase's places of its words' salience

    A phrase is a sequence of up to four words, with no stop word, sign, empty line
    or markup between them; a longer one is cut where salience and the rest of the
    document say that its words belong together least. Where a tagger or a
    parser was in the pipeline, a phrase is adjectives and nouns. Texts are in
    lower case with single spaces, the same for all spellings of a word in other
    code points. Where one phrase contains another, the heavier of the two is returned,
    with the weight of both. Phrases of equal weight are in alphabetical order.

    Raises AnnotationError where the document was not processed, and RangeError
    where n is not at least 0.
    """
    n = checks.at_least("keywords", "n", n, 0)
    if not isinstance(doc, (Doc, Span)):
        raise AnnotationError(f"keywords: expected a Doc or a Span, got {type(doc).__name__}")
    found = candidates(doc)
    return heaviest(found.phrases, found.salience, n)


def heaviest(
    phrases: Sequence[Phrase], weights: Sequence[float], n: int
) -> list[tuple[str, float]]:
    """Return the n phrases with the most weight in all their places, as (text, weight)."""
    totals: dict[str, float] = {}
    for text, _, first, last in phrases:
        totals[text] = totals.get(text, 0.0) + sum(weights[first:last])
    return ranked(phrases, totals, n)


def ranked(
    phrases: Sequence[Phrase], totals: Mapping[str, float], n: int
) -> list[tuple[str, float]]:
    """Return the n phrases of the highest weight, as `keywords` says."""
    words = {text: spaced for text, spaced, *_ in phrases}
    weights: dict[str, float] = {}
    kept: dict[str, str] = {}
    around: dict[str, str] = {}
    for text, weight in _sorted(totals):
        spaced = words[text]
        shorter = _inside(spaced)
        related = [kept[each] for each in shorter if each in kept]
        if spaced in around:
            related.append(around[spaced])
        if related:
            weights[max(related, key=totals.__getitem__)] += weight
            continue
        weights[text] = weight
        kept[spaced] = around[spaced] = text
        for each in shorter:
            around.setdefault(each, text)
    return _sorted(weights)[:n]


def _sorted(weights: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))


def _inside(spaced: str) -> Sequence[str]:
    """Return the shorter phrases inside of a phrase; none of a single word."""
    if " " not in spaced:
        return ()
    words = spaced.split(" ")
    if len(words) == 2:
        return words
    places = range(len(words) + 1)
    return [" ".join(words[first:last]) for first in places for last in places[first + 1 :]]
