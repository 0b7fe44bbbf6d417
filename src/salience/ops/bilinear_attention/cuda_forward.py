"""What tokens attend to, and what attention they receive: one pass over tiles for each.

A token whose logits overflow float32 gets a share (1 / the sum of its softmax) of 0,
so that all kernels skip it but those of cuda_wide.py.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda

from ...cuda.jit import F1, F2, I1, I2, INT, Kernel, inline, kernel
from . import cuda_tiles as tiles
from .cuda_plan import LARGE, SMALL
from .cuda_tiles import ALIGNED, COLUMNS, FACTORS_SHAPE, NUMBERS_SHAPE, SIDE, VALUE_COLUMNS, row_of

LOWEST = np.float32(np.finfo(np.float32).min)
HIDDEN = np.float32(-np.inf)


@inline
def power(x: Any) -> Any:
    """e^x of a logit below its row's maximum; 0 of what is hidden."""
    return np.float32(math.exp(x))


def of_each_size(
    decorate: Callable[..., Kernel], make: Callable[[int], Callable[..., None]]
) -> tuple[Kernel, Kernel]:
    """Return a kernel for small tiles and one for large tiles, each by a name of its own."""
    small, large = make(SMALL), make(LARGE)
    for function, size in ((small, "small"), (large, "large")):
        function.__qualname__ = f"{function.__name__}_{size}"
    return decorate(small), decorate(large)


def make_see(each: int) -> Callable[..., None]:
    """Make the function that finds the columns, of a document, that each row of a tile sees."""

    @inline
    def see(start: int, end: int, first: int, back: int, ahead: int, lows: Any, highs: Any) -> None:
        """From t - back to t + ahead, both included."""
        y = cuda.threadIdx.x >> 3
        for i in range(each):
            t = first - start + row_of(i, y)
            lows[i] = np.int32(max(t - back, 0))
            highs[i] = np.int32(min(t + ahead, end - start - 1))

    function: Callable[..., None] = see
    return function


def _make_attend(each: int) -> Callable[..., None]:
    product, weigh, see = tiles.make_product(each), tiles.make_weigh(each), make_see(each)
    highest, total_of = _make_highest(each), make_total(each)
    keep = tiles.make_keep(each)
    size, shape = SIDE * each, tiles.weights_shape(each)

    def attend(
        plan: Any, queries: Any, query_across: int, keys: Any, key_across: int, keys_at: int,
        step: int, rank: int, values: Any, width: int, back: int, ahead: int,
        context: Any, most: Any, share: Any, found: Any,
    ) -> None:  # fmt: skip
        """c_t = sum_i a_ti x_i by an online softmax: its maximum and sum so far are kept up."""
        left = cuda.shared.array(FACTORS_SHAPE, np.float32, alignment=ALIGNED)
        right = cuda.shared.array(FACTORS_SHAPE, np.float32, alignment=ALIGNED)
        weights = cuda.shared.array(shape, np.float32, alignment=ALIGNED)
        part = cuda.shared.array(NUMBERS_SHAPE, np.float32, alignment=ALIGNED)
        scores = cuda.local.array((each, each), np.float32)
        sums = cuda.local.array((each, VALUE_COLUMNS), np.float32)
        top, total = cuda.local.array(each, np.float32), cuda.local.array(each, np.float32)
        lows, highs = cuda.local.array(each, np.int32), cuda.local.array(each, np.int32)
        start, end, first = (
            plan[cuda.blockIdx.x, 0],
            plan[cuda.blockIdx.x, 1],
            plan[cuda.blockIdx.x, 2],
        )
        head, across = cuda.blockIdx.y, width * cuda.gridDim.y
        y, x = cuda.threadIdx.x >> 3, cuda.threadIdx.x & 7
        column, until = head * width + COLUMNS * cuda.blockIdx.z, (head + 1) * width
        last = min(first + size, end)
        see(start, end, first, back, ahead, lows, highs)
        for i in range(each):
            top[i], total[i] = LOWEST, np.float32(0)
            for c in range(VALUE_COLUMNS):
                sums[i, c] = np.float32(0)
        high = min(end, last + ahead)
        for low in range(max(start, first - back), high, size):
            product(
                queries, query_across, head * rank, first, last,
                keys, key_across, keys_at + head * step, low, high, rank, left, right, scores,
            )  # fmt: skip
            if low + size > min(high, first + ahead + 1) or low < last - 1 - back:
                for i in range(each):
                    for j in range(each):
                        key = np.int32(low - start + row_of(j, x))
                        seen = key >= lows[i] and key <= highs[i]
                        scores[i, j] = scores[i, j] if seen else HIDDEN
            highest(scores, part, top, total, sums)
            for i in range(each):
                added = np.float32(0)
                for j in range(each):
                    scores[i, j] = power(scores[i, j] - top[i])
                    added += scores[i, j]
                total[i] += added
            if column < until:
                keep(scores, weights)
                weigh(
                    weights, values, across, low, min(low + size, high), column, until, right, sums
                )
        total_of(total, part)
        for i in range(each):
            t = first + row_of(i, y)
            if t < last:
                ok = total[i] > np.float32(0)
                whole = np.float32(1) / total[i] if ok else np.float32(0)
                for c in range(VALUE_COLUMNS):
                    if column + row_of(c, x) < until:
                        context[t, column + row_of(c, x)] = sums[i, c] * whole
                if x == 0 and cuda.blockIdx.z == 0:
                    most[head, t], share[head, t] = top[i], whole
                    if not ok:
                        found[plan[cuda.blockIdx.x, 3]] = 1

    return attend


