"""pooling in NumPy, one line an equation."""

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
