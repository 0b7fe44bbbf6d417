"""Runs of words that have only spaces between them."""

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import NamedTuple

from .pieces import BREAK, HYPHEN, LINE, NUMBER, SPACE, STOP, Piece, is_unit, joined
from .reading import Reading, Word

_COMPOUND = r"W(?:hW)*h(?:w|W(?=x|$))"
_END = r"(?=[xs]|$|S(?:[xsS]|$))"
_REGION = re.compile(
    rf"(?P<words>(?:[wu]|W(?=[xu]|$))+){_END}"
    rf"|(?P<compounds>(?:w|W(?=x|$)|{_COMPOUND})+){_END}"
    rf"|n{_END}"
    r"|(?P<others>(?:[wWuchn]|S(?![xsS]|$))+)"
)
"""Tokens between signs and stop words, by their codes: words with spaces between them, words
with hyphens too, a number, or what is looked at. In "on-line" a stop word does not end them."""

_WORDS, _COMPOUNDS, _OTHERS = (
    _REGION.groupindex[name] for name in ("words", "compounds", "others")
)
_WORD = re.compile(rf"{_COMPOUND}|[wW]")


class Run(NamedTuple):
    """Words that follow each other: the tokens [begin, end) of each, and if a space follows."""

    words: Sequence[Word]
    begins: Sequence[int]
    ends: Sequence[int]
    after: Sequence[int]

    def part(self, first: int, last: int) -> "Run":
        """Return its words [first, last)."""
        return Run(*(each[first:last] for each in self))

    def sums(self, of_tokens: Sequence[float]) -> Sequence[float]:
        """Return the sum over each word's tokens."""
        first, last = self.begins[0], self.ends[-1]
        if last - first == len(self.words):
            return of_tokens[first:last]
        return [
            sum(of_tokens[begin:end]) for begin, end in zip(self.begins, self.ends, strict=True)
        ]


def runs_of(reading: Reading) -> tuple[list[int], list[Run]]:
    """Return the tokens that are words with no word beside them, and the runs of other words.

    Stop words, signs, empty lines and markup are what is between them.
    """
    lone: list[int] = []
    runs: list[Run] = []
    words, after = reading.words, reading.after
    for found in _REGION.finditer(reading.codes):
        first, last = found.span()
        kind = found.lastindex
        if kind == _WORDS and last - first == 1:
            lone.append(first)
        elif kind == _WORDS:
            begins, ends = range(first, last), range(first + 1, last + 1)
            runs.append(Run(words[first:last], begins, ends, after[first:last]))
        elif kind == _COMPOUNDS:
            runs.append(_with_compounds(reading, first, last))
        elif kind == _OTHERS:
            goes_on = last < len(after) and not after[last - 1]
            pieces = reading.pieces(first, last + goes_on)
            runs += [_run(reading, run) for run in _runs(_words(reading, pieces))]
    return lone, runs


def _with_compounds(reading: Reading, first: int, last: int) -> Run:
    spans = [found.span() for found in _WORD.finditer(reading.codes, first, last)]
    words = [
        reading.words[begin] if end - begin == 1 else reading.compound(begin, end)
        for begin, end in spans
    ]
    begins, ends = zip(*spans, strict=True)
    return Run(words, begins, ends, [1] * len(words))


def _run(reading: Reading, pieces: Sequence[Piece]) -> Run:
    return Run(
        [reading.word(piece) for piece in pieces],
        [piece[3] for piece in pieces],
        [piece[4] for piece in pieces],
        [*(piece[0] >= SPACE for piece in pieces[1:]), 0],
    )


def _runs(words: Iterator[Piece]) -> Iterator[list[Piece]]:
    run: list[Piece] = []
    for word in words:
        gap, *_, kind, form = word
        # A number at the beginning of a line counts the lines.
        if run and (kind >= STOP or gap == BREAK or (kind == NUMBER and gap == LINE)):
            yield run
            run = []
        if run and run[-1][5] == NUMBER and (kind == NUMBER or is_unit(form)):
            yield from [run[:-1]] * (len(run) > 1)  # a quantity, or a telephone number
            run = []
        elif kind < STOP:
            run.append(word)
    if run:
        yield run


def _words(reading: Reading, pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Join what nothing is seen between, and what hyphens are between.

    A stop word may begin a word with hyphens ("on-line") and not end it.
    """
    first = 0
    while first < len(pieces):
        last = first + 1
        while last < len(pieces) and pieces[last][0] <= HYPHEN:
            last += 1
        yield from _joined(reading, pieces[first:last])
        first = last


def _joined(reading: Reading, group: Sequence[Piece]) -> Iterator[Piece]:
    words: list[Piece] = []
    for piece in group:
        if words and piece[0] < HYPHEN:
            words[-1] = joined(words[-1], piece, reading.text, reading.vocab)
        else:
            words.append(piece)
    kept = len(words)
    while kept and words[kept - 1][5] >= STOP:
        kept -= 1
    if kept:
        yield reduce(lambda a, b: joined(a, b, reading.text, reading.vocab), words[:kept])
    yield from words[kept:]
