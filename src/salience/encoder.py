"""The encoder: from table rows to token vectors, salience and document vectors.

It is the chain embedding, linear_recurrence, bilinear_attention, fusion,
pooling, run over chunks of whole documents. With frozen weights the input
product is folded into the table once: W_x W_e[id] + b is a look-up.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import checks, threads
from .errors import WeightsError
from .ops import affine, attention_weights
from .ops.bilinear_attention import cpu as bilinear_attention
from .ops.embedding import cpu as embedding
from .ops.fusion import cpu as fusion
from .ops.linear_recurrence import cpu as linear_recurrence
from .ops.pooling import cpu as pooling
from .types import Floats, Ints, Ragged
from .vocab import Vocabulary
from .weights import Weights

CHUNK = 1024
"""Tokens that run through the chain together: few enough to stay in cache."""


class Encoded(NamedTuple):
    """What the encoder says of a batch of B documents with N tokens.

    vectors v [N, D], salience s [N], received attention r [N] and documents
    d [B, D]; s and r sum to 1 over a document.
    """

    vectors: Floats
    salience: Floats
    received: Floats
    documents: Floats


class Encoder:
    """A frozen encoder, made from its weights.

    Raises WeightsError where a tensor is missing, has the wrong shape or holds
    a number that is not finite.
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._settings = weights.settings
        self._decay = self._tensor("decay", "H")
        states = len(self._decay)
        self._gate = self._tensor("fusion_gate", "D")
        self.width = len(self._gate)
        self._fusion = np.ascontiguousarray(self._tensor("fusion_weight", self.width, states).T)
        self._input_weight = self._tensor("input_weight", states, self.width)
        self._input_bias = self._tensor("input_bias", states)
        self._query = self._tensor("query", "heads", "R", states)
        self._key = self._tensor("key", *self._query.shape)
        self._pool_query = self._tensor("pool_query", self.width)
        self.vocabulary = self._vocabulary()
        self._word_weights = self._tensor("word_weights", len(self.vocabulary))
        self._shape_of_table()
        if not ((self._decay > 0) & (self._decay < 1)).all():
            raise WeightsError("weights: decay must lie between 0 and 1, exclusive")

    def __getstate__(self) -> dict[str, Any]:
        """Travel light: the tables are made again from the weights."""
        return {"weights": self.weights}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["weights"])  # type: ignore[misc]

    def encode(self, bags: Ragged, starts: Ints) -> Encoded:
        """Encode B documents; a document's result does not depend on its neighbours.

        Args:
            bags: the rows of each of the N tokens (see Vocabulary.bag).
            starts: where each document begins [B + 1].

        Raises:
            RangeError: a row is not in the table, or starts do not fit.
        """
        empty = Encoded(*(np.zeros((0, *tail), np.float32) for tail in self._tails()))
        chunks = [empty, *self.encode_chunks(bags, starts)]
        return Encoded(*(np.concatenate(parts) for parts in zip(*chunks, strict=True)))

    def encode_chunks(self, bags: Ragged, starts: Ints) -> list[Encoded]:
        """Encode B documents like encode, in pieces of whole documents, in order.

        A piece has about CHUNK tokens, or is one longer document: whoever
        keeps a view of one document keeps no more than its piece in memory.
        """
        ids = checks.indices("encode", "bags.data", bags.data, len(self.vocabulary))
        bag_starts = checks.starts("encode", "bags.starts", bags.starts, len(ids))
        starts = checks.starts("encode", "starts", starts, len(bag_starts) - 1)
        chunks = list(_chunks(starts))
        encoded: dict[int, Encoded] = {}

        def task(number: int) -> None:
            first, last = chunks[number]
            encoded[number] = self._encode_chunk(
                *_slice(ids, bag_starts, starts[first], starts[last]),
                starts[first : last + 1] - starts[first],
            )

        threads.run(task, range(len(chunks)))
        return [encoded[number] for number in range(len(chunks))]

    def attention(self, bags: Ragged, rows: tuple[int, int] | None = None) -> Floats:
        """Return the attention weights of one document [heads, rows, T].

        Args:
            bags: the rows of each of the document's T tokens.
            rows: the first token to return weights for and one past the last.
        """
        ids = checks.indices("attention", "bags.data", bags.data, len(self.vocabulary))
        bag_starts = checks.starts("attention", "bags.starts", bags.starts, len(ids))
        states = self._states(ids, bag_starts, np.array([0, len(bag_starts) - 1], dtype=np.int64))
        return attention_weights(states, self._query, self._key, rows=rows, **self._view)

    def _encode_chunk(self, ids: Ints, bag_starts: Ints, starts: Ints) -> Encoded:
        x = embedding.forward_bags(self._table, ids, bag_starts)
        word_weights = embedding.forward_bags(self._word_weights[:, None], ids, bag_starts)[:, 0]
        h = self._states(ids, bag_starts, starts)
        c, received = bilinear_attention.forward(h, x, starts, self._query, self._key, **self._view)
        v = c  # fused in place: for a long document another [T, D] would be felt
        fusion.fuse(x, h, c, self._fusion, self._gate, v)
        salience, documents = pooling.forward(
            v, self._pool_query, np.ascontiguousarray(word_weights), starts
        )
        return Encoded(v, salience, received, documents)

    def _states(self, ids: Ints, bag_starts: Ints, starts: Ints) -> Floats:
        inputs = embedding.forward_bags(self._folded, ids, bag_starts)
        return linear_recurrence.forward(inputs, self._decay, starts, "both")

    @cached_property
    def _table(self) -> Floats:
        """W_e [V, D] in float32, whatever it is stored as."""
        stored = self.weights.tensors["table"]
        table = np.asarray(stored, dtype=np.float32)
        if stored.dtype == np.int8:
            table *= self._tensor("table_scale", len(stored))[:, None]
        if not np.isfinite(table).all():
            raise WeightsError("weights: table holds numbers that are not finite")
        return table

    @cached_property
    def _folded(self) -> Floats:
        """W_x W_e + b [V, H]: the recurrence's input of every row."""
        return affine(self._table, self._input_weight, self._input_bias)

    @cached_property
    def _view(self) -> dict[str, Any]:
        return {"window": self._settings["window"], "causal": self._settings["causal"]}

    def _tails(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of Encoded's arrays after their first axis."""
        return (self.width,), (), (), (self.width,)

    def _vocabulary(self) -> Vocabulary:
        try:
            words = bytes(self._stored("words")).decode("utf-8")
            return Vocabulary(
                words.split("\n") if words else [],
                buckets=self._settings["buckets"],
                shortest=self._settings["shortest"],
                longest=self._settings["longest"],
            )
        except (KeyError, UnicodeDecodeError) as error:
            raise WeightsError(f"weights: the vocabulary cannot be read: {error!r}") from error

    def _shape_of_table(self) -> None:
        expected = (len(self.vocabulary), self.width)
        if self._stored("table").shape != expected:
            raise WeightsError(
                f"weights: table must have the shape {expected}, "
                f"got {self._stored('table').shape}; save the model again"
            )

    def _tensor(self, name: str, *shape: int | str) -> Floats:
        array = checks.floats("weights", name, self._stored(name), shape)
        if not np.isfinite(array).all():
            raise WeightsError(f"weights: {name} holds numbers that are not finite")
        return array

    def _stored(self, name: str) -> NDArray[Any]:
        try:
            return self.weights.tensors[name]
        except KeyError:
            raise WeightsError(
                f"weights: the tensor {name!r} is missing; found "
                f"{', '.join(sorted(self.weights.tensors))}. Save the model again"
            ) from None


def _chunks(starts: Ints) -> Iterator[tuple[int, int]]:
    """Runs of whole documents of at most CHUNK tokens; a longer document is one alone."""
    first, documents = 0, len(starts) - 1
    while first < documents:
        last = int(np.searchsorted(starts, starts[first] + CHUNK, side="right")) - 1
        last = min(max(last, first + 1), documents)
        yield first, last
        first = last


def _slice(ids: Ints, bag_starts: Ints, first: int, last: int) -> tuple[Ints, Ints]:
    """The bags of the tokens from first to last, starting at 0."""
    begin, end = bag_starts[first], bag_starts[last]
    return ids[begin:end], bag_starts[first : last + 1] - begin
