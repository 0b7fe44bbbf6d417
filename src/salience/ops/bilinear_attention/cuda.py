"""bilinear_attention on the GPU: tiles of queries against tiles of the keys they see.

No attention weight is written to memory: what needs the weights after the softmax
computes them again, from the maxima and the sums of its rows.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import cuda

from ...cuda import arrays, products
from ...cuda.jit import F1, F2, FLOAT, I2, INT, THREADS, Kernel, blocks, kernel
from ...types import Ints
from . import cuda_wide
from .cuda_back import means, slopes_of_keys, slopes_of_queries
from .cuda_forward import attend, receive
from .cuda_plan import LARGE, SMALL, Tiles, plan_of
from .cuda_tiles import COLUMNS, SIDE
from .cuda_tiles import THREADS as TILE_THREADS


class Sides(NamedTuple):
    """Queries and keys of all heads, `rank` columns each, as flat arrays.

    Row t of queries begins at t * query_across, and a head's columns in it at head * rank.
    Row i of keys begins at i * key_across, and a head's columns at keys_at + head * step.
    """

    queries: Any
    query_across: int
    keys: Any
    key_across: int
    keys_at: int
    step: int
    rank: int


def forward(
    states: Any, values: Any, starts: Ints, query: Any, key: Any,
    window: int | None, causal: bool, temperature: float,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """c_t = sum_i a_ti x_i, r_i = mean of a_ti, and a_tt."""
    tokens, heads, width = len(states), len(query), values.shape[1] // len(query)
    plan, found = plan_of(starts, window, causal), arrays.zeros(len(starts) - 1, dtype=np.int64)
    sides = _sides(states, _weights(query, key, temperature), query, key)
    context, nothing = arrays.empty_like(values), arrays.empty(tokens, 0)
    most, share, received, own = (arrays.empty(heads, tokens) for _ in range(4))
    back, ahead = plan.back, plan.ahead
    _launch(
        attend, plan, heads, width,
        *sides, _flat(values), width, back, ahead, context, most, share, found,
    )  # fmt: skip
    _launch(
        receive, plan, heads, 0,
        *sides, _flat(nothing), 0, back, ahead, most, share, received, own, nothing,
    )  # fmt: skip
    for tiles in plan[:2]:
        cuda_wide.attend_wide[len(tiles), cuda_wide.THREADS](
            tiles, found, *sides, _flat(values), width, back, ahead, share, arrays.empty(tokens),
            context, received, own,
        )  # fmt: skip
    return context, *_means_over_heads(plan, received, own)


def weights(
    states: Any, query: Any, key: Any,
    window: int | None, causal: bool, temperature: float, first: int, last: int,
) -> Any:  # fmt: skip
    """a_ti of the tokens t from first to last of one document."""
    heads, length = len(query), len(states)
    reach = length if window is None else min(window, length)
    low, high = max(0, first - reach), min(last + reach, length)
    a = arrays.zeros(heads, last - first, length)
    seen = arrays.some_rows(states, low, high)
    sides = _sides(seen, _weights(query, key, temperature), query, key)
    cuda_wide.weigh_rows[(last - first, heads), cuda_wide.THREADS](
        *sides, first, reach, 0 if causal else reach, low,
        _flat(a),
    )  # fmt: skip
    return a


def backprop(
    d_context: Any, d_received: Any, d_own: Any,
    states: Any, values: Any, starts: Ints, query: Any, key: Any,
    window: int | None, causal: bool, temperature: float,
) -> tuple[Any, Any, Any, Any]:  # fmt: skip
    """Return the gradients; the weights a are computed again tile by tile, and never stored."""
    tokens, (heads, rank, _), width = len(states), query.shape, values.shape[1] // len(query)
    plan, found = plan_of(starts, window, causal), arrays.zeros(len(starts) - 1, dtype=np.int64)
    matrix = _weights(query, key, temperature)
    sides = _sides(states, matrix, query, key)
    most, share, mean, received, own = (arrays.empty(heads, tokens) for _ in range(5))
    d_values, d_sides = arrays.empty_like(values), arrays.empty(tokens, len(matrix))
    d_keys, at = (arrays.empty_like(d_sides), 0) if key is None else (d_sides, heads * rank)
    back, ahead, rows = plan.back, plan.ahead, (_flat(d_context), _flat(values), width)
    given = d_received, d_own
    queries, keys = (*sides[:2], 0, rank), (*sides[2:4], sides.keys_at, sides.step)
    _launch(
        means, plan, heads, 0,
        *sides, *rows, *given, back, ahead, most, share, mean, found,
    )  # fmt: skip
    _launch(
        receive, plan, heads, width,
        *sides, rows[0], width, back, ahead, most, share, received, own, d_values,
    )  # fmt: skip
    _launch(
        slopes_of_queries, plan, heads, rank,
        *queries, *keys, rank, *rows, *given, back, ahead, most, share, mean, d_sides, 0,
    )  # fmt: skip
    _launch(
        slopes_of_keys, plan, heads, rank,
        *keys, *queries, rank, rows[1], rows[0], width, *given, ahead, back, most, share, mean,
        d_keys, at,
    )  # fmt: skip
    for tiles in plan[:2]:
        cuda_wide.back_wide[len(tiles), cuda_wide.THREADS](
            tiles, found, *sides, *rows, *given, back, ahead, share,
            arrays.empty(tokens), arrays.empty(tokens), d_sides, d_keys, at, d_values,
        )  # fmt: skip
    d_states, d_matrix = products.rows_times_back(d_sides, states, matrix)
    d_query = _divided(d_matrix[: heads * rank], temperature).reshape(query.shape)
    if key is None:
        add_heads[blocks(d_states.size), THREADS](d_keys, heads, d_states)
        return d_states, d_values, d_query, None
    return d_states, d_values, d_query, d_matrix[heads * rank :].reshape(key.shape)


def _weights(query: Any, key: Any, temperature: float) -> Any:
    """Return Q / T of all heads above K of all heads: one product makes queries and keys."""
    heads, rank, states = query.shape
    if key is None:
        return _divided(query.reshape(heads * rank, states), temperature)
    both = arrays.empty(2 * heads * rank, states)
    for matrix, by, place in zip((query, key), (temperature, 1), (0, heads * rank), strict=True):
        out = both[place : place + heads * rank]
        _divide(matrix, by, out)
    return both


def _sides(states: Any, matrix: Any, query: Any, key: Any) -> Sides:
    """Return queries and keys, side by side; without K every head's keys are the states."""
    heads, rank, _ = query.shape
    projected = products.rows_times(states, matrix)
    if key is None:
        return Sides(_flat(projected), heads * rank, _flat(states), states.shape[1], 0, 0, rank)
    both, across = _flat(projected), 2 * heads * rank
    return Sides(both, across, both, across, heads * rank, rank, rank)


