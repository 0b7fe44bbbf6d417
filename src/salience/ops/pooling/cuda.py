"""pooling on the GPU: a softmax over each segment, then one over a document's segments.

Where a document is divided, a segment's share of it follows from the sums of the
segments' exponentials.
"""

from typing import Any

import numpy as np
from numba import cuda

from ...cuda import arrays
from ...cuda.jit import F1, F2, I1, I2, THREADS, blocks, inline, kernel
from ...cuda.rows import LANES, WARPS, plus_rows, row_products
from ...cuda.scalars import exp
from ...cuda.segments import Segments, segments_of
from ...cuda.sums import column_sums
from ...types import Ints

SHARERS = 8
"""Threads that share one sum: over the segments of a document, in one column."""

AHEAD = 8
"""Rows that are read before the first is used, so that the reads overlap."""


def forward(vectors: Any, query: Any, weights: Any, starts: Ints) -> tuple[Any, Any]:
    """s = softmax(u'v + w) and d = sum_t s_t v_t."""
    segments, width = segments_of(starts), len(query)
    salience, means = arrays.empty_like(weights), arrays.empty(len(segments), width)
    tops, wholes = arrays.empty(len(segments)), arrays.empty(len(segments))
    pool[len(segments), (LANES, WARPS)](
        vectors, query.reshape(1, width), weights, segments.rows, salience, means, tops, wholes
    )
    if segments.divided:
        shares = arrays.empty_like(wholes)
        share[len(starts) - 1, THREADS](tops, wholes, segments.ends, shares)
        scale[len(segments), THREADS](shares, segments.rows, salience)
        means = _joined(segments, means, shares)
    pool_wide[len(starts) - 1, THREADS](
        vectors, query, weights, segments.rows, segments.ends, salience, means
    )
    return salience, means


def backprop(
    d_documents: Any, d_salience: Any, salience: Any, vectors: Any, query: Any, starts: Ints
) -> tuple[Any, Any, Any]:
    """With p_t = dL/dd'v_t + dL/ds_t and z_t = s_t (p_t - sum_j s_j p_j): see pool_back."""
    segments, width = segments_of(starts), len(query)
    slopes, means = arrays.empty_like(salience), arrays.empty(len(segments), 1)
    slope[len(segments), (LANES, WARPS)](
        d_documents, vectors, d_salience, salience, segments.rows, slopes, means
    )
    if segments.divided:
        means = _joined(segments, means, arrays.full((len(segments),), 1))
    d_vectors, d_weights = arrays.empty_like(vectors), arrays.empty_like(salience)
    d_query = arrays.empty(len(segments), width)
    # At least one thread block per segment: the first fills d_weights.
    grid = len(segments), max(1, blocks(width))
    pool_back[grid, THREADS](
        d_documents, salience, vectors, query, segments.rows, slopes, means,
        d_vectors, d_query, d_weights,
    )  # fmt: skip
    return d_vectors, column_sums(d_query), d_weights


def _joined(segments: Segments, parts: Any, shares: Any) -> Any:
    """Return for each document the sum over its segments of share * part."""
    documents, width = len(segments.ends) - 1, parts.shape[1]
    whole = arrays.empty(documents, width)
    join[(documents, blocks(width, LANES)), (LANES, SHARERS)](parts, shares, segments.ends, whole)
    return whole


