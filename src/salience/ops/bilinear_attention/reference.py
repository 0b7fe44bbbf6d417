"""bilinear_attention in NumPy, one line an equation."""

from itertools import pairwise

import numpy as np


def forward(
    states: np.ndarray,
    values: np.ndarray,
    starts: np.ndarray,
    query: np.ndarray,
    key: np.ndarray,
    window: int | None,
    causal: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """c_t = sum_i a_ti x_i, and r_i = mean of a_ti."""
    context = np.zeros_like(values)
    received = np.zeros(len(values), dtype=values.dtype)
    heads, width = len(query), values.shape[1] // len(query)
    for first, last in pairwise(starts):
        x = values[first:last]
        a = weights(states[first:last], query, key, window, causal, 0, last - first)
        for head in range(heads):
            columns = slice(head * width, (head + 1) * width)
            context[first:last, columns] = a[head] @ x[:, columns]
        if last > first:
            received[first:last] = a.mean(axis=(0, 1))
    return context, received


def weights(
    states: np.ndarray,
    query: np.ndarray,
    key: np.ndarray,
    window: int | None,
    causal: bool,
    first: int,
    last: int,
) -> np.ndarray:
    """a_ti = exp(h_t' Q' K h_i) / sum_j exp(h_t' Q' K h_j)."""
    length = len(states)
    a = np.zeros((len(query), last - first, length), dtype=states.dtype)
    reach = length if window is None else window
    for head, (q, k) in enumerate(zip(query, key, strict=True)):
        for t in range(first, last):
            seen = slice(max(0, t - reach), t + 1 if causal else t + reach + 1)
            logits = (q @ states[t]) @ (k @ states[seen].T)
            exps = np.exp(logits - logits.max())
            a[head, t - first, seen] = exps / exps.sum()
    return a
