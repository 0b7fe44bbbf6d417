"""Skip-gram and CBOW with negative sampling, a slice of sentences at a time.

Threads share the tables without locks (Hogwild: Niu et al. 2011).
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ..cpu.descent import descend
from ..cpu.jit import INT, OUT1, OUT2, inline, kernel
from ..cpu.maps import set_plus_product
from ..cpu.prefetch import fetch_row
from ..cpu.reductions import dot
from ..cpu.scalars import sigmoid
from ..types import Floats, Ints
from .draws import Thresholds, below, draw, low

_ZERO = np.float32(0)
_UNIT: Any = np.float32(1)
_TINY = np.float32(1e-30)


class Sentences(NamedTuple):
    """Sentences of tokens end to end, sentence s from starts[s] to starts[s + 1]."""

    tokens: NDArray[np.int32]
    starts: Ints


class Choices(NamedTuple):
    """Which word a token is, or -1; how often each is kept; the alias table of negatives."""

    numbers: NDArray[np.int32]
    often: Thresholds
    thresholds: Thresholds
    others: NDArray[np.int32]


class Members(NamedTuple):
    """The rows that word w is the mean of: numbers[starts[w]:starts[w + 1]]."""

    numbers: NDArray[np.int32]
    starts: Ints


class Tables(NamedTuple):
    """Rows that words are made of, and a row for each word as one that is predicted."""

    rows: Floats
    outputs: Floats


class Scratch(NamedTuple):
    """What a slice writes to.

    words: those that are kept; rivals: a target, then negatives; factors: of a step; hidden,
    before: a mean, and what it was; state: of the generator; told: words, loss, steps so far.
    """

    words: Ints
    rivals: Ints
    factors: Floats
    hidden: Floats
    before: Floats
    state: NDArray[np.uint64]
    told: NDArray[np.float64]


# Inside of tuples numba takes no writable array for a read-only one: all are writable.
_I4, _I8, _U4, _U8, _F8 = (
    types.Array(kind, 1, "C")
    for kind in (types.int32, types.int64, types.uint32, types.uint64, types.float64)
)
_SENTENCES = types.NamedTuple((_I4, _I8), Sentences)  # type: ignore[no-untyped-call]
_CHOICE_ARRAYS = types.NamedTuple((_I4, _U4, _U4, _I4), Choices)  # type: ignore[no-untyped-call]
_MEMBERS = types.NamedTuple((_I4, _I8), Members)  # type: ignore[no-untyped-call]
_TABLE_ARRAYS = types.NamedUniTuple(OUT2, 2, Tables)  # type: ignore[no-untyped-call]
_SCRATCH = types.NamedTuple((_I8, _I8, OUT1, OUT1, OUT1, _U8, _F8), Scratch)  # type: ignore[no-untyped-call]
_ARGUMENTS = _SENTENCES, _CHOICE_ARRAYS, _MEMBERS, _TABLE_ARRAYS, _SCRATCH, INT, types.float32


@inline
def keep(sentences: Sentences, s: int, choices: Choices, scratch: Scratch) -> int:
    """Write a sentence's words that are in the vocabulary and kept, and return how many."""
    count = 0
    for place in range(sentences.starts[s], sentences.starts[s + 1]):
        word = choices.numbers[sentences.tokens[place]]
        if word >= 0 and low(draw(scratch.state)) <= choices.often[word]:
            scratch.words[count] = word
            count += 1
    return count


@inline
def oppose(target: int, choices: Choices, outputs: Floats, scratch: Scratch) -> int:
    """Write rivals: the target, and drawn words that are not it; return how many."""
    rivals = scratch.rivals
    rivals[0] = target
    count = 1
    for _ in range(1, len(rivals)):
        bits = draw(scratch.state)
        word: Any = below(bits, len(choices.thresholds))
        word = word if low(bits) < choices.thresholds[word] else np.int64(choices.others[word])
        if word != target:
            fetch_row(outputs, word)
            rivals[count] = word
            count += 1
    return count


@inline
def learn(x: Floats, outputs: Floats, rivals: Ints, factors: Floats, rate: np.float32) -> None:
    """One step against the gradient of -log s(x y_0) - sum over k > 0 of log s(-x y_k).

    s is the sigmoid, y_k the output row of rivals[k]; x and all y_k move, by
    rate (1 [k = 0] - s(x y_k)), which is factors[k], times each other.
    """
    for k in range(len(rivals)):
        factors[k] = dot(x, outputs[rivals[k]])
    for k in range(len(factors)):  # also those that are not used: whole vectors
        factors[k] = -rate * sigmoid(factors[k])
    factors[0] += rate
    descend(x, outputs, rivals, factors)


@inline
def tell(scratch: Scratch, count: int, rivals: int, rate: np.float32) -> None:
    """Note how many words were kept, and the loss of the last step, by its factors."""
    scratch.told[0] += count
    if rivals:
        wrong = _UNIT - scratch.factors[0] / rate
        scratch.told[1] -= math.log(max(wrong, _TINY))
        for k in range(1, rivals):
            scratch.told[1] -= math.log(max(_UNIT + scratch.factors[k] / rate, _TINY))
        scratch.told[2] += 1


