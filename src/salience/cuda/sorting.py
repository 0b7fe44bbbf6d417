"""A stable sort of whole numbers on the GPU, by some of their bits.

A radix sort, four bits (a digit) at a time, the lowest first: every thread block
counts the digits of its numbers, running sums over [digit, thread block] say where
its numbers of each digit begin, and it moves them there in their order.
"""

from typing import Any

import numpy as np
from numba import cuda

from . import arrays
from .jit import I1, I2, INT, blocks, inline, kernel
from .running_sums import sums_before

BITS = 4
EACH = 16
"""Neighbouring numbers that one thread moves."""

_DIGITS = 1 << BITS
_THREADS = 64
_PER_BLOCK = _THREADS * EACH
_SHARES = _THREADS // _DIGITS
_SHARE = _THREADS // _SHARES
_SHAPE = _DIGITS, _SHARES, _SHARE + 1
"""Counts in shared memory: [digit, share, i] of thread share * _SHARE + i. A thread adds up a
share of one digit; the padding at its end keeps neighbouring threads in different banks."""


def sort(numbers: Any, first: int, bits: int) -> Any:
    """Return numbers [N] >= 0 in rising order of their bits from `first` on, none beyond `bits`.

    Equals stay in their order. The numbers given are overwritten.
    """
    other, tiles = arrays.empty_like(numbers), blocks(len(numbers), _PER_BLOCK)
    counts = arrays.empty(_DIGITS, tiles, dtype=np.int64)
    for shift in range(first, first + bits, BITS):
        count[tiles, _THREADS](numbers, shift, counts)
        sums_before(counts.reshape(counts.size))
        move[tiles, _THREADS](numbers, shift, counts, other)
        numbers, other = other, numbers
    return numbers


@kernel(I1, INT, I2)
def count(numbers: Any, shift: int, counts: Any) -> None:
    """Count each thread block's numbers of each digit."""
    own = cuda.shared.array(_SHAPE, np.int32)
    totals = cuda.shared.array((_DIGITS, _SHARES), np.int32)
    thread = cuda.threadIdx.x
    share, i = thread // _SHARE, thread % _SHARE
    first = np.int64(cuda.blockIdx.x) * _PER_BLOCK + thread * EACH
    for digit in range(_DIGITS):
        own[digit, share, i] = 0
    for n in range(first, min(first + EACH, len(numbers))):
        own[(numbers[n] >> shift) & (_DIGITS - 1), share, i] += 1
    _sums_of_threads(own, totals)
    if thread < _DIGITS:
        total = np.int64(0)
        for j in range(_SHARES):
            total += totals[thread, j]
        counts[thread, cuda.blockIdx.x] = total


@kernel(I1, INT, I2, I1)
def move(numbers: Any, shift: int, begins: Any, out: Any) -> None:
    """Sort a thread block's numbers in shared memory, so that neighbours are written together."""
    own = cuda.shared.array(_SHAPE, np.int32)
    totals = cuda.shared.array((_DIGITS, _SHARES), np.int32)
    digit_begins = cuda.shared.array(_DIGITS, np.int32)
    tile = cuda.shared.array(_PER_BLOCK, np.int64)
    read = cuda.local.array(EACH, np.int64)
    rank = cuda.local.array(EACH, np.int32)
    thread = cuda.threadIdx.x
    share, i = thread // _SHARE, thread % _SHARE
    begin = np.int64(cuda.blockIdx.x) * _PER_BLOCK
    inside: Any = min(_PER_BLOCK, len(numbers) - begin)
    for digit in range(_DIGITS):
        own[digit, share, i] = 0
    for n in range(EACH):
        place = thread * EACH + n
        if place < inside:
            read[n] = numbers[begin + place]
            digit = (read[n] >> shift) & (_DIGITS - 1)
            rank[n] = own[digit, share, i]
            own[digit, share, i] += 1
    _sums_of_threads(own, totals)
    if thread < _DIGITS:
        before = np.int32(0)
        for digit in range(thread):
            for j in range(_SHARES):
                before += totals[digit, j]
        digit_begins[thread] = before
    _sums_before_threads(own, totals)
    for n in range(EACH):
        if thread * EACH + n < inside:
            digit = (read[n] >> shift) & (_DIGITS - 1)
            tile[digit_begins[digit] + own[digit, share, i] + rank[n]] = read[n]
    cuda.syncthreads()
    for n in range(EACH):
        place = n * _THREADS + thread
        if place < inside:
            digit = (tile[place] >> shift) & (_DIGITS - 1)
            out[begins[digit, cuda.blockIdx.x] + place - digit_begins[digit]] = tile[place]


@inline
def _sums_of_threads(own: Any, totals: Any) -> None:
    """Fill totals [digit, share] with sums of the threads' counts."""
    digit, share = cuda.threadIdx.x // _SHARES, cuda.threadIdx.x % _SHARES
    cuda.syncthreads()
    total = np.int32(0)
    for i in range(_SHARE):
        total += own[digit, share, i]
    totals[digit, share] = total
    cuda.syncthreads()


@inline
def _sums_before_threads(own: Any, totals: Any) -> None:
    """Replace each count by the sum of those of the same digit in the threads before."""
    digit, share = cuda.threadIdx.x // _SHARES, cuda.threadIdx.x % _SHARES
    before = np.int32(0)
    for j in range(share):
        before += totals[digit, j]
    for i in range(_SHARE):
        number = own[digit, share, i]
        own[digit, share, i] = before
        before += number
    cuda.syncthreads()