def _launch(
    kernels: tuple[Kernel, ...], plan: Tiles, heads: int, columns: int, *arguments: Any
) -> None:
    for each, tiles in zip(kernels, plan[:2], strict=True):
        grid = len(tiles), heads, max(1, blocks(columns, COLUMNS))
        each[grid, TILE_THREADS](tiles, *arguments)


def _means_over_heads(plan: Tiles, received: Any, own: Any) -> tuple[Any, Any]:
    tokens = received.shape[1]
    means_of = arrays.empty(tokens), arrays.empty(tokens)
    for tiles, each in zip(plan[:2], (SMALL, LARGE), strict=True):
        mean_over_heads[len(tiles), SIDE * each](tiles, received, own, *means_of)
    return means_of


def _flat(x: Any) -> Any:
    return x.reshape(x.size)


def _divided(x: Any, by: float) -> Any:
    out = arrays.empty_like(x)
    _divide(x, by, out)
    return out


def _divide(x: Any, by: float, out: Any) -> None:
    divide[blocks(x.size), THREADS](_flat(x), np.float32(by), _flat(out))


@kernel(F1, FLOAT, F1)
def divide(x: Any, by: Any, out: Any) -> None:
    """Divide every number by the same."""
    i = cuda.grid(1)
    if i < len(out):
        out[i] = x[i] / by


@kernel(F2, INT, F2)
def add_heads(x: Any, heads: int, out: Any) -> None:
    """Add the heads of x to out, one after the other."""
    i, columns = np.int64(cuda.blockIdx.x) * THREADS + cuda.threadIdx.x, out.shape[1]
    if i < out.size:
        t, c = i // columns, i % columns
        for head in range(heads):
            out[t, c] += x[t, head * columns + c]


@kernel(I2, F2, F2, F1, F1)
def mean_over_heads(plan: Any, received: Any, own: Any, out: Any, out_own: Any) -> None:
    """Average over heads what a token receives, per token of its document, and its own weight."""
    start, end, first = plan[cuda.blockIdx.x, 0], plan[cuda.blockIdx.x, 1], plan[cuda.blockIdx.x, 2]
    t, heads = first + cuda.threadIdx.x, len(received)
    total, total_own = np.float32(0), np.float32(0)
    if t < end:
        for head in range(heads):
            total += received[head, t]
            total_own += own[head, t]
        out[t] = total / np.float32(heads * (end - start))
        out_own[t] = total_own / np.float32(heads)
