"""The fast form of an encoder on the GPU: the steps of cpu.py, each over a whole batch."""

import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numba import cuda

from ..cpu.products import rows_times
from ..cuda import arrays, faults, places, segments
from ..cuda.arena import Arena
from ..cuda.plans import send_with
from ..errors import DeviceMemoryError
from ..model.parameters import Parameters
from ..ops.bilinear_attention.cuda_plan import tiles
from ..ops.embedding import cuda as embedding
from ..ops.pooling import cuda as pooling
from ..types import Encoded, Floats, Ints, starts_of
from .cuda_block import CudaBlock
from .parts import chunks_of
from .rows import Rows, Tables
from .sums import weighted_sum

TOKENS_AT_ONCE = 2**17
"""Tokens of a batch on the GPU, where each takes a few kilobytes of memory."""


class CudaTables:
    """Tables on the GPU, one for each input of the cell."""

    def __init__(self, tables: Tables, block: CudaBlock) -> None:
        inputs = block.split(tables.inputs.T)
        self.embeddings = arrays.to_device(tables.embeddings)
        self.inputs = [arrays.to_device(np.ascontiguousarray(part.T)) for part in inputs]
        self.logits = arrays.to_device(tables.logits) if tables.logits.shape[1] else None
        self.weights = arrays.to_device(tables.weights)


class CudaEncoder:
    """Blocks and tables on the GPU, and memory that batches reuse.

    tables: of all rows; where None, the rows of each call have tables of their own.
    """

    def __init__(self, parameters: Parameters, tables: Tables | None = None) -> None:
        faults.require()
        self._parameters = p = parameters
        self._lock = threading.Lock()
        self._arena = Arena()
        self._staging = np.empty(0, dtype=np.float32)
        self._pool_query: Any = None
        with places.at(places.Place()):
            self._blocks = [CudaBlock(block) for block in p.blocks]
            self._tables = CudaTables(tables, self._blocks[0]) if tables else None
            if p.settings.pooling == "salience":
                self._pool_query = arrays.to_device(p.tensors["pool_query"])

    def encode_chunks(self, rows: Rows, starts: Ints) -> list[Encoded]:
        """Encode B documents, in pieces of whole documents, as Encoder.encode_chunks does.

        Batches of about TOKENS_AT_ONCE tokens are encoded one after the other; one that
        does not fit into memory is halved, once.

        Raises DeviceMemoryError where half a batch does not fit either.
        """
        faults.require()
        pieces: list[Encoded] = []
        for first, last in chunks_of(starts, TOKENS_AT_ONCE):
            with self._lock:
                pieces += self._whole_or_halved(*_documents(rows, starts, first, last))
        return pieces

    def _whole_or_halved(self, rows: Rows, starts: Ints) -> list[Encoded]:
        documents = len(starts) - 1
        try:
            return self._batch(rows, starts)
        except DeviceMemoryError:
            self._arena.release()
            if documents < 2:
                raise
        middle = 1 + int(np.abs(starts[1:-1] - starts[-1] / 2).argmin())
        halves = (0, middle), (middle, documents)
        return [
            piece
            for first, last in halves
            for piece in self._batch(*_documents(rows, starts, first, last))
        ]

    def _batch(self, rows: Rows, starts: Ints) -> list[Encoded]:
        with places.at(self._arena):
            try:
                tables = self._tables
                if tables is None:
                    rows = rows.compact()
                    tables = CudaTables(rows.tables, self._blocks[0])
                windows = dict.fromkeys(
                    block.settings.window for block in self._blocks if block.settings.heads
                )
                wanted = (segments.plan, ()), *((tiles, (window,)) for window in windows)
                planned, sent = send_with(starts, wanted, (rows.ids, rows.bag_starts))
                ids, bag_starts = sent
                return self._fetch(self._chain(tables, ids, bag_starts, planned), starts)
            finally:
                self._arena.reset()

    def _chain(
        self, tables: CudaTables, ids: Any, bag_starts: Any, starts: Ints
    ) -> tuple[Any, ...]:
        def look_up(table: Any) -> Any:
            return embedding.forward_bags(table, ids, bag_starts)

        first, *others = self._blocks
        inputs = [look_up(table) for table in tables.inputs]
        logits = None if tables.logits is None else look_up(tables.logits)
        v, received = first.run(look_up(tables.embeddings), inputs, logits, starts)
        for block in others:
            v, received = block.run(v, *block.project(v), starts)
        if self._pool_query is None:
            return v, received
        weights = look_up(tables.weights)
        salience, documents = pooling.forward(
            v, self._pool_query, weights.reshape(len(weights)), starts
        )  # fmt: skip
        return v, received, salience, documents

    def _fetch(self, results: tuple[Any, ...], starts: Ints) -> list[Encoded]:
        """Copy a batch's results to the host in one go, and there into an array for each piece."""
        ends = starts_of([result.size for result in results])
        there, stream = arrays.empty(int(ends[-1])), places.current().stream
        for result, first, last in zip(results, ends[:-1], ends[1:], strict=True):
            if result.size:
                there[first:last].copy_to_device(result.reshape(result.size), stream=stream)
        here = arrays.to_host(there, self._staging_of(there.size))
        v, received, *pooled = (
            here[first:last].reshape(result.shape)
            for result, first, last in zip(results, ends[:-1], ends[1:], strict=True)
        )
        salience, documents = pooled or (received, _sums(received, v, starts))
        s = self._parameters.settings
        if s.document_width:
            weight = self._parameters.tensors["document_weight"]
            documents = rows_times(documents, weight, None)
        scale = np.float32(s.scale)
        return [
            Encoded(scale * v[rows], salience[rows].copy(), received[rows].copy(), scale * d)
            for rows, d in _pieces(documents, starts)
        ]

    def _staging_of(self, size: int) -> Floats:
        """Pinned host memory, kept for the next batch."""
        if len(self._staging) < size:
            with faults.named("memory"):
                self._staging = cuda.pinned_array(size, np.float32)
        return self._staging[:size]


def _documents(rows: Rows, starts: Ints, first: int, last: int) -> tuple[Rows, Ints]:
    """The rows and starts of a batch of the documents [first, last) alone."""
    begin, end = starts[first], starts[last]
    return rows.of(begin, end), starts[first : last + 1] - begin


def _sums(received: Floats, vectors: Floats, starts: Ints) -> Floats:
    """d = sum_t r_t v_t of each document."""
    sums = np.zeros((len(starts) - 1, vectors.shape[1]), dtype=np.float32)
    for document, (first, last) in zip(sums, pairwise(starts), strict=True):
        document[:] = weighted_sum(received[first:last], vectors[first:last])
    return sums


def _pieces(documents: Floats, starts: Ints) -> Iterator[tuple[slice, Floats]]:
    for first, last in chunks_of(starts):
        yield slice(int(starts[first]), int(starts[last])), documents[first:last]
