"""Runs of words that have only spaces between them."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, reduce
from typing import NamedTuple, TypeAlias

from .coded_tokens import CodedTokens, Word
from .pieces import BREAK, HYPHEN, LINE_END, NUMBER, SPACE, STOP, Piece, is_unit, joined

_REGION = re.compile(r"(?:[wWuchnl]+|S(?![xsS]|$))+")
"""Tokens between signs and stop words, by their codes; in "on-line" is no stop word."""

_LAST = r"W(?=[xl]|$)"
_COMPOUND = rf"[WS](?:h[WS])*h(?:w|{_LAST})"
_PLAIN = re.compile(r"(?:[wu]|W(?=[xu]|$))+")
_WITH_HYPHENS = re.compile(rf"(?:w|{_LAST}|l(?!l)|{_COMPOUND})+")
_ONE_WORD = re.compile(rf"{_COMPOUND}|[wW]")


Spans: TypeAlias = tuple[tuple[int, int], ...]


class Run(NamedTuple):
    """Words that follow each other: the tokens [begin, end) of each, and if a space follows."""

    words: Sequence[Word]
    begins: Sequence[int]
    ends: Sequence[int]
    after: Sequence[int]

    @property
    def has_spaces(self) -> bool:
        """Whether it is not a row of single characters, as Chinese is where none cuts words."""
        return any(self.after) or any(len(word.text) > 1 for word in self.words)

    def part(self, first: int, last: int) -> "Run":
        """Return its words [first, last)."""
        return Run(
            self.words[first:last],
            self.begins[first:last],
            self.ends[first:last],
            self.after[first:last],
        )

    def sums(self, of_tokens: Sequence[float]) -> Sequence[float]:
        """Return the sum over each word's tokens."""
        first, last = self.begins[0], self.ends[-1]
        if last - first == len(self.words):
            return of_tokens[first:last]
        return [
            sum(of_tokens[begin:end]) for begin, end in zip(self.begins, self.ends, strict=True)
        ]


def runs_of(coded: CodedTokens) -> tuple[list[int], list[Run]]:
    """Return the tokens that are words with no word beside them, and the runs of other words.

    Stop words, signs, empty lines and markup are what is between them.
    """
    lone: list[int] = []
    runs: list[Run] = []
    codes, words, after = coded.codes, coded.words, coded.after
    for found in _REGION.finditer(codes):
        first, last = found.span()
        spans_in = _spans_in_short if last - first < 16 else _spans_in
        spans = spans_in(found[0], codes[last : last + 1])
        if spans is None:
            goes_on = last < len(after) and not after[last - 1]
            pieces = coded.pieces(first, last + goes_on)
            runs += [_run(coded, run) for run in _runs(_words(coded, pieces))]
        elif len(spans) == last - first == 1:
            lone.append(first)
        elif len(spans) == last - first:
            begins, ends = range(first, last), range(first + 1, last + 1)
            runs.append(Run(words[first:last], begins, ends, after[first:last]))
        elif spans:
            runs.append(_spanning(coded, first, last, spans))
    return lone, runs


def _spanning(coded: CodedTokens, first: int, last: int, spans: Spans) -> Run:
    for token in range(first, last):
        if coded.codes[token] in "hl":
            coded.shares[token] = 0.0
    begins = [first + begin for begin, _ in spans]
    ends = [first + end for _, end in spans]
    words = [coded.word_at(*span) for span in zip(begins, ends, strict=True)]
    return Run(words, begins, ends, [1] * len(words))


def _spans_in(region: str, behind: str) -> Spans | None:
    """Return which tokens of a region are a word each; None where their text has to be looked at.

    `behind` is the code of the token behind it, a sign or a stop word.
    """
    if region in ("n", "l"):
        return ()
    for pattern in (_PLAIN, _WITH_HYPHENS):
        found = pattern.match(region + behind)
        if found and found.end() == len(region):
            return tuple([found.span() for found in _ONE_WORD.finditer(region.replace("u", "w"))])
    return None


_spans_in_short = lru_cache(maxsize=2**12)(_spans_in)
"""Codes are few, and most regions of two or three."""


def _run(coded: CodedTokens, pieces: Sequence[Piece]) -> Run:
    return Run(
        [coded.word(piece) for piece in pieces],
        [piece[3] for piece in pieces],
        [piece[4] for piece in pieces],
        [*(piece[0] >= SPACE for piece in pieces[1:]), 0],
    )


def _runs(words: Iterator[Piece]) -> Iterator[list[Piece]]:
    run: list[Piece] = []
    for word in words:
        gap, *_, kind, form = word
        # A number at the beginning of a line counts the lines.
        if run and (kind >= STOP or gap == BREAK or (kind == NUMBER and gap == LINE_END)):
            yield run
            run = []
        if run and run[-1][5] == NUMBER and (kind == NUMBER or is_unit(form)):
            yield from [run[:-1]] * (len(run) > 1)  # a quantity, or a telephone number
            run = []
        elif kind < STOP:
            run.append(word)
    if run:
        yield run


def _words(coded: CodedTokens, pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Join what nothing is seen between, and what hyphens are between.

    A stop word may begin a word with hyphens ("on-line") and not end it.
    """
    first = 0
    while first < len(pieces):
        last = first + 1
        while last < len(pieces) and pieces[last][0] <= HYPHEN:
            last += 1
        yield from _joined(coded, pieces[first:last])
        first = last


def _joined(coded: CodedTokens, group: Sequence[Piece]) -> Iterator[Piece]:
    words: list[Piece] = []
    for piece in group:
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
