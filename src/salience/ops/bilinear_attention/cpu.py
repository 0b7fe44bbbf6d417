"""bilinear_attention on the CPU: a group of queries at a time against the keys that it sees."""

from collections.abc import Callable

import numpy as np

from ... import threads
from ...cpu.jit import BOOL, F1, F2, I1, INT, OUT1, OUT2, OUT3, OUT_I2, inline, kernel
from ...cpu.products import (
    add_product,
    add_transposed_product,
    clear,
    rows_times_packed,
    rows_times_packed_back,
)
from ...cpu.reductions import dot
from ...cpu.simd import LANES
from ...cpu.softmax import begin_softmax, finish_softmax, softmax_wide
from ...cpu.strips import pack, pack_turned
from ...cpu.tiles import ROWS
from ...types import Floats, Ints

_SMALLEST = 16 // ROWS * ROWS
GROUPS = (_SMALLEST, 2 * _SMALLEST, 4 * _SMALLEST, 8 * _SMALLEST)
"""Queries of a group, which share one pass over their keys; whole tiles of rows. A larger group
computes more scores outside the window."""
SCORES_IN_CACHE = 2**19
"""Scores of a group of more queries than the smallest, so that they stay in cache."""

TRANSPOSED = 8 * GROUPS[-1]
"""Queries whose keys are transposed together, whole groups. The transpose of a long document has
rows so long that a column of it would fill a few sets of the cache again and again."""

RUN = 512
"""Tokens of a run: few, because the work grows with the square of a document's length."""


