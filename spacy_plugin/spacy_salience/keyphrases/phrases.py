"""Candidates for keywords: the phrases of a document."""

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf
from typing import NamedTuple, TypeAlias

from spacy.tokens import Doc, Span

from ..annotations.segments import in_words
from ..annotations.similarity import weighted
from .coded_tokens import CodedTokens, Word
from .grammar import Grammar, grammar_of
from .sequences import WordSequence, sequences_of

MOST_WORDS = 4
"""The most words of a phrase: a longer sequence is cut where its bonds are weakest."""

WEAKEST = 0.6
"""The least bond of neighbours in a phrase: a sequence is cut at weaker ones."""

FEW_WORDS = 20
"""Below this number of words their mean salience says little: only endings cut sequences."""

BESIDE = 0.3
"""Subtracted from the bond of a pair that occurs once, next to a pair that occurs again."""

WITH_ITSELF = -9
"""The count that is assumed for a word followed by itself: "cold cold" is no phrase."""

Phrase: TypeAlias = tuple[str, str, int, int]
"""A phrase at one place: its text, its words with spaces between them, tokens [first, last)."""


class Candidates(NamedTuple):
    """The phrases of a document or a span."""

    phrases: list[Phrase]
    salience: list[float]
    """The weights [T] of tokens, each times its share."""
    shares: dict[int, float]
    """The shares of tokens that are not one word, as in CodedTokens."""

    def weights(self, of_tokens: Sequence[float]) -> list[float]:
        """Return other weights [T] of tokens, each times its share."""
        return _weights_of_words(of_tokens, self.shares)


def candidates(item: Doc | Span) -> Candidates:
    """Find the phrases of a document or a span.

    They are sequences of words, cut where the bond of neighbours x and y is below 0.6:

        bond(x, y) = min(s_x, s_y) / mean(s) + min(2, n_xy - 1) - e_xy - r_xy

    s is the salience of the item's words and n_xy how often y follows x. e_xy is
    up to 1 where the words' endings belong to two phrases (English without tags),
    and r_xy is 0.3 where "x y" occurs once, next to a pair that occurs more often.

    Raises AnnotationError where the document was not processed.
    """
    item, weights = in_words(item, weighted(item)[0].tolist())
    coded = CodedTokens(item)
    grammar = grammar_of(item)
    lone, sequences = sequences_of(coded)
    salience = _weights_of_words(weights, coded.shares)
    phrases = [
        (word.text, word.text, token, token + 1)
        for token, word in [(token, coded.words[token]) for token in lone]
        if word.alone and grammar.may_end(word, token)
    ]
    sequences = grammar.allowed(sequences)
    for sequence, bonds in zip(sequences, _bonds(sequences, lone, salience, grammar), strict=True):
        phrases += _phrases(sequence, bonds, grammar)
    return Candidates(phrases, salience, coded.shares)


def _weights_of_words(of_tokens: Sequence[float], shares: dict[int, float]) -> list[float]:
    weights = list(of_tokens)
    for token, share in shares.items():
        weights[token] *= share
    return weights


def _bonds(
    sequences: Sequence[WordSequence],
    lone: Sequence[int],
    salience: Sequence[float],
    grammar: Grammar,
) -> Iterator[list[float]]:
    """Yield the bonds of neighbours in each sequence."""
    values = [sequence.sums(salience) for sequence in sequences]
    total = sum(map(sum, values)) + sum([salience[token] for token in lone])
    count = sum(map(len, values)) + len(lone)
    mean = total / max(1, count) or 1.0
    lift = WEAKEST if count < FEW_WORDS else 0.0
    texts = [[word.text for word in words] for words, *_ in sequences]
    together = Counter([pair for each in texts for pair in pairwise(each)])
    for (words, *_), value, of_words in zip(sequences, values, texts, strict=True):
        times = [together[x, y] if x != y else WITH_ITSELF for x, y in pairwise(of_words)]
        around = [0, *times, 0]
        shares = [inf if word.leans else x / mean for word, x in zip(words, value, strict=True)]
        yield [
            min(shares[at], shares[at + 1])
            + min(2, often - 1)
            - apart
            + lift
            - (BESIDE if often == 1 and (around[at] > 1 or around[at + 2] > 1) else 0)
            for at, (often, apart) in enumerate(zip(times, grammar.apart(words), strict=True))
        ]


def _phrases(sequence: WordSequence, bonds: Sequence[float], grammar: Grammar) -> list[Phrase]:
    words, begins, ends, after = sequence
    found: list[Phrase] = []
    for first, last in pairwise(
        _cut(bonds) if after[0] or sequence.has_spaces else _cut_characters(bonds)
    ):
        while first < last and words[first].number:
            first += 1
        while first < last and not grammar.may_end(words[last - 1], ends[last - 1] - 1):
            last -= 1
        of_phrase = words[first:last]
        if [word for word in of_phrase if word.alone]:
            text, spaced = _texts(of_phrase, after[first:last])
            found.append((text, spaced, begins[first], ends[last - 1]))
    return found


def _texts(words: Sequence[Word], after: Sequence[int]) -> tuple[str, str]:
    """Return a phrase as it is written, and its words with spaces between them."""
    texts = [word.text for word in words]
    spaced = " ".join(texts)
    inside = [word.inside for word in words[:-1]]
    if all(after[:-1]) and inside == texts[:-1]:
        return spaced, spaced
    written = [word + " " * space for word, space in zip(inside, after, strict=False)]
    return "".join([*written, texts[-1]]), spaced


def _cut(bonds: Sequence[float], most: int = MOST_WORDS) -> Sequence[int]:
    """Return where phrases end: at bonds below WEAKEST, then at the weakest of what is too long."""
    ends = [0, len(bonds) + 1]
    if len(bonds) < most and min(bonds, default=WEAKEST) >= WEAKEST:
        return ends
    for place in sorted(range(len(bonds)), key=bonds.__getitem__):
        at = bisect(ends, place + 1)
        if bonds[place] < WEAKEST or ends[at] - ends[at - 1] > most:
            ends.insert(at, place + 1)
    return ends


def _cut_characters(bonds: Sequence[float]) -> Sequence[int]:
    """Return where words of single characters end: most have two, and three alone may be one."""
    return [0, len(bonds) + 1] if len(bonds) < 3 else _cut(bonds, most=2)
