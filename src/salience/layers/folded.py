"""Folded: what depends on a word alone is worked out once, and looked up from then on."""

import os
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from thinc.api import get_array_module

from ..ops import embedding
from ..types import Floats, Ints
from .host import HostShim

Keys: TypeAlias = NDArray[np.uint64]
Compute: TypeAlias = Callable[[Ints], tuple[Floats, ...]]

CAPACITY = 16384
"""Words that are remembered; beyond, the memory starts afresh."""


_all: "weakref.WeakSet[Folded]" = weakref.WeakSet()


class Folded(HostShim):
    """Tables of rows by the keys of words, as long as the parameters behind them stay.

    Of an encoder x = embed(word) and u = W_x x + b: with both in tables, the
    embedding and the first product of a recurrence are two look-ups. The tables
    are not saved. As a shim it hears of updates, of averaged parameters and of
    loading; parameters that are replaced, or moved to a GPU, are seen by
    themselves. Keys are on the host, and tables where their rows are computed.
    """

    def __init__(self) -> None:
        super().__init__(None)
        _all.add(self)
        self._lock = threading.Lock()
        self._keys: Keys = np.zeros(0, dtype=np.uint64)
        self._rows: Ints = np.zeros(0, dtype=np.int64)
        self._tables: tuple[Floats, ...] = ()
        self._parameters: tuple[Any, ...] = ()
        self._noted: tuple[tuple[Any, ...], str] | None = None

    def noted(self, parameters: Sequence[Any], compute: Callable[[], str]) -> str:
        """Return what compute says of these parameters, worked out once as long as they stay."""
        with self._lock:
            if self._noted is None or not _same(parameters, self._noted[0]):
                self._noted = tuple(parameters), compute()
            return self._noted[1]

    def rows(self, keys: Keys, parameters: Sequence[Any], compute: Compute) -> tuple[Floats, ...]:
        """Return the rows of these keys [N], of every table.

        Args:
            keys: one for each token; equal keys are equal words.
            parameters: the arrays and other objects that the rows depend on.
            compute: the rows of the tokens at these places, one array a table.
        """
        with self._lock:
            if not _same(parameters, self._parameters) or len(self._keys) > CAPACITY:
                self._forget()
                self._parameters = tuple(parameters)
            places = self._find(keys)
            missing = np.flatnonzero(places < 0)
            if len(missing) or not self._tables:
                self._add(keys, missing, compute)
                places = self._find(keys)
            tables = self._tables
        return _look_up(tables, places)

    def _find(self, keys: Keys) -> Ints:
        """Return the keys' rows, -1 where they have none yet."""
        if not len(self._keys):
            return np.full(len(keys), -1)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[places] == keys, self._rows[places], -1)

    def _add(self, keys: Keys, missing: Ints, compute: Compute) -> None:
        new, first = np.unique(keys[missing], return_index=True)
        rows = compute(missing[first])
        count = len(self._rows)
        end = count + len(new)
        old = self._tables or tuple(row[:0] for row in rows)
        self._tables = tuple(_with_room(table, end) for table in old)
        for table, row in zip(self._tables, rows, strict=True):
            table[count:end] = row
        at = np.searchsorted(self._keys, new)
        self._keys = np.insert(self._keys, at, new)
        self._rows = np.insert(self._rows, at, np.arange(count, end))

    def _forget(self) -> None:
        self._keys = np.zeros(0, dtype=np.uint64)
        self._rows = np.zeros(0, dtype=np.int64)
        self._tables, self._parameters, self._noted = (), (), None

    def finish_update(self, optimizer: Any) -> None:  # noqa: ARG002
        """Forget all rows: the parameters are about to change."""
        with self._lock:
            self._forget()

    @contextmanager
    def use_params(self, params: Any) -> Iterator[None]:  # noqa: ARG002
        """Forget all rows, before and after."""
        self.finish_update(None)
        try:
            yield
        finally:
            self.finish_update(None)

    def to_bytes(self) -> bytes:
        """Return nothing: rows are worked out again."""
        return b""

    def from_bytes(self, data: bytes) -> "Folded":  # noqa: ARG002
        """Forget all rows."""
        self.finish_update(None)
        return self

    def after_fork(self) -> None:
        """Start afresh in a child: a thread that it does not have may hold the lock."""
        self._lock = threading.Lock()
        self._forget()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Folded":
        return Folded()

    def __reduce__(self) -> tuple[type["Folded"], tuple[()]]:
        return Folded, ()


def _same(some: Sequence[Any], others: Sequence[Any]) -> bool:
    if len(some) != len(others):
        return False
    return all(a is b for a, b in zip(some, others, strict=True))


def each_once(keys: Keys, compute: Compute) -> tuple[Floats, ...]:
    """Return the rows of these keys [N], worked out once for each and not remembered."""
    _, first, places = np.unique(keys, return_index=True, return_inverse=True)
    return _look_up(compute(first), places)


def _look_up(tables: tuple[Floats, ...], places: Ints) -> tuple[Floats, ...]:
    ids = _library_of(tables[0]).asarray(places)
    return tuple(embedding(table, ids) for table in tables)


def _with_room(table: Floats, rows: int) -> Floats:
    """The table, or a larger one: at first for all words, as unused memory costs nothing."""
    if rows <= len(table):
        return table
    shape = max(rows, 2 * len(table), CAPACITY), table.shape[1]
    larger: Floats = _library_of(table).empty(shape, dtype=np.float32)
    larger[: len(table)] = table
    return larger


def _library_of(array: Floats) -> Any:
    return get_array_module(array)  # type: ignore[no-untyped-call]


def _after_fork() -> None:
    for each in list(_all):
        each.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
