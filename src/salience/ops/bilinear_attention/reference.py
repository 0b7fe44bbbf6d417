"""bilinear_attention in NumPy, one line per equation."""

from itertools import pairwise

import numpy as np


def forward(
    states: np.ndarray, values: np.ndarray, starts: np.ndarray, query: np.ndarray,
    key: np.ndarray | None, window: int | None, causal: bool, temperature: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """c_t = sum_i a_ti x_i, r_i = mean of a_ti, and a_tt."""
    context = np.zeros_like(values)
    received, own = (np.zeros(len(values), dtype=values.dtype) for _ in range(2))
    width = values.shape[1] // len(query)
    for first, last in pairwise(starts):
        if first == last:
            continue
        x, h = values[first:last], states[first:last]
        a = weights(h, query, key, window, causal, temperature, 0, last - first)
        for head in range(len(query)):
            columns = slice(head * width, (head + 1) * width)
            context[first:last, columns] = a[head] @ x[:, columns]
        received[first:last] = a.mean(axis=(0, 1))
        own[first:last] = np.diagonal(a, axis1=1, axis2=2).mean(axis=0)
    return context, received, own


def weights(
    states: np.ndarray, query: np.ndarray,
    key: np.ndarray | None, window: int | None, causal: bool, temperature: float,
    first: int, last: int,
) -> np.ndarray:  # fmt: skip
    """a_ti = exp(h_t' Q' K h_i / temperature) / sum_j exp(h_t' Q' K h_j / temperature)."""
    length = len(states)
    a = np.zeros((len(query), last - first, length), dtype=states.dtype)
    reach = length if window is None else window
    for head, (q, k) in enumerate(zip(query, _keys(query, key), strict=True)):
        for t in range(first, last):
            seen = slice(max(0, t - reach), t + 1 if causal else t + reach + 1)
            logits = (q @ states[t]) @ (k @ states[seen].T) / temperature
            exps = np.exp(logits - logits.max())
            a[head, t - first, seen] = exps / exps.sum()
    return a


def backprop(
    d_context: np.ndarray, d_received: np.ndarray, d_own: np.ndarray,
    states: np.ndarray, values: np.ndarray, starts: np.ndarray, query: np.ndarray,
    key: np.ndarray | None, window: int | None, causal: bool, temperature: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:  # fmt: skip
    """Return the gradients of h, x, Q and K, by way of those of the weights a.

    dL/da_ti = dL/dc_t' x_i + dL/dr_i / (heads T) + [t = i] dL/da_tt / heads
    """
    d_states, d_values = np.zeros_like(states), np.zeros_like(values)
    d_query, d_key = np.zeros_like(query), np.zeros_like(query)
    heads, width = len(query), values.shape[1] // len(query)
    for first, last in pairwise(starts):
        if first == last:
            continue
        h, rows = states[first:last], slice(first, last)
        a = weights(h, query, key, window, causal, temperature, 0, last - first)
        for head, (q, k) in enumerate(zip(query, _keys(query, key), strict=True)):
            columns = slice(head * width, (head + 1) * width)
            d_a = d_context[rows, columns] @ values[rows, columns].T
            d_a += (d_received[rows] / (last - first) + np.diag(d_own[rows])) / heads
            d_logits = a[head] * (d_a - (a[head] * d_a).sum(axis=1, keepdims=True)) / temperature
            d_values[rows, columns] += a[head].T @ d_context[rows, columns]
            d_queries, d_keys = d_logits @ (h @ k.T), d_logits.T @ (h @ q.T)
            d_states[rows] += d_queries @ q + d_keys @ k
            d_query[head] += d_queries.T @ h
            d_key[head] += d_keys.T @ h
    return d_states, d_values, d_query, None if key is None else d_key


def _keys(query: np.ndarray, key: np.ndarray | None) -> np.ndarray:
    """Return K, or where it is None the identity for every head."""
    return np.broadcast_to(np.eye(query.shape[2]), query.shape) if key is None else key