def _make_receive(each: int) -> Callable[..., None]:
    product, weigh, see = tiles.make_product(each), tiles.make_weigh(each), make_see(each)
    total_of = make_total(each)
    keep = tiles.make_keep(each)
    size, shape = SIDE * each, tiles.weights_shape(each)

    def receive(
        plan: Any, queries: Any, query_across: int, keys: Any, key_across: int, keys_at: int,
        step: int, rank: int, rows: Any, width: int, back: int, ahead: int,
        most: Any, share: Any, received: Any, own: Any, out: Any,
    ) -> None:  # fmt: skip
        """Of each key: sum_t a_ti, a_ii, and out_i = sum_t a_ti rows_t."""
        left = cuda.shared.array(FACTORS_SHAPE, np.float32, alignment=ALIGNED)
        right = cuda.shared.array(FACTORS_SHAPE, np.float32, alignment=ALIGNED)
        weights = cuda.shared.array(shape, np.float32, alignment=ALIGNED)
        part = cuda.shared.array(NUMBERS_SHAPE, np.float32, alignment=ALIGNED)
        scores = cuda.local.array((each, each), np.float32)
        sums = cuda.local.array((each, VALUE_COLUMNS), np.float32)
        total, places = cuda.local.array(each, np.float32), cuda.local.array(each, np.int32)
        tops, shares = cuda.local.array(each, np.float32), cuda.local.array(each, np.float32)
        lows, highs = cuda.local.array(each, np.int32), cuda.local.array(each, np.int32)
        start, end, first = (
            plan[cuda.blockIdx.x, 0],
            plan[cuda.blockIdx.x, 1],
            plan[cuda.blockIdx.x, 2],
        )
        head, across = cuda.blockIdx.y, width * cuda.gridDim.y
        y, x = cuda.threadIdx.x >> 3, cuda.threadIdx.x & 7
        column, until = head * width + COLUMNS * cuda.blockIdx.z, (head + 1) * width
        last = min(first + size, end)
        # The tokens that see a key are the window mirrored.
        see(start, end, first, ahead, back, lows, highs)
        for i in range(each):
            total[i] = np.float32(0)
            for c in range(VALUE_COLUMNS):
                sums[i, c] = np.float32(0)
        high = min(end, last + back)
        for low in range(max(start, first - ahead), high, size):
            product(
                keys, key_across, keys_at + head * step, first, last,
                queries, query_across, head * rank, low, high, rank, left, right, scores,
            )  # fmt: skip
            cuda.syncthreads()
            for j in range(each):
                t = min(low + row_of(j, x), high - 1)
                tops[j], shares[j] = most[head, t], share[head, t]
                known = shares[j] > np.float32(0) and low + row_of(j, x) < high
                places[j] = np.int32(t - start if known else -1)
            for i in range(each):
                added = np.float32(0)
                for j in range(each):
                    a = power(scores[i, j] - tops[j]) * shares[j]
                    a = a if places[j] >= lows[i] and places[j] <= highs[i] else np.float32(0)
                    scores[i, j] = a
                    added += a
                total[i] += added
            if cuda.blockIdx.z == 0 and low < last and low + size > first:
                for i in range(each):
                    for j in range(each):
                        if first + row_of(i, y) == low + row_of(j, x) and low + row_of(j, x) < last:
                            own[head, low + row_of(j, x)] = scores[i, j]
            if column < until:
                keep(scores, weights)
                weigh(weights, rows, across, low, min(low + size, high), column, until, right, sums)
        total_of(total, part)
        for i in range(each):
            t = first + row_of(i, y)
            if t < last:
                for c in range(VALUE_COLUMNS):
                    if column + row_of(c, x) < until:
                        out[t, column + row_of(c, x)] = sums[i, c]
                if x == 0 and cuda.blockIdx.z == 0:
                    received[head, t] = total[i]

    return receive


def _make_highest(each: int) -> Callable[..., None]:
    @inline
    def highest(scores: Any, part: Any, top: Any, total: Any, sums: Any) -> None:
        """Raise each row's maximum to that of its new scores, and rescale its sums so far to it."""
        y, x = cuda.threadIdx.x >> 3, cuda.threadIdx.x & 7
        for i in range(each):
            most = top[i]
            for j in range(each):
                most = scores[i, j] if scores[i, j] > most else most
            part[x, SIDE * (i >> 2) + y, i & 3] = most
        cuda.syncthreads()
        for i in range(each):
            most = top[i]
            for other in range(SIDE):
                seen = part[other, SIDE * (i >> 2) + y, i & 3]
                most = seen if seen > most else most
            scale = power(top[i] - most)
            top[i] = most
            total[i] *= scale
            for c in range(VALUE_COLUMNS):
                sums[i, c] *= scale

    function: Callable[..., None] = highest
    return function


def make_total(each: int) -> Callable[..., None]:
    """Make the function that adds up each row's numbers over its threads, in their order."""

    @inline
    def total_of(total: Any, part: Any) -> None:
        y, x = cuda.threadIdx.x >> 3, cuda.threadIdx.x & 7
        cuda.syncthreads()
        for i in range(each):
            part[x, SIDE * (i >> 2) + y, i & 3] = total[i]
        cuda.syncthreads()
        for i in range(each):
            whole = np.float32(0)
            for other in range(SIDE):
                whole += part[other, SIDE * (i >> 2) + y, i & 3]
            total[i] = whole

    function: Callable[..., None] = total_of
    return function


_ATTEND = kernel(
    I2, F1, INT, F1, INT, INT, INT, INT, F1, INT, INT, INT, F2, F2, F2, I1
)  # fmt: skip
_RECEIVE = kernel(
    I2, F1, INT, F1, INT, INT, INT, INT, F1, INT, INT, INT, F2, F2, F2, F2, F2
)  # fmt: skip

attend = of_each_size(_ATTEND, _make_attend)
receive = of_each_size(_RECEIVE, _make_receive)
