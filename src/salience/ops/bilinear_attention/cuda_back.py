"""The gradients of attention, tile by tile; the weights are computed again."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numba import cuda

from ...cuda.jit import F1, F2, I1, I2, INT, kernel
from . import cuda_tiles as tiles
from .cuda_forward import HIDDEN, LOWEST, make_see, make_total, of_each_size, power
from .cuda_tiles import (
    ALIGNED,
    COLUMNS,
    FACTORS_SHAPE,
    NUMBERS_SHAPE,
    SIDE,
    VALUE_COLUMNS,
    quad_of,
    row_of,
)


def _make_means(each: int) -> Callable[..., None]:
    product, see, total_of = tiles.make_product(each), make_see(each), make_total(each)
    size = SIDE * each

    def means(
        plan: Any, queries: Any, query_across: int, keys: Any, key_across: int, keys_at: int,
        step: int, rank: int, d_context: Any, values: Any, width: int,
        d_received: Any, d_own: Any, back: int, ahead: int,
        most: Any, share: Any, mean: Any, found: Any,
    ) -> None:  # fmt: skip
        """Each softmax's maximum, 1 / sum, and sum_i a_ti p_ti: by thread, and then joined."""
        left = cuda.shared.array(FACTORS_SHAPE, np.float32, alignment=ALIGNED)
        right = cuda.shared.array(FACTORS_SHAPE, np.float32, alignment=ALIGNED)
        part = cuda.shared.array(NUMBERS_SHAPE, np.float32, alignment=ALIGNED)
        scores = cuda.local.array((each, each), np.float32)
        slopes = cuda.local.array((each, each), np.float32)
        top, total = cuda.local.array(each, np.float32), cuda.local.array(each, np.float32)
        middle, even = cuda.local.array(each, np.float32), cuda.local.array(each, np.float32)
        raised = cuda.local.array(each, np.float32)
        lows, highs = cuda.local.array(each, np.int32), cuda.local.array(each, np.int32)
        tile, head, heads = cuda.blockIdx.x, cuda.blockIdx.y, cuda.gridDim.y
        start, end, first = plan[tile, 0], plan[tile, 1], plan[tile, 2]
        y, x = cuda.threadIdx.x >> 3, cuda.threadIdx.x & 7
        across, last = width * heads, min(first + size, end)
        each_received = np.float32(1) / np.float32(heads * (end - start))
        each_head = np.float32(1) / np.float32(heads)
        see(start, end, first, back, ahead, lows, highs)
        for i in range(each):
            top[i], total[i], middle[i] = LOWEST, np.float32(0), np.float32(0)
        high = min(end, last + ahead)
        for low in range(max(start, first - back), high, size):
            product(
                d_context, across, head * width, first, last,
                values, across, head * width, low, high, width, left, right, slopes,
            )  # fmt: skip
            product(
                queries, query_across, head * rank, first, last,
                keys, key_across, keys_at + head * step, low, high, rank, left, right, scores,
            )  # fmt: skip
            for j in range(each):
                even[j] = each_received * d_received[min(low + row_of(j, x), high - 1)]
            if low < last and low + size > first:
                for i in range(each):
                    t = first + row_of(i, y)
                    extra = d_own[min(t, last - 1)] * each_head
                    for j in range(each):
                        slopes[i, j] += extra if t == low + row_of(j, x) else np.float32(0)
            for i in range(each):
                highest = top[i]
                for j in range(each):
                    key = np.int32(low - start + row_of(j, x))
                    s = scores[i, j] if key >= lows[i] and key <= highs[i] else HIDDEN
                    highest = s if s > highest else highest
                    scores[i, j] = s
                raised[i] = highest
            for i in range(each):
                scale, highest = power(top[i] - raised[i]), raised[i]
                added, leaning = np.float32(0), np.float32(0)
                for j in range(each):
                    a = power(scores[i, j] - highest)
                    leans = a * (slopes[i, j] + even[j])
                    added += a
                    leaning += np.float32(0) if scores[i, j] == HIDDEN else leans
                top[i], total[i] = highest, total[i] * scale + added
                middle[i] = middle[i] * scale + leaning
        cuda.syncthreads()
        for i in range(each):
            part[x, SIDE * (i >> 2) + y, i & 3] = top[i]
        cuda.syncthreads()
        for i in range(each):
            highest = top[i]
            for other in range(SIDE):
                s = part[other, SIDE * (i >> 2) + y, i & 3]
                highest = s if s > highest else highest
            scale = power(top[i] - highest)
            top[i], total[i], middle[i] = highest, total[i] * scale, middle[i] * scale
        total_of(total, part)
        total_of(middle, part)
        for i in range(each):
            t = first + row_of(i, y)
            if x == 0 and t < last:
                ok = total[i] > np.float32(0)
                most[head, t] = top[i]
                share[head, t] = np.float32(1) / total[i] if ok else np.float32(0)
                mean[head, t] = middle[i] / total[i] if ok else np.float32(0)
                if not ok:
                    found[plan[tile, 3]] = 1

    return means


