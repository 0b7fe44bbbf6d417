"""bilinear_attention on the CPU: a block of queries at a time against the keys it sees."""

import numpy as np

from ...jit import BOOL, F2, I1, INT, OUT1, OUT2, OUT3, inline, kernel
from ...types import Floats, Ints
from ..products import add_product, add_rows_times, clear
from ..simd import LANES
from ..softmax import softmax

# Queries that share one pass over their keys: enough to reuse a key while it
# is in cache, few enough that a narrow window wastes little.
BLOCK = 16

# Queries whose keys are transposed together, a multiple of BLOCK: transposing
# a long document at once would write with a stride that no cache likes.
SEGMENT = 1024


def forward(
    states: Floats,
    values: Floats,
    starts: Ints,
    query: Floats,
    key: Floats,
    window: int | None,
    causal: bool,
) -> tuple[Floats, Floats]:
    """c_t = sum_i a_ti x_i, and r_i = mean of a_ti."""
    queries, keys = _project(states, query), _project(states, key)
    longest = int(np.diff(starts).max(initial=0))
    reach = longest if window is None else min(window, longest)
    scratch = _scratch(longest, reach, query.shape[1])
    context = np.zeros_like(values)
    received = np.zeros(len(values), dtype=np.float32)
    attend(queries, keys, values, starts, len(query), reach, causal, *scratch, context, received)
    return context, received


def weights(
    states: Floats,
    query: Floats,
    key: Floats,
    window: int | None,
    causal: bool,
    first: int,
    last: int,
) -> Floats:
    """a_ti of the tokens t from first to last of one document."""
    length = len(states)
    reach = length if window is None else min(window, length)
    low, high = max(0, first - reach), min(last + reach, length)
    queries, keys = _project(states[first:last], query), _project(states[low:high], key)
    keys_t = np.empty((query.shape[1], high - low), dtype=np.float32)
    a = np.zeros((len(query), last - first, length), dtype=np.float32)
    attention_rows(queries, keys, first, low, reach, causal, keys_t, np.empty(LANES, np.float32), a)
    return a


def _project(states: Floats, weight: Floats) -> Floats:
    heads, rank, width = weight.shape
    projected = np.zeros((len(states), heads * rank), dtype=np.float32)
    add_rows_times(states, np.ascontiguousarray(weight.reshape(heads * rank, width).T), projected)
    return projected


def _scratch(longest: int, reach: int, rank: int) -> tuple[Floats, Floats, Floats]:
    seen = min(longest, BLOCK + 2 * reach)
    keys_t = np.empty((rank, min(longest, SEGMENT + 2 * reach)), dtype=np.float32)
    return keys_t, np.empty((BLOCK, seen), np.float32), np.empty(LANES, np.float32)


@kernel(F2, F2, F2, I1, INT, INT, BOOL, OUT2, OUT2, OUT1, OUT2, OUT1)
def attend(
    queries: Floats, keys: Floats, values: Floats, starts: Ints,
    heads: int, reach: int, causal: bool,
    keys_t: Floats, scores: Floats, lanes: Floats, context: Floats, received: Floats,
) -> None:  # fmt: skip
    """Context += a x and received = mean a, one document and one head after the other."""
    rank, width = queries.shape[1] // heads, values.shape[1] // heads
    for b in range(len(starts) - 1):
        start, length = starts[b], starts[b + 1] - starts[b]
        for head in range(heads):
            for first in range(0, length, BLOCK):
                if first % SEGMENT == 0:
                    base = max(0, first - reach)
                    end = min(first + SEGMENT + reach, length)
                    _transpose(keys, start + base, end - base, head * rank, keys_t)
                last = min(first + BLOCK, length)
                low = max(0, first - reach)
                high = min(last if causal else last + reach, length)
                for t in range(last - first):
                    clear(scores[t, : high - low])
                add_product(
                    queries, (start + first, start + last), (head * rank, (head + 1) * rank),
                    keys_t, 0, (low - base, high - base), scores, 0, 0,
                )  # fmt: skip
                for t in range(first, last):
                    row = scores[t - first, : high - low]
                    _weigh(row, t - low, reach, causal, lanes)
                    for j in range(high - low):
                        received[start + low + j] += row[j]
                add_product(
                    scores, (0, last - first), (0, high - low),
                    values, start + low, (head * width, (head + 1) * width),
                    context, start + first, head * width,
                )  # fmt: skip
        for t in range(start, start + length):
            received[t] /= np.float32(heads * length)


@kernel(F2, F2, INT, INT, INT, BOOL, OUT2, OUT1, OUT3)
def attention_rows(
    queries: Floats, keys: Floats, first: int, low: int, reach: int, causal: bool,
    keys_t: Floats, lanes: Floats, a: Floats,
) -> None:  # fmt: skip
    """a[head, t] of the tokens first + t, whose keys begin at low; a comes as zeros."""
    heads, count, _ = a.shape
    rank = queries.shape[1] // heads
    for head in range(heads):
        _transpose(keys, 0, len(keys), head * rank, keys_t)
        add_product(
            queries, (0, count), (head * rank, (head + 1) * rank),
            keys_t, 0, (0, len(keys)), a[head], 0, low,
        )  # fmt: skip
        for t in range(count):
            _weigh(a[head, t], first + t, reach, causal, lanes)


@inline
def _weigh(row: Floats, own: int, reach: int, causal: bool, lanes: Floats) -> None:
    """Softmax over what the token at column `own` sees; zero elsewhere."""
    low = max(0, own - reach)
    high = min(own + 1 if causal else own + reach + 1, len(row))
    clear(row[:low])
    softmax(row[low:high], lanes)
    clear(row[high:])


@inline
def _transpose(keys: Floats, start: int, length: int, column: int, keys_t: Floats) -> None:
    for t in range(length):
        for r in range(len(keys_t)):
            keys_t[r, t] = keys[start + t, column + r]
