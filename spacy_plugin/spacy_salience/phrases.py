"""Candidates for keywords: the phrases of a document."""

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple, TypeAlias

from spacy.tokens import Doc, Span

from .phrase_grammar import Grammar, grammar_of
from .reading import Reading
from .runs import Run, runs_of
from .similarity import weighted

MOST_WORDS = 4
"""Of a phrase. A longer run of words is cut where it is weakest."""

WEAKEST = 0.6
"""The bond that neighbours in a phrase have at least."""


class Phrase(NamedTuple):
    """A phrase at one place: its text, its words, its tokens [first, last) of the item."""

    text: str
    words: tuple[str, ...]
    first: int
    last: int


class Candidates(NamedTuple):
    """The phrases of a document or a span, and which share of a token is one word, if not all."""

    phrases: list[Phrase]
    shares: dict[int, float]

    def weights(self, of_tokens: Sequence[float]) -> list[float]:
        """Return the weights [T] of tokens as words: none of a hyphen's."""
        return weights_of_words(of_tokens, self.shares)


def candidates(item: Doc | Span) -> Candidates:
    """Find the phrases of a document or a span.

    They are runs of words, cut where the bond of neighbours x and y is weak:

        bond(x, y) = min(s_x, s_y) / mean(s) + min(2, n_xy - 1) - e_xy

    s is the salience of the item's words, n_xy how often y follows x, and e_xy 1
    where the words' endings belong to two phrases (English without tags), or 0.

    Raises AnnotationError where the document was not processed.
    """
    weights = weighted(item)[0].tolist()
    reading = Reading(item)
    grammar = grammar_of(item)
    lone, runs = runs_of(reading)
    runs = grammar.parts(runs)
    of_words = weights_of_words(weights, reading.shares)
    phrases = [
        (reading.words[token].text, reading.words[token].text, token, token + 1)
        for token in lone
        if reading.words[token].alone and grammar.may_end(reading.words[token], token)
    ]
    for run, bonds in zip(runs, _bonds(runs, lone, of_words, grammar), strict=True):
        phrases += _phrases(run, bonds, grammar)
    return Candidates(phrases, reading.shares)


def weights_of_words(of_tokens: Sequence[float], shares: dict[int, float]) -> list[float]:
    """Return the weights [T] of tokens as words, of shares of those in `shares`."""
    weights = list(of_tokens)
    for token, share in shares.items():
        weights[token] *= share
    return weights


def _bonds(
    runs: Sequence[Run], lone: Sequence[int], salience: Sequence[float], grammar: Grammar
) -> Iterator[list[float]]:
    """Yield each run's bonds of neighbours."""
    values = [run.sums(salience) for run in runs]
    total = sum(map(sum, values)) + sum([salience[token] for token in lone])
    mean = total / max(1, sum(map(len, values)) + len(lone)) or 1.0
    texts = [[word.text for word in run.words] for run in runs]
    pairs = [list(zip(each, each[1:])) for each in texts]  # noqa: B905
    together = Counter(chain.from_iterable(pairs))
    for run, value, of_run in zip(runs, values, pairs, strict=True):
        neighbours = zip(value, value[1:], of_run, grammar.parted(run.words))  # noqa: B905
        yield [
            (x if x < y else y) / mean + min(together[pair], 3) - 1 - is_parted
            if pair[0] != pair[1]
            else -1.0
            for x, y, pair, is_parted in neighbours
        ]


def _phrases(run: Run, bonds: Sequence[float], grammar: Grammar) -> Iterator[Phrase]:
    words, begins, ends, after = run
    characters = (
        len(words[0].text) == 1 and not any(after) and all(len(each.text) == 1 for each in words)
    )
    for first, last in pairwise(_cut_characters(bonds) if characters else _cut(bonds)):
        while first < last and words[first].number:
            first += 1
        while first < last and not grammar.may_end(words[last - 1], ends[last - 1] - 1):
            last -= 1
        if last - first == 1 and words[first].alone:
            text = words[first].text
            yield text, text, begins[first], ends[first]
        elif any([word.alone for word in words[first:last]]):
            texts = [word.text for word in words[first:last]]
            spaced = " ".join(texts)
            text = spaced if all(after[first : last - 1]) else _text(texts, after[first:last])
            yield text, spaced, begins[first], ends[last - 1]


def _text(words: Sequence[str], after: Sequence[int]) -> str:
    return "".join([word + " " * space for word, space in zip(words, after, strict=True)]).strip()


def _cut(bonds: Sequence[float], most: int = MOST_WORDS) -> Sequence[int]:
    """Cut where a bond is below WEAKEST, and at the weakest of what is still too long."""
    ends = [0, len(bonds) + 1]
    if len(bonds) < most and min(bonds, default=WEAKEST) >= WEAKEST:
        return ends
    for place in sorted(range(len(bonds)), key=bonds.__getitem__):
        at = bisect(ends, place + 1)
        if bonds[place] < WEAKEST or ends[at] - ends[at - 1] > most:
            ends.insert(at, place + 1)
    return ends


def _cut_characters(bonds: Sequence[float]) -> Sequence[int]:
    """Cut characters, of which most words have two; three may be a word."""
    return [0, len(bonds) + 1] if len(bonds) < 3 else _cut(bonds, most=2)
