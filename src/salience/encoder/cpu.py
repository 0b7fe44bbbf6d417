"""The frozen encoder on the CPU: chunks of whole documents, and parts of a long one.

Each runs on one thread through the chain embedding, linear_recurrence,
bilinear_attention, output_gate, fusion, pooling, in memory that the next one
uses again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .. import threads
from ..cpu.memory import Shelf, empty
from ..cpu.products import set_rows_times
from ..cpu.strips import pack
from ..model.parameters import Parameters, Tables
from ..ops.bilinear_attention import cpu as bilinear_attention
from ..ops.embedding import cpu as embedding
from ..ops.fusion import cpu as fusion
from ..ops.linear_recurrence import cpu as linear_recurrence
from ..ops.output_gate import cpu as output_gate
from ..ops.pooling import cpu as pooling
from ..types import Encoded, Floats, Ints, starts_of
from .parts import CHUNK, PART, Part, chunks_of, parts_of, slice_bags

LONG = 4 * PART
"""Tokens above which a document runs through the chain in parts, to need no more memory."""

MOST = 16
"""Chunks whose memory waits to be used again, when their results are gone."""

FEW = 256
"""Tokens for which another thread is worth its start."""


class Room(NamedTuple):
    """Memory for what the chain makes of some tokens on its way to the results."""

    x: Floats
    states: Floats
    gated: Floats
    queries: Floats
    keys: Floats
    own: Floats

    def of(self, tokens: int) -> "Room":
        """The same for the first tokens only."""
        return Room(*(array[:tokens] for array in self))


class CpuEncoder:
    """Parameters as the kernels want them, tables, and memory that every chunk uses again."""

    def __init__(self, parameters: Parameters, tables: Tables) -> None:
        p = self._parameters = parameters
        self.tables = tables
        self._heads, rank, states = p.query.shape
        self._attended = self._heads * rank
        self._query, self._key = (pack(w.reshape(-1, states)) for w in (p.query, p.key))
        self._fusion_weight = pack(p.fusion_weight)
        self._no_bias = np.zeros(self._attended, dtype=np.float32)
        self._word_weights = p.word_weights[:, None]
        self._rooms: list[Room] = []  # of CHUNK tokens, which no thread is using
        self._shelf = Shelf(CHUNK * p.width, MOST)

    def encode_chunks(
        self, ids: Ints, bag_starts: Ints, starts: Ints, rooms: Ints
    ) -> list[Encoded]:
        """Encode B documents, in pieces of whole documents, as Encoder.encode_chunks does.

        rooms: like starts, with the rows that the vectors of each document are to
        have memory for; rows in excess come after a piece's vectors.
        """
        chunks = list(chunks_of(rooms, _chunk(int(rooms[-1]))))
        encoded: dict[int, Encoded] = {}

        def task(number: int) -> None:
            first, last = chunks[number]
            encoded[number] = self._encode_chunk(
                *slice_bags(ids, bag_starts, starts[first], starts[last]),
                starts[first : last + 1] - starts[first],
                int(rooms[last] - rooms[first]),
            )

        threads.run(task, range(len(chunks)))
        return [encoded[number] for number in range(len(chunks))]

    def states(
        self, ids: Ints, bag_starts: Ints, starts: Ints, out: Floats, initial: Floats | None = None
    ) -> Floats:
        """Fill out with the states h [N, H], and return those after the last steps [B, H]."""
        decay = self._parameters.decay
        embedding.bag_means(self.tables.inputs, ids, bag_starts, out)
        if initial is None:
            final = np.zeros((len(starts) - 1, len(decay)), dtype=np.float32)
        else:
            final = initial.copy()
        linear_recurrence.scan(decay, starts, len(decay) // 2, out, final)
        return final

    def _encode_chunk(self, ids: Ints, bag_starts: Ints, starts: Ints, rooms: int) -> Encoded:
        p, tokens = self._parameters, len(bag_starts) - 1
        memory = self._memory_for(rooms)
        vectors = memory[:tokens]
        received, salience = np.empty((2, tokens), dtype=np.float32)
        documents = np.zeros((len(starts) - 1, p.width), dtype=np.float32)
        if len(starts) == 2 and tokens > LONG and self._sees_little:
            self._fill_parts(ids, bag_starts, vectors, received)
        else:
            with self._room(tokens) as room:
                self.states(ids, bag_starts, starts, room.states)
                self._attend(room, ids, bag_starts, starts, vectors, received)
                self._fuse(room, slice(0, tokens), ids, bag_starts, vectors, vectors)
        bilinear_attention.set_means(starts, self._heads, received)
        weights = np.empty((tokens, 1), dtype=np.float32)
        embedding.bag_means(self._word_weights, ids, bag_starts, weights)
        pooling.pool(
            vectors, p.pool_query, weights[:, 0], starts, salience[:, None], documents
        )  # fmt: skip
        return Encoded(memory, salience, received, documents)

    def _attend(
        self, room: Room, ids: Ints, bag_starts: Ints, starts: Ints, context: Floats, sums: Floats
    ) -> None:
        """Fill c [N, D] and sum_t a_ti [N] from the states."""
        p = self._parameters
        embedding.bag_means(self.tables.embeddings, ids, bag_starts, room.x)
        set_rows_times(room.states, self._query, self._no_bias, room.queries)
        set_rows_times(room.states, self._key, self._no_bias, room.keys)
        bilinear_attention.set_sums(
            room.queries, room.keys, room.x, starts, self._heads, p.window, p.causal,
            context, sums[None], room.own,
        )  # fmt: skip

    def _fuse(
        self, room: Room, own: slice, ids: Ints, bag_starts: Ints, context: Floats, vectors: Floats
    ) -> None:
        """Fill v of these tokens, which may be their c."""
        y, h = room.gated[own], room.states[own]
        embedding.bag_means(self.tables.logits, ids, bag_starts, y)
        output_gate.gate(h, y)
        fusion.fuse(
            room.x[own], y, context, self._fusion_weight, self._parameters.fusion_gate, vectors
        )  # fmt: skip

    @property
    def _sees_little(self) -> bool:
        window = self._parameters.window
        return window is not None and 2 * window <= PART

    def _fill_parts(self, ids: Ints, bag_starts: Ints, vectors: Floats, received: Floats) -> None:
        """Fill v and sum_t a_ti of a long document, with the bits of the whole."""
        parts = parts_of(len(vectors), margin=2 * (self._parameters.window or 0))
        initial = self._states_between(ids, bag_starts, parts)

        def task(number: int) -> None:
            part = parts[number]
            bags, starts = slice_bags(ids, bag_starts, part.low, part.high), part.starts
            own, rows = part.own, slice(part.first, part.last)
            context = np.empty((part.high - part.low, vectors.shape[1]), np.float32)
            sums = np.empty(part.high - part.low, np.float32)
            with self._room(part.high - part.low) as room:
                self.states(*bags, starts, room.states, initial[number : number + 1])
                self._attend(room, *bags, starts, context, sums)
                own_bags = slice_bags(ids, bag_starts, part.first, part.last)
                self._fuse(room, own, *own_bags, context[own], vectors[rows])
            received[rows] = sums[own]

        threads.run(task, range(len(parts)))

    def _states_between(self, ids: Ints, bag_starts: Ints, parts: Sequence[Part]) -> Floats:
        """The states that each part starts with [parts, H]: from before it, and from after it."""
        initial = np.zeros((len(parts), len(self._parameters.decay)), dtype=np.float32)
        half = initial.shape[1] // 2

        def walk(ahead: bool) -> None:
            columns = slice(half) if ahead else slice(half, None)
            edges = [part.low if ahead else part.high for part in parts]
            order = range(len(parts)) if ahead else reversed(range(len(parts)))
            for here, following in pairwise(order):
                low, high = sorted((edges[here], edges[following]))
                bags, starts = slice_bags(ids, bag_starts, low, high), starts_of([high - low])
                states = np.empty((high - low, initial.shape[1]), dtype=np.float32)
                final = self.states(*bags, starts, states, initial[here : here + 1])
                initial[following, columns] = final[0, columns]

        threads.run(walk, (True, False))
        return initial

    def _memory_for(self, tokens: int) -> Floats:
        """Memory for v [N, D], lent where it leaves little of a piece unused."""
        width = self._parameters.width
        if 3 * CHUNK // 4 < tokens <= CHUNK:
            return self._shelf.lend(tokens, width)
        return np.empty((tokens, width), dtype=np.float32)

    @contextmanager
    def _room(self, tokens: int) -> Iterator[Room]:
        if tokens > CHUNK:
            yield self._new_room(tokens)
            return
        try:
            room = self._rooms.pop()
        except IndexError:
            room = self._new_room(CHUNK)
        yield room.of(tokens)
        self._rooms.append(room)

    def _new_room(self, tokens: int) -> Room:
        width, states = self._parameters.width, len(self._parameters.decay)
        attended = self._attended
        return Room(
            empty(tokens, width), empty(tokens, states), empty(tokens, states),
            empty(tokens, attended), empty(tokens, attended), empty(tokens),
        )  # fmt: skip


def _chunk(tokens: int) -> int:
    """Tokens of a chunk: fewer where there are more threads than chunks."""
    if tokens <= FEW:
        return CHUNK
    return min(CHUNK, max(FEW, -(-tokens // threads.get_num_threads())))