@kernel(F2, F2, F1, I2, F1, F2, F1, F1)
def pool(
    vectors: Any, query: Any, weights: Any, segments: Any,
    salience: Any, means: Any, tops: Any, wholes: Any,
) -> None:  # fmt: skip
    """The softmax of a segment and the mean of its vectors by it, kept up 32 rows at a time.

    top is the greatest logit so far and whole the sum of exp(logit - top); of an
    empty segment they are 0 and 1. Logits that overflow float32 end in NaN.
    """
    logits = cuda.shared.array(LANES, np.float32)
    exps = cuda.shared.array(LANES, np.float32)
    shares = cuda.shared.array(LANES, np.float32)
    told = cuda.shared.array(3, np.float32)
    k, lane, warp = cuda.blockIdx.x, cuda.threadIdx.x, cuda.threadIdx.y
    first, last, width, thread = (
        segments[k, 0],
        segments[k, 1],
        vectors.shape[1],
        warp * LANES + lane,
    )
    top, whole = np.float32(-np.inf), np.float32(0)
    for begin in range(first, last, LANES):
        logit, inside = row_products(vectors, query, 0, begin, last), begin + lane < last
        if warp == 0:
            if inside:
                logit += weights[begin + lane]
                salience[begin + lane] = logit
            logits[lane] = logit if inside else np.float32(-np.inf)
        cuda.syncthreads()
        if warp == 0:
            before = top
            for j in range(LANES):
                top = logits[j] if logits[j] > top else top
            whole *= exp(before - top)
            exps[lane] = exp(logit - top) if inside else np.float32(0)
        cuda.syncthreads()
        if warp == 0:
            kept = whole
            for j in range(LANES):
                whole += exps[j]
            shares[lane] = exps[lane] / whole
            if lane == 0:
                told[0], told[1], told[2] = kept / whole, top, whole
        cuda.syncthreads()
        for c in range(thread, width, LANES * WARPS):
            mean = told[0] * means[k, c] if begin > first else np.float32(0)
            means[k, c] = plus_rows(mean, shares, vectors, begin, last, c)
    cuda.syncthreads()
    for t in range(first + thread, last, LANES * WARPS):
        salience[t] = exp(salience[t] - told[1]) / told[2]
    if first == last:
        for c in range(thread, width, LANES * WARPS):
            means[k, c] = 0
    if thread == 0:
        tops[k] = told[1] if first < last else np.float32(0)
        wholes[k] = told[2] if first < last else np.float32(1)


@kernel(F1, F1, I1, F1)
def share(tops: Any, wholes: Any, segment_ends: Any, shares: Any) -> None:
    """share_k = whole_k exp(top_k - top) / their sum over a document; 1 where it is one segment."""
    found = cuda.shared.array(THREADS, np.float32)
    b, thread = cuda.blockIdx.x, cuda.threadIdx.x
    first, last = segment_ends[b] + thread, segment_ends[b + 1]
    top, whole = np.float32(-np.inf), np.float32(0)
    for k in range(first, last, THREADS):
        top = tops[k] if tops[k] > top else top
    found[thread] = top
    cuda.syncthreads()
    for j in range(THREADS):
        top = found[j] if found[j] > top else top
    cuda.syncthreads()
    for k in range(first, last, THREADS):
        shares[k] = wholes[k] * exp(tops[k] - top)
        whole += shares[k]
    found[thread] = whole
    cuda.syncthreads()
    whole = np.float32(0)
    for j in range(THREADS):
        whole += found[j]
    for k in range(first, last, THREADS):
        shares[k] /= whole


@kernel(F1, I2, F1)
def scale(shares: Any, segments: Any, salience: Any) -> None:
    """Multiply salience by its segment's share of the document."""
    k = cuda.blockIdx.x
    for t in range(segments[k, 0] + cuda.threadIdx.x, segments[k, 1], THREADS):
        salience[t] *= shares[k]


@kernel(F2, F1, I1, F2)
def join(parts: Any, shares: Any, segment_ends: Any, whole: Any) -> None:
    """whole_b = sum_k share_k part_k, over the segments k of document b."""
    sums = cuda.shared.array((SHARERS, LANES), np.float32)
    b, lane, sharer = cuda.blockIdx.x, cuda.threadIdx.x, cuda.threadIdx.y
    c, total = cuda.blockIdx.y * LANES + lane, np.float32(0)
    if c < parts.shape[1]:
        for k in range(segment_ends[b] + sharer, segment_ends[b + 1], SHARERS):
            total += shares[k] * parts[k, c]
    sums[sharer, lane] = total
    cuda.syncthreads()
    if sharer == 0 and c < parts.shape[1]:
        for j in range(1, SHARERS):
            total += sums[j, lane]
        whole[b, c] = total


@inline
def wide_logit(vectors: Any, query: Any, weights: Any, t: Any) -> Any:
    """The logit of one row, in float64."""
    product = np.float64(0)
    for c in range(len(query)):
        product += np.float64(query[c]) * np.float64(vectors[t, c])
    return product + weights[t]


