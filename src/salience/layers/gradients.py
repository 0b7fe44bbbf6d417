"""Gradients of runs of a batch, which threads compute in parallel."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from ..types import Floats

Collected: TypeAlias = list[tuple[Any, str, Floats]]

_local = threading.local()


def learn(model: Any, **gradients: Any) -> None:
    """Add gradients to those of a layer's parameters, by their names; see collecting."""
    collected: Collected | None = getattr(_local, "collected", None)
    for name, gradient in gradients.items():
        if collected is None:
            model.inc_grad(name, gradient)
        else:
            collected.append((model, name, gradient))


@contextmanager
def collecting() -> Iterator[Collected]:
    """Keep this thread's gradients in a list; add_all adds them to the parameters'.

    Threads that add to one array would race, and the order of a sum decides its
    bits: so one thread adds them, run after run.
    """
    _local.collected = []
    try:
        yield _local.collected
    finally:
        _local.collected = None


def add_all(parts: list[Collected]) -> None:
    """Add the gradients of all runs, in their order."""
    for collected in parts:
        for model, name, gradient in collected:
            model.inc_grad(name, gradient)
