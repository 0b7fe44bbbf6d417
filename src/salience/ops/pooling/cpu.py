"""pooling on the CPU."""

import numpy as np

from ... import threads
from ...cpu.jit import F1, F2, I1, OUT1, OUT2, kernel
from ...cpu.products import add_transposed_product
from ...cpu.reductions import dot
from ...cpu.softmax import softmax, softmax_wide
from ...types import Floats, Ints


def forward(vectors: Floats, query: Floats, weights: Floats, starts: Ints) -> tuple[Floats, Floats]:
    """s = softmax(u'v + w) and d = sum_t s_t v_t."""
    salience = np.empty((len(vectors), 1), dtype=np.float32)
    documents = np.zeros((len(starts) - 1, vectors.shape[1]), dtype=np.float32)

    def task(run: threads.Run) -> None:
        pool(vectors, query, weights, run.starts, salience, documents[run.documents])

    threads.run(task, threads.runs(starts))
    return salience[:, 0], documents


def backprop(
    d_documents: Floats, d_salience: Floats, salience: Floats, vectors: Floats,
    query: Floats, starts: Ints,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """With p_t = dL/dd'v_t + dL/ds_t and z_t = s_t (p_t - sum_j s_j p_j): see pool_back."""
    d_vectors, d_weights = np.empty_like(vectors), np.empty_like(salience)
    runs = threads.runs(starts)
    d_query = np.zeros((len(runs), len(query)), dtype=np.float32)

    def task(run: threads.Run) -> None:
        pool_back(
            d_documents[run.documents], d_salience, salience, vectors, query, run.starts,
            d_vectors, d_query[run.number], d_weights,
        )  # fmt: skip

    threads.run(task, runs)
    return d_vectors, d_query.sum(axis=0), d_weights


@kernel(F2, F1, F1, I1, OUT2, OUT2)
def pool(
    vectors: Floats, query: Floats, weights: Floats, starts: Ints,
    salience: Floats, documents: Floats,
) -> None:  # fmt: skip
    """Fill s = softmax(u'v + w), and add s'v to documents."""
    width = vectors.shape[1]
    for b in range(len(starts) - 1):
        first, last = starts[b], starts[b + 1]
        for t in range(first, last):
            salience[t, 0] = dot(query, vectors[t]) + weights[t]
        row = salience[first:last].reshape(last - first)
        if not softmax(row):
            for t in range(last - first):
                row[t] = weights[first + t]
            softmax_wide(row, query, vectors[first:last], 0)
        add_transposed_product(
            salience, (first, last), (0, 1), vectors, first, (0, width), documents, b, 0
        )  # fmt: skip


@kernel(F2, F1, F1, F2, F1, I1, OUT2, OUT1, OUT1)
def pool_back(
    d_documents: Floats, d_salience: Floats, salience: Floats, vectors: Floats, query: Floats,
    starts: Ints, d_vectors: Floats, d_query: Floats, d_weights: Floats,
) -> None:  # fmt: skip
    """dL/dw_t = z_t, dL/dv_t = s_t dL/dd + z_t u and dL/du = sum_t z_t v_t."""
    for b in range(len(starts) - 1):
        first, last, d = starts[b], starts[b + 1], d_documents[b]
        mean = np.float64(0)
        for t in range(first, last):
            d_weights[t] = dot(d, vectors[t]) + d_salience[t]
            mean += np.float64(salience[t]) * d_weights[t]
        for t in range(first, last):
            z = salience[t] * (d_weights[t] - np.float32(mean))
            s, v_t, out = salience[t], vectors[t], d_vectors[t]
            d_weights[t] = z
            for c in range(len(query)):
                out[c] = s * d[c] + z * query[c]
            for c in range(len(query)):
                d_query[c] += z * v_t[c]
