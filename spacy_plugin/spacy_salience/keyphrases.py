"""The keywords of a document, by salience."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from spacy.tokens import Doc, Span, Token

from salience import checks
from salience.errors import AnnotationError

from .groups import text_of
from .similarity import weighted

MOST_WORDS = 3
"""Of a phrase. Adjacent words that are more are taken singly: they are rarely one phrase."""


def keywords(doc: Doc | Span, n: int = 10) -> list[tuple[str, float]]:
    """Return the n words and phrases that weigh most, as (lower-cased text, weight).

    weight = sum over the phrase's places of its tokens' salience

    A phrase is a run of up to three words, by spaCy's flags without spaces,
    punctuation and stop words; hyphens inside of a word do not end it. With
    equal weights the order is alphabetical.

    Raises AnnotationError where the document was not processed, and RangeError
    where n is not at least 0.
    """
    n = checks.at_least("keywords", "n", n, 0)
    if not isinstance(doc, (Doc, Span)):
        raise AnnotationError(f"keywords: expected a Doc or a Span, got {type(doc).__name__}")
    weights, _ = weighted(doc)
    return heaviest(places(list(doc)), weights.tolist(), n)


def heaviest(
    phrases: Iterable[tuple[str, int, int]], weights: Sequence[float], n: int
) -> list[tuple[str, float]]:
    """Return the n phrases whose places' tokens weigh most, as (text, weight)."""
    totals: dict[str, float] = {}
    for text, first, last in phrases:
        totals[text] = totals.get(text, 0.0) + sum(weights[first:last])
    return ranked(totals, n)


def ranked(totals: Mapping[str, float], n: int) -> list[tuple[str, float]]:
    """Return the n of the highest weight; with equal weights the order is alphabetical."""
    return sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def places(tokens: Sequence[Token]) -> Iterator[tuple[str, int, int]]:
    """Where phrases are: lower-cased text, first token, and one past the last."""
    for first, last in _phrases(tokens):
        yield text_of(tokens[first:last]).lower(), first, last


def _phrases(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    words = [not (token.is_space or token.is_punct or token.is_stop) for token in tokens]
    first = 0
    while first < len(tokens):
        last = first
        while last < len(tokens) and (words[last] or _joins(tokens, words, last)):
            last += 1
        inside = [place for place in range(first, last) if words[place]]
        if len(inside) > MOST_WORDS:
            yield from ((place, place + 1) for place in inside)
        elif inside:
            yield first, last
        first = last + 1


def _joins(tokens: Sequence[Token], words: Sequence[bool], place: int) -> bool:
    """Whether this is a hyphen between two words with no space around it."""
    return (
        0 < place < len(tokens) - 1
        and tokens[place].text == "-"
        and words[place - 1]
        and words[place + 1]
        and not tokens[place - 1].whitespace_
        and not tokens[place].whitespace_
    )
