"""embedding on the GPU: gradients are summed in the order of sorted ids, not by atomics."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda

from ...cuda import arrays
from ...cuda.jit import F2, I1, I2, inline, kernel
from ...cuda.keys import Keys, numbered, of_rows, of_shared_rows
from ...cuda.owner_sums import add_up
from ...cuda.spread import over

EACH = 4
"""Rows that a thread takes; it reads them all, or as many of a bag, before it uses the first."""

_WORD = 8
"""Bytes of two numbers, which are copied as one word where every row begins on one."""


def forward(table: Any, ids: Any) -> Any:
    """x_t = W_e[id_t]."""
    x = arrays.empty(len(ids), table.shape[1])
    if not x.size:
        return x
    copy, wide, to = copy_numbers, table, x
    if table.shape[1] % 2 == 0 and arrays.address(table) % _WORD == 0:
        copy, wide, to = copy_words, table.view(np.int64), x.view(np.int64)
    copy[over(len(ids), to.shape[1], EACH)](wide, ids, to)
    return x


def forward_bags(table: Any, ids: Any, starts: Any) -> Any:
    """x_t = mean of W_e[id_i] over bag t."""
    x = arrays.empty(len(starts) - 1, table.shape[1])
    bag_means[over(len(x), x.shape[1], EACH)](table, ids, arrays.there(starts), x)
    return x


def backprop(d_x: Any, ids: Any, rows: int) -> Any:
    """dL/dW_e[i] = sum of dL/dx_t over the t with id_t = i."""
    return _sums(d_x, of_rows(ids, rows), rows)


def backprop_bags(d_x: Any, ids: Any, starts: Any, rows: int) -> Any:
    """dL/dW_e[i] = sum of dL/dx_t / size of bag t over the bags t that name i."""
    return _sums(d_x, of_shared_rows(ids, arrays.there(starts), rows), rows)


def sparse_backprop(d_x: Any, ids: Any, rows: int) -> tuple[Any, Any]:
    """The rows of dL/dW_e that ids name; the host waits for their number."""
    return _named_sums(d_x, of_rows(ids, rows))


def sparse_backprop_bags(d_x: Any, ids: Any, starts: Any, rows: int) -> tuple[Any, Any]:
    """The rows of dL/dW_e that ids name; the host waits for their number."""
    return _named_sums(d_x, of_shared_rows(ids, arrays.there(starts), rows))


def _sums(d_x: Any, keys: Keys, rows: int) -> Any:
    d_table = arrays.zeros(rows, d_x.shape[1])
    add_up(d_x, keys, d_table)
    return d_table


def _named_sums(d_x: Any, keys: Keys) -> tuple[Any, Any]:
    named, places = numbered(keys)
    d_rows = arrays.empty(len(named), d_x.shape[1])
    add_up(d_x, places, d_rows)
    return named, d_rows


def _make_copy(name: str) -> Callable[..., None]:
    def copy(table: Any, ids: Any, x: Any) -> None:
        c = cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
        side: Any = cuda.blockDim.y
        first: Any = np.int64(cuda.blockIdx.x) * EACH * side + cuda.threadIdx.y
        if c >= x.shape[1]:
            return
        own, read = cuda.local.array(EACH, np.int64), cuda.local.array(EACH, x.dtype)
        if first + (EACH - 1) * side < len(ids):
            for i in range(EACH):
                own[i] = ids[first + i * side]
            for i in range(EACH):
                read[i] = table[own[i], c]
            for i in range(EACH):
                x[first + i * side, c] = read[i]
        else:
            for i in range(EACH):
                t = first + i * side
                if t < len(ids):
                    x[t, c] = table[ids[t], c]

    copy.__qualname__ = name
    return copy


copy_numbers = kernel(F2, I1, F2)(_make_copy("copy_numbers"))
copy_words = kernel(I2, I1, I2)(_make_copy("copy_words"))


@kernel(F2, I1, I1, F2)
def bag_means(table: Any, ids: Any, starts: Any, x: Any) -> None:
    """x_t = sum of W_e[id_i] / size of bag t, divided first; a bag of one is its row."""
    c = cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    side: Any = cuda.blockDim.y
    first: Any = np.int64(cuda.blockIdx.x) * EACH * side + cuda.threadIdx.y
    if c >= x.shape[1]:
        return
    own, read = cuda.local.array(EACH, np.int64), cuda.local.array(EACH, np.float32)
    others = np.int64(1)
    if first + (EACH - 1) * side < len(x):
        others = np.int64(0)
        for i in range(EACH):
            own[i] = starts[first + i * side]
            others |= starts[first + i * side + 1] - own[i] - 1
    if not others:
        for i in range(EACH):
            own[i] = ids[own[i]]
        for i in range(EACH):
            read[i] = table[own[i], c]
        for i in range(EACH):
            x[first + i * side, c] = read[i]
    else:
        for i in range(EACH):
            t = first + i * side
            if t < len(x):
                x[t, c] = _mean(table, ids, starts[t], starts[t + 1] - starts[t], c)


@inline
def _mean(table: Any, ids: Any, begin: int, size: int, c: int) -> Any:
    if size <= 1:
        return table[ids[begin], c] if size else np.float32(0)
    read, whole = cuda.local.array(EACH, np.float32), size // EACH * EACH
    share, total = np.float32(1) / np.float32(size), np.float32(0)
    for place in range(begin, begin + whole, EACH):
        for i in range(EACH):
            read[i] = table[ids[place + i], c]
        for i in range(EACH):
            total += share * read[i]
    for place in range(begin + whole, begin + size):
        total += share * table[ids[place], c]
    return total
