"""Which model results are of."""

from typing import NamedTuple

from salience.types import Floats


class Origin(NamedTuple):
    """A model as its results know it.

    model: its fingerprint. projection: P [K, D] of d = P sum_t s_t v_t; None where
    document vectors are the sums themselves.
    """

    model: str
    projection: Floats | None
