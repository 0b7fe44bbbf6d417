"""The input of the first block: rows of tables, which are computed once for each word.

With frozen weights the products with an embedding x are folded: u = W_x x + b and
o = W_o x + b_o are looked up, like x. Where x is a mean of rows of the word table, so
are u and o, and the whole table is folded. Otherwise the rows of a token are computed
when it first occurs, and remembered by its key.
"""

import os
import threading
import weakref
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..cpu.memory import empty
from ..model.parameters import Parameters
from ..model.settings import HASHES
from ..ops import affine, embedding_bags, layer_norm
from ..types import Floats, Ints, Ragged, Tokens

Keys: TypeAlias = NDArray[np.uint64]

CAPACITY = 16384
"""Tokens that are remembered; when there are more, all are forgotten."""


class Tables(NamedTuple):
    """The tables that are looked up: x [V, D], u [V, inputs], o [V, H] and w [V, 1].

    Without an output gate o has no columns.
    """

    embeddings: Floats
    inputs: Floats
    logits: Floats
    weights: Floats


class Rows(NamedTuple):
    """Rows of tables for N tokens: token t gets the mean of the rows of bag t."""

    tables: Tables
    ids: Ints
    bag_starts: Ints

    def of(self, first: int, last: int) -> "Rows":
        """Return those of the tokens from first to last."""
        begin, end = self.bag_starts[first], self.bag_starts[last]
        return Rows(
            self.tables, self.ids[begin:end], self.bag_starts[first : last + 1] - begin
        )  # fmt: skip

    def compact(self) -> "Rows":
        """Return the same rows, with tables that have no others."""
        used, ids = np.unique(self.ids, return_inverse=True)
        return Rows(Tables(*(table[used] for table in self.tables)), ids, self.bag_starts)


class Keyed(NamedTuple):
    """N tokens by a key each; equal keys are equal tokens.

    at(places) returns the Tokens to embed. remember says whether a key means the same
    token in another batch, so that its rows may be remembered.
    """

    keys: Keys
    at: Callable[[Ints], Tokens]
    remember: bool = True


def fold(p: Parameters, embeddings: Floats, weights: Floats) -> Tables:
    """Return the tables of these embeddings [V, D] and weights [V, 1]."""
    block = p.blocks[0]
    inputs = affine(embeddings, block.tensors["input_weight"], block.tensors["input_bias"])
    logits = np.empty((len(embeddings), 0), dtype=np.float32)
    if block.settings.output_gate:
        logits = affine(embeddings, block.tensors["output_weight"], block.tensors["output_bias"])
    return Tables(embeddings, inputs, logits, weights)


class Embedding:
    """Computes the embeddings of tokens, from the word table in float32."""

    def __init__(self, p: Parameters) -> None:
        self._p = p
        self.table = p.words.table() if p.words else None

    def all_rows(self) -> Tables:
        """Fold all rows of the word table; only for settings that fold."""
        assert self.table is not None
        return fold(self._p, self.table, self._weights_of_rows())

    def used_rows(self, ids: Ints, bag_starts: Ints) -> Rows:
        """Return the rows of these bags, with tables that have no others; as all_rows."""
        assert self.table is not None
        used, places = np.unique(ids, return_inverse=True)
        weights = self._weights_of_rows()[used]
        return Rows(fold(self._p, self.table[used], weights), places, bag_starts)

    def tables(self, tokens: Tokens) -> Tables:
        """Return the tables of these tokens, a row each."""
        x = self(tokens)
        weights = np.zeros((len(x), 1), dtype=np.float32)
        if isinstance(tokens.words, Ragged) and self._p.word_weights is not None:
            weights = embedding_bags(self._weights_of_rows(), *tokens.words)
        return fold(self._p, x, weights)

    def __call__(self, tokens: Tokens) -> Floats:
        """x = norm(P W_e[id] + sum of attribute rows) of U tokens [U, D]."""
        s, tensors = self._p.settings, self._p.tensors
        words, attributes = tokens
        if isinstance(words, Ragged):
            assert self.table is not None
            words = embedding_bags(self.table, *words)
            if s.word_factor != 1:
                words *= np.float32(s.word_factor)
        if words is not None and s.projected:
            words = affine(words, tensors["word_weight"], tensors["word_bias"])
        x = words
        if attributes is not None:
            size = np.float32(len(s.attributes) * HASHES)
            mean = embedding_bags(tensors["attribute_rows"], *attributes)
            x = size * mean if words is None else size * mean + words
        assert x is not None
        if s.normalised:
            x = layer_norm(
                x, tensors["embedding_norm_gain"], tensors["embedding_norm_bias"]
            )  # fmt: skip
        return x

    def _weights_of_rows(self) -> Floats:
        assert self.table is not None
        if self._p.word_weights is None:
            return np.zeros((len(self.table), 1), dtype=np.float32)
        return self._p.word_weights[:, None]


_all: "weakref.WeakSet[Remembered]" = weakref.WeakSet()


class Remembered:
    """Rows of tables, remembered by the keys of tokens; for parameters that do not change."""

    def __init__(self, compute: Callable[[Tokens], Tables]) -> None:
        self._compute = compute
        self.lock = threading.Lock()
        _all.add(self)
        self._keys: Keys = np.zeros(0, dtype=np.uint64)
        self._places: Ints = np.zeros(0, dtype=np.int64)
        self._tables: Tables | None = None

    def rows(self, given: Keyed) -> Rows:
        """Return the rows of N tokens; those of new keys are computed."""
        count = np.arange(len(given.keys) + 1)
        if not given.remember:
            _, first, places = np.unique(given.keys, return_index=True, return_inverse=True)
            return Rows(self._compute(given.at(first)), places, count)
        with self.lock:
            if len(self._keys) > CAPACITY:
                self._keys, self._places = self._keys[:0], self._places[:0]
                self._tables = None
            places = self._find(given.keys)
            missing = np.flatnonzero(places < 0)
            if len(missing) or self._tables is None:
                self._add(given, missing)
                places = self._find(given.keys)
            assert self._tables is not None
            return Rows(self._tables, places, count)

    def _find(self, keys: Keys) -> Ints:
        """Return the keys' rows, -1 where they have none yet."""
        if not len(self._keys):
            return np.full(len(keys), -1)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[places] == keys, self._places[places], -1)

    def _add(self, given: Keyed, missing: Ints) -> None:
        new, first = np.unique(given.keys[missing], return_index=True)
        rows = self._compute(given.at(missing[first]))
        count = len(self._places)
        end = count + len(new)
        old = self._tables or Tables(*(table[:0] for table in rows))
        self._tables = Tables(*(_with_room(table, end) for table in old))
        for table, row in zip(self._tables, rows, strict=True):
            table[count:end] = row
        at = np.searchsorted(self._keys, new)
        self._keys = np.insert(self._keys, at, new)
        self._places = np.insert(self._places, at, np.arange(count, end))


def _with_room(table: Floats, rows: int) -> Floats:
    """The table, or a larger copy: of CAPACITY rows at first, as untouched memory costs nothing."""
    if rows <= len(table):
        return table
    larger = empty(max(rows, 2 * len(table), CAPACITY), table.shape[1])
    larger[: len(table)] = table
    return larger


def _after_fork() -> None:
    for each in list(_all):
        each.lock = threading.Lock()  # a thread of the parent may hold it


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
