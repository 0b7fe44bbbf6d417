"""The frozen encoder on the GPU: the chain of encoder_cpu.py over a whole batch at a time."""

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from numba import cuda

from ..cuda import arrays, faults, places, segments
from ..cuda.arena import Arena
from ..cuda.plans import send_with
from ..errors import DeviceMemoryError
from ..model.parameters import Parameters, Tables
from ..ops.bilinear_attention import cuda as bilinear_attention
from ..ops.bilinear_attention.cuda_plan import tiles
from ..ops.embedding import cuda as embedding
from ..ops.fusion import cuda as fusion
from ..ops.linear_recurrence import cuda as linear_recurrence
from ..ops.output_gate import cuda as output_gate
from ..ops.pooling import cuda as pooling
from ..types import Encoded, Floats, Ints, starts_of
from .parts import chunks_of, slice_bags

BATCH = 2**17
"""Tokens that run through the chain together: a few kilobytes of memory each."""


class CudaEncoder:
    """Tables and parameters on the GPU, and the memory that every batch uses again."""

    def __init__(self, parameters: Parameters, tables: Tables) -> None:
        faults.require()
        p = parameters
        self._lock = threading.Lock()
        self._arena = Arena()
        self._staging = np.empty(0, dtype=np.float32)
        self._view = p.window, p.causal, 1.0
        with places.at(places.Place()):
            self._embeddings, self._inputs, self._logits = map(arrays.to_device, tables)
            self._word_weights = arrays.to_device(p.word_weights[:, None])
            self._decay, self._query, self._key = map(arrays.to_device, (p.decay, p.query, p.key))
            self._fusion_weight = arrays.to_device(p.fusion_weight)
            self._fusion_gate = arrays.to_device(p.fusion_gate)
            self._pool_query = arrays.to_device(p.pool_query)

    def encode_chunks(self, ids: Ints, bag_starts: Ints, starts: Ints) -> list[Encoded]:
        """Encode B documents, in pieces of whole documents, as Encoder.encode_chunks does.

        Batches of about BATCH tokens go over one after the other; where memory
        does not suffice, a batch is halved, once.

        Raises DeviceMemoryError where its half does not fit either.
        """
        faults.require()
        pieces: list[Encoded] = []
        for first, last in chunks_of(starts, BATCH):
            with self._lock:
                pieces += self._whole_or_halved(*_documents(ids, bag_starts, starts, first, last))
        return pieces

    def _whole_or_halved(self, ids: Ints, bag_starts: Ints, starts: Ints) -> list[Encoded]:
        documents = len(starts) - 1
        try:
            return self._batch(ids, bag_starts, starts)
        except DeviceMemoryError:
            self._arena.release()
            if documents < 2:
                raise
        middle = 1 + int(np.abs(starts[1:-1] - starts[-1] / 2).argmin())
        halves = (0, middle), (middle, documents)
        return [
            piece
            for first, last in halves
            for piece in self._batch(*_documents(ids, bag_starts, starts, first, last))
        ]

    def _batch(self, ids: Ints, bag_starts: Ints, starts: Ints) -> list[Encoded]:
        with places.at(self._arena):
            try:
                wanted = (segments.plan, ()), (tiles, self._view[:1])
                planned, sent = send_with(starts, wanted, (ids, bag_starts))
                ids_there, bags_there = sent
                return self._fetch(self._chain(ids_there, bags_there, planned), starts)
            finally:
                self._arena.reset()

    def _chain(self, ids: Any, bag_starts: Any, starts: Ints) -> tuple[Any, ...]:
        x = embedding.forward_bags(self._embeddings, ids, bag_starts)
        u = embedding.forward_bags(self._inputs, ids, bag_starts)
        initial = arrays.zeros(len(starts) - 1, u.shape[1])
        h, _ = linear_recurrence.forward(u, self._decay, starts, initial, "both")
        c, received, _ = bilinear_attention.forward(
            h, x, starts, self._query, self._key, *self._view
        )  # fmt: skip
        y = output_gate.forward(h, embedding.forward_bags(self._logits, ids, bag_starts))
        v = fusion.forward(x, y, c, self._fusion_weight, self._fusion_gate)
        weights = embedding.forward_bags(self._word_weights, ids, bag_starts)
        salience, documents = pooling.forward(
            v, self._pool_query, weights.reshape(len(weights)), starts
        )  # fmt: skip
        return v, salience, received, documents

    def _fetch(self, results: tuple[Any, ...], starts: Ints) -> list[Encoded]:
        """Copy a batch's results to the host at once, and from there to pieces of their own."""
        ends = starts_of([result.size for result in results])
        there, stream = arrays.empty(int(ends[-1])), places.current().stream
        for result, first, last in zip(results, ends[:-1], ends[1:], strict=True):
            if result.size:
                there[first:last].copy_to_device(result.reshape(result.size), stream=stream)
        here = arrays.to_host(there, self._staging_of(there.size))
        v, salience, received, documents = (
            here[first:last].reshape(result.shape)
            for result, first, last in zip(results, ends[:-1], ends[1:], strict=True)
        )
        return [
            Encoded(*(part.copy() for part in (v[rows], salience[rows], received[rows], d)))
            for rows, d in _pieces(documents, starts)
        ]

    def _staging_of(self, size: int) -> Floats:
        """Host memory that the GPU writes to by itself, kept for the next batch."""
        if len(self._staging) < size:
            with faults.named("memory"):
                self._staging = cuda.pinned_array(size, np.float32)
        return self._staging[:size]


def _documents(
    ids: Ints, bag_starts: Ints, starts: Ints, first: int, last: int
) -> tuple[Ints, Ints, Ints]:
    """The documents from first to last, as if they were all."""
    begin, end = starts[first], starts[last]
    own_ids, own_bags = slice_bags(ids, bag_starts, begin, end)
    return own_ids, own_bags, starts[first : last + 1] - begin


def _pieces(documents: Floats, starts: Ints) -> Iterator[tuple[slice, Floats]]:
    for first, last in chunks_of(starts):
        yield slice(int(starts[first]), int(starts[last])), documents[first:last]