@kernel(F2, F1, F1, I2, I1, F1, F2)
def pool_wide(
    vectors: Any, query: Any, weights: Any, segments: Any, segment_ends: Any,
    salience: Any, documents: Any,
) -> None:  # fmt: skip
    """Compute documents whose salience is NaN, as logits overflowed float32, in float64."""
    found = cuda.shared.array(THREADS, np.float64)
    b, thread = cuda.blockIdx.x, cuda.threadIdx.x
    first, last = segments[segment_ends[b], 0], segments[segment_ends[b + 1] - 1, 1]
    failed = first < last and salience[first] != salience[first]
    cuda.syncthreads()
    if not failed:
        return
    top, whole = np.float64(-np.inf), np.float64(0)
    for t in range(first + thread, last, THREADS):
        top = max(top, wide_logit(vectors, query, weights, t))
    found[thread] = top
    cuda.syncthreads()
    for j in range(THREADS):
        top = max(top, found[j])
    cuda.syncthreads()
    for t in range(first + thread, last, THREADS):
        below = max(wide_logit(vectors, query, weights, t) - top, np.float64(-1e30))
        salience[t] = exp(np.float32(below))
        whole += salience[t]
    found[thread] = whole
    cuda.syncthreads()
    whole = np.float64(0)
    for j in range(THREADS):
        whole += found[j]
    for t in range(first + thread, last, THREADS):
        salience[t] /= np.float32(whole)
    cuda.syncthreads()
    for c in range(thread, len(query), THREADS):
        mean = np.float32(0)
        for t in range(first, last):
            mean += salience[t] * vectors[t, c]
        documents[b, c] = mean


@kernel(F2, F2, F1, F1, I2, F1, F2)
def slope(
    d_documents: Any, vectors: Any, d_salience: Any, salience: Any, segments: Any,
    slopes: Any, means: Any,
) -> None:  # fmt: skip
    """p_t = dL/dd'v_t + dL/ds_t, and a segment's share of their mean by s."""
    shares = cuda.shared.array(LANES, np.float32)
    k, lane, warp = cuda.blockIdx.x, cuda.threadIdx.x, cuda.threadIdx.y
    first, last, b, total = segments[k, 0], segments[k, 1], segments[k, 2], np.float32(0)
    for begin in range(first, last, LANES):
        product, t = row_products(vectors, d_documents, b, begin, last), begin + lane
        if warp == 0 and t < last:
            product += d_salience[t]
            slopes[t] = product
            total += salience[t] * product
    if warp == 0:
        shares[lane] = total
    cuda.syncthreads()
    if warp == 0 and lane == 0:
        for j in range(1, LANES):
            total += shares[j]
        means[k, 0] = total


@kernel(F2, F1, F2, F1, I2, F1, F2, F2, F2, F1)
def pool_back(
    d_documents: Any, salience: Any, vectors: Any, query: Any, segments: Any, slopes: Any,
    means: Any, d_vectors: Any, d_query: Any, d_weights: Any,
) -> None:  # fmt: skip
    """dL/dw_t = z_t, dL/dv_t = s_t dL/dd + z_t u and a segment's share of sum_t z_t v_t."""
    k, thread, c = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockIdx.y * THREADS + cuda.threadIdx.x
    first, last, b = segments[k, 0], segments[k, 1], segments[k, 2]
    mean, total = means[b, 0], np.float32(0)
    if cuda.blockIdx.y == 0:
        for t in range(first + thread, last, THREADS):
            d_weights[t] = salience[t] * (slopes[t] - mean)
    if c >= len(query):
        return
    s, z = cuda.local.array(AHEAD, np.float32), cuda.local.array(AHEAD, np.float32)
    v = cuda.local.array(AHEAD, np.float32)
    d, u, column = d_documents[b, c], query[c], np.uint64(c)
    for begin in range(first, last, AHEAD):
        for i in range(AHEAD):
            row = np.uint64(min(begin + i, last - 1))
            s[i], z[i], v[i] = salience[row], slopes[row], vectors[row, column]
        for i in range(AHEAD):
            if begin + i < last:
                z_t = s[i] * (z[i] - mean)
                d_vectors[np.uint64(begin + i), column] = s[i] * d + z_t * u
                total += z_t * v[i]
    d_query[k, c] = total
