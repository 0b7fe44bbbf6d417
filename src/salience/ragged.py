"""Ragged arrays, items of many owners end to end: choosing some owners, and transposing."""

import numpy as np

from .types import Ints, Ragged, starts_of


def places_of(starts: Ints, owners: Ints, most: int | None = None) -> tuple[Ints, Ints]:
    """Return the places of these owners' items, and where each owner begins among them.

    starts [B + 1]: where all owners' items begin. Of each owner at most the first
    `most` items are returned.
    """
    firsts = starts[owners]
    sizes = starts[owners + 1] - firsts
    sizes = sizes if most is None else np.minimum(sizes, most)
    begins = starts_of(sizes)
    return np.repeat(firsts - begins[:-1], sizes) + np.arange(begins[-1]), begins


def select(bags: Ragged, owners: Ints) -> Ragged:
    """Return the bags of these owners."""
    places, starts = places_of(bags.starts, owners)
    return Ragged(bags.data[places], starts)


def transpose(bags: Ragged, columns: int) -> Ragged:
    """Return the rows of each column, from the columns of each row."""
    owners = np.repeat(np.arange(len(bags.starts) - 1), np.diff(bags.starts))
    order = np.argsort(bags.data, kind="stable")
    return Ragged(owners[order], starts_of(np.bincount(bags.data, minlength=columns)))
