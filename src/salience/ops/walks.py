"""The order in which a recurrent network visits a batch, for references and kernels alike."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class Walk(NamedTuple):
    """One way through one document: these columns of the states, these rows in this order."""

    document: int
    way: int
    columns: slice
    rows: range


def split_at(direction: str, states: int) -> int:
    """The first of the states that run backward."""
    return {"forward": states, "backward": 0, "both": states // 2}[direction]


def walks(starts: np.ndarray, direction: str, states: int) -> Iterator[Walk]:
    """Every document forward, backward, or with half of the states each way."""
    split = split_at(direction, states)
    for b, (first, last) in enumerate(pairwise(starts)):
        if direction != "backward":
            yield Walk(b, 0, slice(0, split), range(first, last))
        if direction != "forward":
            way = int(direction == "both")
            yield Walk(b, way, slice(split, states), range(last - 1, first - 1, -1))
