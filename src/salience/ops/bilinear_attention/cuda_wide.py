"""Attention in float64, slowly: of tokens whose logits overflow float32, and for reading."""

import math
from typing import Any

import numpy as np
from numba import cuda

from ...cuda.jit import F1, F2, I1, I2, INT, inline, kernel
from ...cuda.scalars import exp

THREADS = 64


@inline
def _logit(queries: Any, query_at: int, keys: Any, key_at: int, rank: int) -> Any:
    product = np.float64(0)
    for r in range(rank):
        product += np.float64(queries[query_at + r]) * np.float64(keys[key_at + r])
    return product


@inline
def _weigh_row(
    queries: Any, query_at: int, keys: Any, across: int, key_at: int, rank: int,
    low: int, high: int, ends: Any, out: Any, at: int,
) -> None:  # fmt: skip
    """out[at + i] = a_ti of the keys from low to high, by all threads of a thread block."""
    thread = cuda.threadIdx.x
    top, whole = np.float64(-math.inf), np.float64(0)
    for i in range(low + thread, high, THREADS):
        top = max(top, _logit(queries, query_at, keys, i * across + key_at, rank))
    ends[thread] = top
    cuda.syncthreads()
    for n in range(THREADS):
        top = max(top, ends[n])
    cuda.syncthreads()
    for i in range(low + thread, high, THREADS):
        below = _logit(queries, query_at, keys, i * across + key_at, rank) - top
        out[at + i] = exp(np.float32(max(below, np.float64(-1e30))))
        whole += out[at + i]
    ends[thread] = whole
    cuda.syncthreads()
    whole = np.float64(0)
    for n in range(THREADS):
        whole += ends[n]
    for i in range(low + thread, high, THREADS):
        out[at + i] /= np.float32(whole)
    cuda.syncthreads()


@kernel(
    I2, I1, F1, INT, F1, INT, INT, INT, INT, F1, INT, INT, INT, F2, F1, F2, F2, F2
)  # fmt: skip
def attend_wide(
    plan: Any, found: Any, queries: Any, query_across: int, keys: Any, key_across: int,
    keys_at: int, step: int, rank: int, values: Any, width: int, back: int, ahead: int,
    share: Any, a: Any, context: Any, received: Any, own: Any,
) -> None:  # fmt: skip
    """Fill the rows of a document whose share is 0 in turn, by the thread block of its first."""
    ends = cuda.shared.array(THREADS, np.float64)
    start, end, document = (
        plan[cuda.blockIdx.x, 0],
        plan[cuda.blockIdx.x, 1],
        plan[cuda.blockIdx.x, 3],
    )
    if found[document] == 0 or plan[cuda.blockIdx.x, 2] != start:
        return
    heads, thread = share.shape[0], cuda.threadIdx.x
    across = heads * width
    for head in range(heads):
        for t in range(start, end):
            if share[head, t] == np.float32(0):
                low, high = max(start, t - back), min(t + ahead + 1, end)
                query_at, key_at = t * query_across + head * rank, keys_at + head * step
                _weigh_row(queries, query_at, keys, key_across, key_at, rank, low, high, ends, a, 0)
                for i in range(low + thread, high, THREADS):
                    received[head, i] += a[i]
                    if i == t:
                        own[head, t] = a[i]
                for c in range(head * width + thread, (head + 1) * width, THREADS):
                    total = np.float32(0)
                    for i in range(low, high):
                        total += a[i] * values[i * across + c]
                    context[t, c] = total
                cuda.syncthreads()


@kernel(
    I2, I1, F1, INT, F1, INT, INT, INT, INT, F1, F1, INT, F1, F1, INT, INT,
    F2, F1, F1, F2, F2, INT, F2,
)  # fmt: skip
def back_wide(
    plan: Any, found: Any, queries: Any, query_across: int, keys: Any, key_across: int,
    keys_at: int, step: int, rank: int, d_context: Any, values: Any, width: int,
    d_received: Any, d_own: Any, back: int, ahead: int,
    share: Any, a: Any, z: Any, d_queries: Any, d_keys: Any, d_keys_at: int, d_values: Any,
) -> None:  # fmt: skip
    """Fill these rows' gradients, and add to those of the keys and the values that they see."""
    ends = cuda.shared.array(THREADS, np.float64)
    start, end, document = (
        plan[cuda.blockIdx.x, 0],
        plan[cuda.blockIdx.x, 1],
        plan[cuda.blockIdx.x, 3],
    )
    if found[document] == 0 or plan[cuda.blockIdx.x, 2] != start:
        return
    heads, thread = share.shape[0], cuda.threadIdx.x
    across = heads * width
    each = np.float32(1) / np.float32(heads * (end - start))
    for head in range(heads):
        for t in range(start, end):
            if share[head, t] == np.float32(0):
                low, high = max(start, t - back), min(t + ahead + 1, end)
                query_at, key_at = t * query_across + head * rank, keys_at + head * step
                _weigh_row(queries, query_at, keys, key_across, key_at, rank, low, high, ends, a, 0)
                mean = np.float64(0)
                for i in range(low + thread, high, THREADS):
                    slope = each * d_received[i]
                    if i == t:
                        slope += d_own[t] / np.float32(heads)
                    for c in range(head * width, (head + 1) * width):
                        slope += d_context[t * across + c] * values[i * across + c]
                    z[i] = slope
                    mean += a[i] * slope
                ends[thread] = mean
                cuda.syncthreads()
                mean = np.float64(0)
                for n in range(THREADS):
                    mean += ends[n]
                for i in range(low + thread, high, THREADS):
                    z[i] = a[i] * (z[i] - np.float32(mean))
                cuda.syncthreads()
                for r in range(thread, rank, THREADS):
                    total = np.float32(0)
                    for i in range(low, high):
                        total += z[i] * keys[i * key_across + key_at + r]
                        d_keys[i, d_keys_at + head * rank + r] += z[i] * queries[query_at + r]
                    d_queries[t, head * rank + r] = total
                for c in range(head * width + thread, (head + 1) * width, THREADS):
                    for i in range(low, high):
                        d_values[i, c] += a[i] * d_context[t * across + c]
                cuda.syncthreads()


@kernel(F1, INT, F1, INT, INT, INT, INT, INT, INT, INT, INT, F1)
def weigh_rows(
    queries: Any, query_across: int, keys: Any, key_across: int, keys_at: int, step: int,
    rank: int, first: int, back: int, ahead: int, begin: int, out: Any,
) -> None:  # fmt: skip
    """a[head, t] of the tokens first + t of one document, whose keys begin with token begin."""
    ends = cuda.shared.array(THREADS, np.float64)
    row, head = np.int64(cuda.blockIdx.x), cuda.blockIdx.y
    length = len(out) // (cuda.gridDim.x * np.int64(cuda.gridDim.y))
    t: Any = first + row
    low, high = max(0, t - back), min(t + ahead + 1, length)
    _weigh_row(
        queries, (t - begin) * query_across + head * rank,
        keys, key_across, keys_at + head * step, rank, low - begin, high - begin,
        ends, out, (head * cuda.gridDim.x + row) * length + begin,
    )  # fmt: skip
