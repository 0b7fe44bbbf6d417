"""pooling in NumPy, one line per equation."""

import numpy as np


def forward(
    vectors: np.ndarray, query: np.ndarray, weights: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """s = softmax(u'v + w) and d = sum_t s_t v_t."""
    salience = np.zeros(len(vectors), dtype=vectors.dtype)
    documents = np.zeros((len(starts) - 1, vectors.shape[1]), dtype=vectors.dtype)
    for b in range(len(starts) - 1):
        if starts[b] == starts[b + 1]:
            continue
        v = vectors[starts[b] : starts[b + 1]]
        logits = v @ query + weights[starts[b] : starts[b + 1]]
        exps = np.exp(logits - logits.max())
        salience[starts[b] : starts[b + 1]] = s = exps / exps.sum()
        documents[b] = s @ v
    return salience, documents


def backprop(
    d_documents: np.ndarray, d_salience: np.ndarray, salience: np.ndarray, vectors: np.ndarray,
    query: np.ndarray, starts: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Return the gradients of v, u and w.

    With p_t = dL/dd'v_t + dL/ds_t and z_t = s_t (p_t - sum_j s_j p_j):
    s_t dL/dd + z_t u, sum_t z_t v_t and z_t
    """
    d_vectors, d_query = np.zeros_like(vectors), np.zeros_like(query)
    d_weights = np.zeros_like(salience)
    for b in range(len(starts) - 1):
        own = slice(starts[b], starts[b + 1])
        s, v = salience[own], vectors[own]
        p = v @ d_documents[b] + d_salience[own]
        d_weights[own] = z = s * (p - s @ p)
        d_vectors[own] = np.outer(s, d_documents[b]) + np.outer(z, query)
        d_query += z @ v
    return d_vectors, d_query, d_weights