def _make_slopes(each: int, *, turned: bool) -> Callable[..., None]:
    product, weigh, see = tiles.make_product(each), tiles.make_weigh(each), make_see(each)
    keep = tiles.make_keep(each)
    size, shape = SIDE * each, tiles.weights_shape(each)

    def slopes(
        plan: Any, ours: Any, our_across: int, ours_at: int, our_step: int,
        theirs: Any, their_across: int, theirs_at: int, their_step: int, rank: int,
        our_values: Any, their_values: Any, width: int,
        d_received: Any, d_own: Any, back: int, ahead: int,
        most: Any, share: Any, mean: Any, out: Any, out_at: int,
    ) -> None:  # fmt: skip
        """out = sum z theirs of each row of ours, with z_ti = a_ti (p_ti - mean_t)."""
        left = cuda.shared.array(FACTORS_SHAPE, np.float32, alignment=ALIGNED)
        right = cuda.shared.array(FACTORS_SHAPE, np.float32, alignment=ALIGNED)
        weights = cuda.shared.array(shape, np.float32, alignment=ALIGNED)
        scores = cuda.local.array((each, each), np.float32)
        sums = cuda.local.array((each, VALUE_COLUMNS), np.float32)
        top, part = cuda.local.array(each, np.float32), cuda.local.array(each, np.float32)
        middle, even = cuda.local.array(each, np.float32), cuda.local.array(each, np.float32)
        lows, highs = cuda.local.array(each, np.int32), cuda.local.array(each, np.int32)
        places, slope = cuda.local.array(each, np.int32), cuda.local.array(each, np.float32)
        tile, head, heads = cuda.blockIdx.x, cuda.blockIdx.y, cuda.gridDim.y
        start, end, first = plan[tile, 0], plan[tile, 1], plan[tile, 2]
        y, x = cuda.threadIdx.x >> 3, cuda.threadIdx.x & 7
        across, last = width * heads, min(first + size, end)
        each_received = np.float32(1) / np.float32(heads * (end - start))
        each_head = np.float32(1) / np.float32(heads)
        column = COLUMNS * cuda.blockIdx.z
        see(start, end, first, back, ahead, lows, highs)
        for i in range(each):
            for c in range(VALUE_COLUMNS):
                sums[i, c] = np.float32(0)
        high = min(end, last + ahead)
        for low in range(max(start, first - back), high, size):
            product(
                our_values, across, head * width, first, last,
                their_values, across, head * width, low, high, width, left, right, scores,
            )  # fmt: skip
            if low < last and low + size > first:
                for i in range(each):
                    t = first + row_of(i, y)
                    extra = d_own[min(t, last - 1)] * each_head
                    for j in range(each):
                        scores[i, j] += extra if t == low + row_of(j, x) else np.float32(0)
            cuda.syncthreads()
            for n in range(each):
                ours_n, theirs_n = (
                    min(first + row_of(n, y), last - 1),
                    min(low + row_of(n, x), high - 1),
                )
                t, key = (theirs_n, ours_n) if turned else (ours_n, theirs_n)
                middle[n], even[n] = mean[head, t], each_received * d_received[key]
            for i in range(each):
                for j in range(each):
                    scores[i, j] += even[i if turned else j] - middle[j if turned else i]
            keep(scores, weights)
            product(
                ours, our_across, ours_at + head * our_step, first, last,
                theirs, their_across, theirs_at + head * their_step, low, high, rank,
                left, right, scores,
            )  # fmt: skip
            for n in range(each):
                ours_n, theirs_n = (
                    min(first + row_of(n, y), last - 1),
                    min(low + row_of(n, x), high - 1),
                )
                t = theirs_n if turned else ours_n
                top[n], part[n] = most[head, t], share[head, t]
                places[n] = np.int32(low + row_of(n, x) - start)
                if part[n] == np.float32(0):
                    if turned:
                        places[n] = np.int32(-1)
                    else:
                        highs[n] = np.int32(-1)
            for j in range(each):
                for i in range(each):
                    slope[i] = weights[row_of(j, x), quad_of(x, i, y), i & 3]
                for i in range(each):
                    n = j if turned else i
                    z = power(scores[i, j] - top[n]) * part[n] * slope[i]
                    seen = places[j] >= lows[i] and places[j] <= highs[i]
                    scores[i, j] = z if seen else np.float32(0)
            keep(scores, weights)
            if column < rank:
                weigh(
                    weights, theirs, their_across, low, min(low + size, high),
                    theirs_at + head * their_step + column, theirs_at + head * their_step + rank,
                    right, sums,
                )  # fmt: skip
        for i in range(each):
            t = first + row_of(i, y)
            for c in range(VALUE_COLUMNS):
                if t < last and column + row_of(c, x) < rank:
                    out[t, out_at + head * rank + column + row_of(c, x)] = sums[i, c]

    slopes.__name__ = "slopes_of_keys" if turned else "slopes_of_queries"
    return slopes


_MEANS = kernel(
    I2, F1, INT, F1, INT, INT, INT, INT, F1, F1, INT, F1, F1, INT, INT, F2, F2, F2, I1
)  # fmt: skip
_SLOPES = kernel(
    I2, F1, INT, INT, INT, F1, INT, INT, INT, INT, F1, F1, INT, F1, F1, INT, INT,
    F2, F2, F2, F2, INT,
)  # fmt: skip

means = of_each_size(_MEANS, _make_means)
slopes_of_queries = of_each_size(_SLOPES, partial(_make_slopes, turned=False))
slopes_of_keys = of_each_size(_SLOPES, partial(_make_slopes, turned=True))
