"""embedding in NumPy, one line per equation."""

import numpy as np


def forward(table: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """x_t = W_e[id_t]."""
    x = np.zeros((len(ids), table.shape[1]), dtype=table.dtype)
    for t in range(len(ids)):
        x[t] = table[ids[t]]
    return x


def forward_bags(table: np.ndarray, ids: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """x_t = mean of W_e[id_i] over bag t."""
    x = np.zeros((len(starts) - 1, table.shape[1]), dtype=table.dtype)
    for t in range(len(starts) - 1):
        for i in range(starts[t], starts[t + 1]):
            x[t] += table[ids[i]] / (starts[t + 1] - starts[t])
    return x


def backprop(d_x: np.ndarray, ids: np.ndarray, rows: int) -> np.ndarray:
    """dL/dW_e[i] = sum of dL/dx_t over the t with id_t = i."""
    d_table = np.zeros((rows, d_x.shape[1]), dtype=d_x.dtype)
    for t in range(len(ids)):
        d_table[ids[t]] += d_x[t]
    return d_table


def backprop_bags(d_x: np.ndarray, ids: np.ndarray, starts: np.ndarray, rows: int) -> np.ndarray:
    """dL/dW_e[i] = sum of dL/dx_t / size of bag t over the bags t that name i."""
    d_table = np.zeros((rows, d_x.shape[1]), dtype=d_x.dtype)
    for t in range(len(starts) - 1):
        for i in range(starts[t], starts[t + 1]):
            d_table[ids[i]] += d_x[t] / (starts[t + 1] - starts[t])
    return d_table


def sparse_backprop(d_x: np.ndarray, ids: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows of dL/dW_e that ids name."""
    named = np.unique(ids)
    return named, backprop(d_x, ids, rows)[named]


def sparse_backprop_bags(
    d_x: np.ndarray, ids: np.ndarray, starts: np.ndarray, rows: int
) -> tuple[np.ndarray, np.ndarray]:
    """The rows of dL/dW_e that ids name."""
    named = np.unique(ids)
    return named, backprop_bags(d_x, ids, starts, rows)[named]
