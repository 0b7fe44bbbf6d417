"""Running sums of whole numbers on the GPU."""

from typing import Any

import numpy as np
from numba import cuda

from . import arrays
from .jit import I1, THREADS, blocks, kernel

EACH = 32
"""Neighbouring numbers that one thread adds up."""

PER_BLOCK = THREADS * EACH
"""Numbers that one thread block adds up."""


def sums_before(numbers: Any) -> Any:
    """Replace each number by the sum of those before it, and return the array."""
    totals = arrays.empty(blocks(len(numbers), PER_BLOCK), dtype=np.int64)
    sum_within[len(totals), THREADS](numbers, totals)
    if len(totals) > 1:
        add_before[blocks(len(numbers)), THREADS](sums_before(totals), numbers)
    return numbers


@kernel(I1, I1)
def sum_within(numbers: Any, totals: Any) -> None:
    """The running sums within each thread block's numbers, and their totals."""
    sums = cuda.shared.array(THREADS, np.int64)
    thread = cuda.threadIdx.x
    first = np.int64(cuda.blockIdx.x) * PER_BLOCK + thread * EACH
    last, total = min(first + EACH, len(numbers)), np.int64(0)
    for i in range(first, last):
        total += numbers[i]
    sums[thread] = total
    cuda.syncthreads()
    total = np.int64(0)
    for j in range(thread):
        total += sums[j]
    for i in range(first, last):
        number = numbers[i]
        numbers[i] = total
        total += number
    if thread == THREADS - 1:
        totals[cuda.blockIdx.x] = total


@kernel(I1, I1)
def add_before(before: Any, numbers: Any) -> None:
    """Add to each thread block's numbers the sum of all before them."""
    i = cuda.grid(1)
    if i < len(numbers):
        numbers[i] += before[i // PER_BLOCK]
