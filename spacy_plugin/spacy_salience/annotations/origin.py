"""The model that results were computed by."""

from typing import NamedTuple

from salience.types import Floats


class Origin(NamedTuple):
    """What identifies the model of results, and what comparing them needs of it.

    model: its fingerprint. projection: P [K, D] of d = P sum_t s_t v_t; None where
    d = sum_t s_t v_t.
    """

    model: str
    projection: Floats | None