def forward(
    states: Floats, values: Floats, starts: Ints, query: Floats, key: Floats | None,
    window: int | None, causal: bool, temperature: float,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """c_t = sum_i a_ti x_i, r_i = mean of a_ti, and a_tt."""
    heads = len(query)
    to_queries, to_keys = _projection(_cooled(query, temperature), heads), _projection(key, heads)
    context = np.empty_like(values)
    received, own = np.empty(len(values), np.float32), np.empty(len(values), np.float32)

    def task(run: threads.Run) -> None:
        rows = run.rows
        set_sums(
            to_queries(states[rows]), to_keys(states[rows]), values[rows],
            run.starts - rows.start, heads, window, causal,
            context[rows], received[None, rows], own[rows],
        )  # fmt: skip

    threads.run(task, _runs(starts))
    set_means(starts, heads, received)
    return context, received, own


def set_sums(
    queries: Floats, keys: Floats, values: Floats, starts: Ints, heads: int,
    window: int | None, causal: bool, context: Floats, received: Floats, own: Floats,
) -> None:  # fmt: skip
    """Fill c_t, r_i as a sum, and a_tt of these documents, from Q h and K h; on one thread."""
    reach, groups, shape, keys_at_once = _extent(starts, window)
    keys_t = np.empty((queries.shape[1] // heads, keys_at_once), np.float32)
    scores, ones = np.empty(shape, np.float32), np.ones((1, shape[0]), np.float32)
    attend(
        queries, keys, values, starts, groups, heads, reach, causal,
        keys_t, scores, ones, context, received, own,
    )  # fmt: skip


def weights(
    states: Floats, query: Floats, key: Floats | None,
    window: int | None, causal: bool, temperature: float, first: int, last: int,
) -> Floats:  # fmt: skip
    """a_ti of the tokens t from first to last of one document."""
    length = len(states)
    reach = length if window is None else min(window, length)
    low, high = max(0, first - reach), min(last + reach, length)
    heads = len(query)
    queries = _projection(_cooled(query, temperature), heads)(states[first:last])
    keys = _projection(key, heads)(states[low:high])
    keys_t = np.empty((query.shape[1], high - low), dtype=np.float32)
    a = np.zeros((heads, last - first, length), dtype=np.float32)
    attention_rows(queries, keys, first, low, reach, causal, keys_t, a)
    return a


def backprop(
    d_context: Floats, d_received: Floats, d_own: Floats,
    states: Floats, values: Floats, starts: Ints, query: Floats, key: Floats | None,
    window: int | None, causal: bool, temperature: float,
) -> tuple[Floats, Floats, Floats, Floats | None]:  # fmt: skip
    """Return the gradients; the weights a are computed again group by group, and never stored."""
    query, (heads, rank, _) = _cooled(query, temperature), query.shape
    to_queries, to_keys, runs = _projection(query, heads), _projection(key, heads), _runs(starts)
    turned = pack_turned(_flat(query)), None if key is None else pack_turned(_flat(key))
    d_states, d_values = np.empty_like(states), np.empty_like(values)
    d_query, d_key = np.zeros((2, len(runs), heads * rank, states.shape[1]), np.float32)

    def task(run: threads.Run) -> None:
        rows, (reach, groups, shape, keys_at_once) = run.rows, _extent(run.starts, window)
        queries, keys = to_queries(states[rows]), to_keys(states[rows])
        d_queries, d_keys = np.empty_like(queries), np.empty_like(keys)
        keys_t = np.empty((rank, keys_at_once), np.float32)
        values_t = np.empty((values.shape[1] // heads, keys_at_once), np.float32)
        a, d_a = np.empty((2, *shape), np.float32)
        attend_back(
            d_context[rows], d_received[rows], d_own[rows], queries, keys, values[rows],
            run.starts - rows.start, groups, heads, reach, causal, keys_t, values_t, a, d_a,
            d_queries, d_keys, d_values[rows],
        )  # fmt: skip
        d, d_query[run.number] = rows_times_packed_back(d_queries, states[rows], turned[0])
        if turned[1] is None:
            for of_head in np.split(d_keys, heads, axis=1):
                d += of_head
        else:
            d_too, d_key[run.number] = rows_times_packed_back(d_keys, states[rows], turned[1])
            d += d_too
        d_states[rows] = d

    threads.run(task, runs)
    d_query, d_key = (d.sum(axis=0).reshape(query.shape) for d in (d_query, d_key))
    return d_states, d_values, _cooled(d_query, temperature), None if key is None else d_key


def _cooled(query: Floats, temperature: float) -> Floats:
    return query if temperature == 1 else query / np.float32(temperature)


def _projection(weight: Floats | None, heads: int) -> Callable[[Floats], Floats]:
    """Return the function from states to their product with each head's matrix.

    Without a matrix these are the states themselves, once for each head.
    """
    if weight is None:
        return lambda states: states if heads == 1 else np.tile(states, (1, heads))
    strips, no_bias = pack(_flat(weight)), np.zeros(heads * weight.shape[1], dtype=np.float32)
    return lambda states: rows_times_packed(states, strips, no_bias)


def _flat(weight: Floats) -> Floats:
    heads, rank, width = weight.shape
    return weight.reshape(heads * rank, width)


def _runs(starts: Ints) -> list[threads.Run]:
    """The longest documents first, so that no thread is left alone with one."""
    return sorted(
        threads.runs(starts, RUN), key=lambda run: -int(np.diff(run.starts).max(initial=0))
    )


def _extent(starts: Ints, window: int | None) -> tuple[int, Ints, tuple[int, int], int]:
    """Return a token's reach, each document's group, the shape of scores, columns of keys_t."""
    sizes = np.zeros((2, max(len(starts) - 1, 4)), np.int64)
    # A window may be too large for 64 bits, and no token sees more than the batch has.
    set_extent(starts, -1 if window is None else min(window, int(starts[-1])), sizes)
    reach, group, seen, longest = sizes[1, :4].tolist()
    keys_at_once = _uneven(min(longest, TRANSPOSED + 2 * reach))
    return reach, sizes[0], (group, _uneven(seen)), keys_at_once


def _uneven(columns: int) -> int:
    """Return the length of a row with room for these columns.

    It is of whole vectors: otherwise a row's last vector, stored, would overlap the
    next row's first, whose load would wait. It is no multiple of 64, as rows that far
    apart compete for the same sets of the cache.
    """
    columns = -(-columns // LANES) * LANES
    return columns + LANES if columns % 64 == 0 else columns


@kernel(I1, INT, OUT_I2)
def set_extent(starts: Ints, window: int, sizes: Ints) -> None:
    """Fill sizes[0] with each document's group, and sizes[1] with what the largest one needs.

    That is a token's reach, the group, the tokens that a group sees, and the length. A
    document's group depends on its own length alone. A window of -1 is none.
    """
    for b in range(len(starts) - 1):
        length = starts[b + 1] - starts[b]
        reach = length if window < 0 else min(window, length)
        group = GROUPS[0]
        for size in GROUPS[1:]:
            if 2 * size <= reach and size * length <= SCORES_IN_CACHE:
                group = size
        sizes[0, b] = group
        for place, value in enumerate((reach, group, min(length, group + 2 * reach), length)):
            sizes[1, place] = max(sizes[1, place], value)


@kernel(I1, INT, OUT1)
def set_means(starts: Ints, heads: int, received: Floats) -> None:
    """Divide the sums over tokens and heads by their number."""
    for b in range(len(starts) - 1):
        each = np.float32(heads * (starts[b + 1] - starts[b]))
        for t in range(starts[b], starts[b + 1]):
            received[t] /= each


@kernel(F2, F2, F2, I1, I1, INT, INT, BOOL, OUT2, OUT2, F2, OUT2, OUT2, OUT1)
def attend(
    queries: Floats, keys: Floats, values: Floats, starts: Ints, groups: Ints,
    heads: int, reach: int, causal: bool,
    keys_t: Floats, scores: Floats, ones: Floats,
    context: Floats, received: Floats, own: Floats,
) -> None:  # fmt: skip
    """Fill c_t = sum_i a_ti x_i, r_i = sum_t a_ti and a_tt, head by head of each document."""
    rank, width = queries.shape[1] // heads, values.shape[1] // heads
    for b in range(len(starts) - 1):
        start, length, group = starts[b], starts[b + 1] - starts[b], groups[b]
        for t in range(start, start + length):
            clear(context[t])
            received[0, t] = own[t] = 0.0
        for head in range(heads):
            of_rank, of_width = (head * rank, (head + 1) * rank), (head * width, (head + 1) * width)
            for first in range(0, length, group):
                if first % TRANSPOSED == 0:
                    base, end = max(0, first - reach), min(first + TRANSPOSED + reach, length)
                    _transpose(keys, start + base, end - base, head * rank, keys_t)
                last, low = min(first + group, length), max(0, first - reach)
                high = min(last if causal else last + reach, length)
                _weigh_group(
                    queries, start, first, last, of_rank, keys, keys_t, base, low, high,
                    reach, causal, scores,
                )  # fmt: skip
                for t in range(first, last):
                    own[start + t] += scores[t - first, t - low]
                add_product(
                    ones, (0, 1), (0, last - first),
                    scores, 0, (0, high - low), received, 0, start + low,
                )  # fmt: skip
                add_product(
                    scores, (0, last - first), (0, high - low),
                    values, start + low, of_width, context, start + first, head * width,
                )  # fmt: skip
        for t in range(start, start + length):
            own[t] /= np.float32(heads)


@kernel(
    F2, F1, F1, F2, F2, F2, I1, I1, INT, INT, BOOL, OUT2, OUT2, OUT2, OUT2, OUT2, OUT2, OUT2
)  # fmt: skip
def attend_back(
    d_context: Floats, d_received: Floats, d_own: Floats,
    queries: Floats, keys: Floats, values: Floats, starts: Ints, groups: Ints,
    heads: int, reach: int, causal: bool,
    keys_t: Floats, values_t: Floats, a: Floats, d_a: Floats,
    d_queries: Floats, d_keys: Floats, d_values: Floats,
) -> None:  # fmt: skip
    """Fill the gradients of queries, keys and values; d_logits is written over d_a.

    d_a = d_context x' + ... and d_logits = a * (d_a - a'd_a)
    """
    rank, width = queries.shape[1] // heads, values.shape[1] // heads
    for b in range(len(starts) - 1):
        start, length, group = starts[b], starts[b + 1] - starts[b], groups[b]
        each = np.float32(1 / np.float32(max(heads * length, 1)))
        for t in range(start, start + length):
            clear(d_queries[t])
            clear(d_keys[t])
            clear(d_values[t])
        for head in range(heads):
            of_rank, of_width = (head * rank, (head + 1) * rank), (head * width, (head + 1) * width)
            for first in range(0, length, group):
                if first % TRANSPOSED == 0:
                    base, end = max(0, first - reach), min(first + TRANSPOSED + reach, length)
                    _transpose(keys, start + base, end - base, head * rank, keys_t)
                    _transpose(values, start + base, end - base, head * width, values_t)
                last, low = min(first + group, length), max(0, first - reach)
                high = min(last if causal else last + reach, length)
                rows, columns = (start + first, start + last), (0, high - low)
                _weigh_group(
                    queries, start, first, last, of_rank, keys, keys_t, base, low, high,
                    reach, causal, a,
                )  # fmt: skip
                d_r = d_received[start + low : start + high]
                for t in range(last - first):
                    slope = d_a[t]
                    for j in range(len(d_r)):
                        slope[j] = each * d_r[j]
                    d_a[t, first + t - low] += d_own[start + first + t] / np.float32(heads)
                add_product(
                    d_context, rows, of_width, values_t, 0, (low - base, high - base), d_a, 0, 0
                )  # fmt: skip
                add_transposed_product(
                    a, (0, last - first), columns,
                    d_context, start + first, of_width, d_values, start + low, head * width,
                )  # fmt: skip
                for t in range(last - first):
                    weight, slope = a[t, : high - low], d_a[t, : high - low]
                    near, far = _seen(slope, first + t - low, reach, causal)
                    _hide(slope, near, far)
                    mean = dot(weight[near:far], slope[near:far])
                    for j in range(high - low):
                        slope[j] = weight[j] * (slope[j] - mean)
                add_product(
                    d_a, (0, last - first), columns,
                    keys, start + low, of_rank, d_queries, start + first, head * rank,
                )  # fmt: skip
                add_transposed_product(
                    d_a, (0, last - first), columns,
                    queries, start + first, of_rank, d_keys, start + low, head * rank,
                )  # fmt: skip


@kernel(F2, F2, INT, INT, INT, BOOL, OUT2, OUT3)
def attention_rows(
    queries: Floats, keys: Floats, first: int, low: int, reach: int, causal: bool,
    keys_t: Floats, a: Floats,
) -> None:  # fmt: skip
    """Fill a[head, t] for the tokens first + t; keys begin with token low, a comes as zeros."""
    heads, count, _ = a.shape
    rank = queries.shape[1] // heads
    for head in range(heads):
        of_rank = (head * rank, (head + 1) * rank)
        _transpose(keys, 0, len(keys), head * rank, keys_t)
        add_product(
            queries, (0, count), of_rank,
            keys_t, 0, (0, len(keys)), a[head], 0, low,
        )  # fmt: skip
        columns = (low, low + len(keys))
        _weigh(a[head], count, columns, first - low, reach, causal, queries, keys, of_rank)


@inline
def _weigh_group(
    queries: Floats, start: int, first: int, last: int, of_rank: tuple[int, int],
    keys: Floats, keys_t: Floats, base: int, low: int, high: int, reach: int, causal: bool,
    scores: Floats,
) -> None:  # fmt: skip
    """Fill the rows of scores with the weights of tokens first..last for tokens low..high."""
    for t in range(last - first):
        clear(scores[t, : high - low])
    add_product(
        queries, (start + first, start + last), of_rank,
        keys_t, 0, (low - base, high - base), scores, 0, 0,
    )  # fmt: skip
    _weigh(
        scores, last - first, (0, high - low), first - low, reach, causal,
        queries[start + first :], keys[start + low :], of_rank,
    )  # fmt: skip


@inline
def _weigh(
    rows: Floats, count: int, columns: tuple[int, int], own: int, reach: int, causal: bool,
    queries: Floats, keys: Floats, of_rank: tuple[int, int],
) -> None:  # fmt: skip
    """Softmax of row t over what its token, at column own + t, sees; zeros elsewhere."""
    for t in range(count):
        row = rows[t, columns[0] : columns[1]]
        low, high = _seen(row, own + t, reach, causal)
        begin_softmax(row[low:high])
    for t in range(count):
        row = rows[t, columns[0] : columns[1]]
        low, high = _seen(row, own + t, reach, causal)
        if not finish_softmax(row[low:high]):
            clear(row[low:high])
            query = queries[t, of_rank[0] : of_rank[1]]
            softmax_wide(row[low:high], query, keys[low:high], of_rank[0])
        _hide(row, low, high)


@inline
def _seen(row: Floats, own: int, reach: int, causal: bool) -> tuple[int, int]:
    """Return the columns that the token at column `own` sees."""
    return max(0, own - reach), min(own + 1 if causal else own + reach + 1, len(row))


@inline
def _hide(row: Floats, low: int, high: int) -> None:
    """Clear the columns that are not seen."""
    clear(row[:low])
    clear(row[high:])


@inline
def _transpose(rows: Floats, start: int, length: int, column: int, columns: Floats) -> None:
    for t in range(length):
        row = rows[start + t, column : column + len(columns)]
        for r in range(len(row)):
            columns[r, t] = row[r]
