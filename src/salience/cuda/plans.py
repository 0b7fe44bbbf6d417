"""What kernels need to know of the documents: planned on the host, copied to the GPU at once."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from ..types import Ints
from . import arrays

Wanted: TypeAlias = tuple["Plan", tuple[Any, ...]]


class Plan:
    """A function of starts, and options, that returns arrays of integers for kernels to read."""

    def __init__(self, make: Callable[..., tuple[Ints, ...]]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __call__(self, starts: Ints, *options: Any) -> tuple[Any, ...]:
        """Return the plan's arrays on the GPU: those that came with starts, or else copied now."""
        kept = starts.plans if isinstance(starts, Planned) else {}
        return kept.get((self, options)) or send(self.make(starts, *options))

    def make(self, starts: Ints, *options: Any) -> tuple[Ints, ...]:
        """Return the plan's arrays on the host."""
        return self._make(np.asarray(starts), *options)


class Planned(np.ndarray):
    """Starts on the host, with their plans that were copied to the GPU already."""

    plans: dict[Wanted, tuple[Any, ...]]


def send(host: Sequence[Ints]) -> tuple[Any, ...]:
    """Copy several arrays of whole numbers to the GPU at once."""
    flat = np.concatenate([np.ravel(array) for array in host]).astype(np.int64, copy=False)
    there, first, parts = arrays.to_device(flat), 0, []
    for array in host:
        parts.append(there[first : first + array.size].reshape(*array.shape))
        first += array.size
    return tuple(parts)


def send_with(
    starts: Ints, wanted: Sequence[Wanted], beside: Sequence[Ints]
) -> tuple[Planned, tuple[Any, ...]]:
    """Copy plans by starts, and other arrays beside them, to the GPU at once.

    Returns starts that carry these plans, and the other arrays.
    """
    made = [plan.make(starts, *options) for plan, options in wanted]
    sent = list(send([*beside, *(array for arrays_ in made for array in arrays_)]))
    others, rest = sent[: len(beside)], sent[len(beside) :]
    planned = starts.view(Planned)
    planned.plans = {}
    for key, arrays_ in zip(wanted, made, strict=True):
        planned.plans[key], rest = tuple(rest[: len(arrays_)]), rest[len(arrays_) :]
    return planned, tuple(others)
