"""Columns of an array as contiguous arrays."""

from typing import Any

from thinc.api import Ops

from ..types import Floats


def columns(ops: Ops, array: Floats, *widths: int) -> list[Floats]:
    """Divide an array [N, sum of widths] into contiguous ones [N, width], as a GPU's ops need."""
    ends = [sum(widths[:count]) for count in range(1, len(widths))]
    parts: list[Any] = ops.xp.split(array, ends, axis=1)
    return [ops.xp.ascontiguousarray(part) for part in parts]
