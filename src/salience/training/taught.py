"""A teacher's vectors as the directions that a student learns."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..types import Floats, Ints
from .objectives import LEAST, directions

SAMPLE = 65_536
"""Rows that the mean and the deviation are computed from, evenly from all."""


class Taught:
    """Rows t [N, K] of a teacher, which may be a file that is mapped into memory, as directions.

    t'_n = z_n / |z_n|, z_n = t_n - mean(t), and for tokens z_n = (t_n - mean(t)) / deviation(t)

    Teachers whose vectors all lie in one narrow cone differ in what is left without the mean.
    The states of a transformer's inner layers have a few columns that outweigh all others
    (Timkey and van Schijndel, All Bark and No Bite, 2021), so those of tokens are scaled too.
    """

    def __init__(self, matrix: NDArray[Any], *, scaled: bool = False) -> None:
        """Measure the mean, and the deviation of each column where they are scaled."""
        self._matrix = matrix
        sample = np.asarray(matrix[evenly(len(matrix), SAMPLE)], dtype=np.float64)
        self._mean = sample.mean(axis=0).astype(np.float32)
        deviation = sample.std(axis=0)
        deviation[deviation < LEAST] = 1
        self._factor = (1 / deviation if scaled else np.ones_like(deviation)).astype(np.float32)

    def __len__(self) -> int:
        """Return N."""
        return len(self._matrix)

    @property
    def width(self) -> int:
        """K."""
        return int(self._matrix.shape[1])

    def __call__(self, numbers: Ints) -> Floats:
        """Return the directions of these rows [len(numbers), K]."""
        rows = np.asarray(self._matrix[numbers], dtype=np.float32)
        return directions((rows - self._mean) * self._factor)[0]


def evenly(count: int, most: int) -> Ints:
    """Return the numbers of at most so many rows, evenly from all."""
    return np.unique(np.linspace(0, count - 1, min(most, count)).astype(np.int64))