@inline
def add_members(word: int, members: Members, rows: Floats, total: Floats) -> int:
    """total += the rows of a word; return how many they are."""
    first, last = members.starts[word], members.starts[word + 1]
    for place in range(first, last):
        set_plus_product(total, total, rows[members.numbers[place]], _UNIT)
    return int(last - first)


@inline
def move_members(word: int, members: Members, rows: Floats, change: Floats) -> None:
    """Each row of a word += change: by so many times its gradient as a mean has members."""
    for place in range(members.starts[word], members.starts[word + 1]):
        row = rows[members.numbers[place]]
        set_plus_product(row, row, change, _UNIT)


@inline
def fetch_members(word: int, members: Members, rows: Floats) -> None:
    """Prefetch the rows of a word."""
    for place in range(members.starts[word], members.starts[word + 1]):
        fetch_row(rows, int(members.numbers[place]))


@inline
def begin(scratch: Scratch, count: int) -> None:
    """Make the mean of the hidden row's sum of `count` rows, and remember it."""
    share = _UNIT / np.float32(max(count, 1))
    hidden, before = scratch.hidden, scratch.before
    for d in range(len(hidden)):
        hidden[d] *= share
        before[d] = hidden[d]


@inline
def take_change(scratch: Scratch) -> None:
    """Make of the hidden row by how much it has moved."""
    hidden, before = scratch.hidden, scratch.before
    for d in range(len(hidden)):
        hidden[d] -= before[d]


@kernel(*_ARGUMENTS)
def skip_gram(
    sentences: Sentences, choices: Choices, _: Members, tables: Tables, scratch: Scratch,
    window: int, rate: np.float32,
) -> None:  # fmt: skip
    """Each word's neighbours predict it: each its own row, against negatives of its own."""
    words = scratch.words
    for s in range(len(sentences.starts) - 1):
        count, n = keep(sentences, s, choices, scratch), 0
        for i in range(count):
            size = window - below(draw(scratch.state), window)
            for j in range(max(0, i - size), min(count, i + size + 1)):
                if j != i:
                    # Negatives that all neighbours share are faster, but analogies suffer.
                    n = oppose(words[i], choices, tables.outputs, scratch)
                    rivals = scratch.rivals[:n]
                    learn(tables.rows[words[j]], tables.outputs, rivals, scratch.factors, rate)
        tell(scratch, count, n, rate)


@kernel(*_ARGUMENTS)
def skip_gram_of_members(
    sentences: Sentences, choices: Choices, members: Members, tables: Tables, scratch: Scratch,
    window: int, rate: np.float32,
) -> None:  # fmt: skip
    """Each word, the mean of its rows, predicts its neighbours.

    The mean moves with each step, and its rows when all are done: the same as after each,
    since a mean moves by what all of its rows move by.
    """
    words, rows = scratch.words, tables.rows
    for s in range(len(sentences.starts) - 1):
        count, n = keep(sentences, s, choices, scratch), 0
        for i in range(count):
            size = window - below(draw(scratch.state), window)
            if i + 1 < count:
                fetch_members(words[i + 1], members, rows)
            scratch.hidden[:] = _ZERO
            begin(scratch, add_members(words[i], members, rows, scratch.hidden))
            for j in range(max(0, i - size), min(count, i + size + 1)):
                if j != i:
                    n = oppose(words[j], choices, tables.outputs, scratch)
                    rivals = scratch.rivals[:n]
                    learn(scratch.hidden, tables.outputs, rivals, scratch.factors, rate)
            take_change(scratch)
            move_members(words[i], members, rows, scratch.hidden)
        tell(scratch, count, n, rate)


@kernel(*_ARGUMENTS)
def cbow(
    sentences: Sentences, choices: Choices, members: Members, tables: Tables, scratch: Scratch,
    window: int, rate: np.float32,
) -> None:  # fmt: skip
    """The mean of all rows of a word's neighbours predicts it."""
    words, rows = scratch.words, tables.rows
    for s in range(len(sentences.starts) - 1):
        count, n = keep(sentences, s, choices, scratch), 0
        for i in range(count):
            size = window - below(draw(scratch.state), window)
            first, last = max(0, i - size), min(count, i + size + 1)
            if last - first > 1:
                n, total = oppose(words[i], choices, tables.outputs, scratch), 0
                scratch.hidden[:] = _ZERO
                for j in range(first, last):
                    if j != i:
                        total += add_members(words[j], members, rows, scratch.hidden)
                begin(scratch, total)
                rivals = scratch.rivals[:n]
                learn(scratch.hidden, tables.outputs, rivals, scratch.factors, rate)
                take_change(scratch)
                for j in range(first, last):
                    if j != i:
                        move_members(words[j], members, rows, scratch.hidden)
        tell(scratch, count, n, rate)
