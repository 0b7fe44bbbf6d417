"""Sequences of words with only spaces or hyphens between them, of which phrases are made."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, reduce
from typing import NamedTuple, TypeAlias

from .coded_tokens import CodedTokens, Word
from .pieces import BREAK, HYPHEN, LINE_END, NUMBER, SPACE, STOP, Piece, is_unit, joined

_REGION = re.compile(r"(?:[wWuchnl]+|S(?![xsS]|$))+")
"""The codes (see coded_tokens.py) of tokens between signs and stop words.

A stop word is kept before a hyphen, as in "on-line".
"""

_LAST = r"W(?=[xl]|$)"
_COMPOUND = rf"[WS](?:h[WS])*h(?:w|{_LAST})"
_PLAIN = re.compile(r"(?:[wu]|W(?=[xu]|$))+")
_WITH_HYPHENS = re.compile(rf"(?:w|{_LAST}|l(?!l)|{_COMPOUND})+")
_ONE_WORD = re.compile(rf"{_COMPOUND}|[wW]")

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""The tokens [begin, end) of each word."""


class WordSequence(NamedTuple):
    """Words that follow each other.

    The tokens of word i are [begins[i], ends[i]); after[i] says whether a space follows it.
    """

    words: Sequence[Word]
    begins: Sequence[int]
    ends: Sequence[int]
    after: Sequence[int]

    @property
    def has_spaces(self) -> bool:
        """Whether words are told apart; where no tool splits Chinese, each character is a word."""
        return any(self.after) or any(len(word.text) > 1 for word in self.words)

    def between(self, first: int, last: int) -> "WordSequence":
        """Return its words [first, last)."""
        own = slice(first, last)
        return WordSequence(self.words[own], self.begins[own], self.ends[own], self.after[own])

    def sums(self, of_tokens: Sequence[float]) -> Sequence[float]:
        """Return the sum of these numbers over the tokens of each word."""
        first, last = self.begins[0], self.ends[-1]
        if last - first == len(self.words):
            return of_tokens[first:last]
        return [
            sum(of_tokens[begin:end]) for begin, end in zip(self.begins, self.ends, strict=True)
        ]


def sequences_of(coded: CodedTokens) -> tuple[list[int], list[WordSequence]]:
    """Return the tokens of words that stand alone, and the sequences of all other words.

    Stop words, signs, empty lines and markup separate sequences.
    """
    lone: list[int] = []
    sequences: list[WordSequence] = []
    codes, words, after = coded.codes, coded.words, coded.after
    for found in _REGION.finditer(codes):
        first, last = found.span()
        ranges_in = _ranges_in_short if last - first < 16 else _ranges_in
        ranges = ranges_in(found[0], codes[last : last + 1])
        if ranges is None:
            goes_on = last < len(after) and not after[last - 1]
            pieces = coded.pieces(first, last + goes_on)
            sequences += [_of_pieces(coded, each) for each in _divided(_words(coded, pieces))]
        elif len(ranges) == last - first == 1:
            lone.append(first)
        elif len(ranges) == last - first:
            begins, ends = range(first, last), range(first + 1, last + 1)
            sequences.append(WordSequence(words[first:last], begins, ends, after[first:last]))
        elif ranges:
            sequences.append(_of_ranges(coded, first, last, ranges))
    return lone, sequences


def _of_ranges(coded: CodedTokens, first: int, last: int, ranges: Ranges) -> WordSequence:
    for token in range(first, last):
        if coded.codes[token] in "hl":
            coded.shares[token] = 0.0
    begins = [first + begin for begin, _ in ranges]
    ends = [first + end for _, end in ranges]
    words = [coded.word_at(*each) for each in zip(begins, ends, strict=True)]
    return WordSequence(words, begins, ends, [1] * len(words))


def _ranges_in(region: str, behind: str) -> Ranges | None:
    """Return the tokens of each word of a region; None where the codes do not tell.

    `behind` is the code of the next token, a sign or a stop word.
    """
    if region in ("n", "l"):
        return ()
    for pattern in (_PLAIN, _WITH_HYPHENS):
        found = pattern.match(region + behind)
        if found and found.end() == len(region):
            return tuple([found.span() for found in _ONE_WORD.finditer(region.replace("u", "w"))])
    return None


# There are few codes, and most regions have two or three tokens, so that the same ones recur.
_ranges_in_short = lru_cache(maxsize=2**12)(_ranges_in)


def _of_pieces(coded: CodedTokens, pieces: Sequence[Piece]) -> WordSequence:
    return WordSequence(
        [coded.word(piece) for piece in pieces],
        [piece[3] for piece in pieces],
        [piece[4] for piece in pieces],
        [*(piece[0] >= SPACE for piece in pieces[1:]), 0],
    )


def _divided(words: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Yield the words of each sequence; what separates sequences is left out."""
    sequence: list[Piece] = []
    for word in words:
        gap, *_, kind, form = word
        # A number at the beginning of a line may number a list: it belongs to no phrase before it.
        if sequence and (kind >= STOP or gap == BREAK or (kind == NUMBER and gap == LINE_END)):
            yield sequence
            sequence = []
        if sequence and sequence[-1][5] == NUMBER and (kind == NUMBER or is_unit(form)):
            yield from [sequence[:-1]] * (len(sequence) > 1)  # a quantity, or a telephone number
            sequence = []
        elif kind < STOP:
            sequence.append(word)
    if sequence:
        yield sequence


def _words(coded: CodedTokens, pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield words: pieces with nothing visible or hyphens between them are joined to one.

    A word with hyphens may begin with a stop word ("on-line"), but does not end with one.
    """
    first = 0
    while first < len(pieces):
        last = first + 1
        while last < len(pieces) and pieces[last][0] <= HYPHEN:
            last += 1
        yield from _joined(coded, pieces[first:last])
        first = last


def _joined(coded: CodedTokens, pieces: Sequence[Piece]) -> Iterator[Piece]:
    words: list[Piece] = []
    for piece in pieces:
        if words and piece[0] < HYPHEN:
            words[-1] = joined(words[-1], piece, coded.text, coded.vocab)
        else:
            words.append(piece)
    kept = len(words)
    while kept and words[kept - 1][5] >= STOP:
        kept -= 1
    if kept:
        yield reduce(lambda a, b: joined(a, b, coded.text, coded.vocab), words[:kept])
    yield from words[kept:]
