"""The fast form of an encoder on the CPU: by chunks of whole documents, and parts of a long one.

One thread takes a chunk through all blocks (recurrence, attention, output gate,
fusion) and the pooling, in buffers that are reused for the next chunk.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .. import threads
from ..cpu.memory import Shelf, empty
from ..cpu.products import rows_times
from ..model.parameters import Parameters
from ..ops.embedding import cpu as embedding
from ..ops.pooling import cpu as pooling
from ..types import Encoded, Floats, Ints, starts_of
from .cpu_block import CpuBlock
from .parts import CHUNK, PART, Part, chunks_of, parts_of
from .rows import Rows
from .sums import weighted_sum

LONG = 4 * PART
"""Longer documents run through the block in parts, so that the buffers stay small."""

CHUNKS_KEPT = 16
"""Chunks whose freed vectors are kept, to be reused for the next results."""

FEWEST_TOKENS = 256
"""Fewer tokens than this are not worth the start of another thread."""


class Widths(NamedTuple):
    """Numbers for each token in each buffer: the most that any block needs."""

    x: int
    inputs: int
    logits: int
    queries: int
    keys: int
    own: int = 1


class Room:
    """Buffers for the intermediate results of a block."""

    def __init__(self, tokens: int, widths: Widths) -> None:
        self._flat = {name: empty(tokens * size) for name, size in widths._asdict().items()}

    def array(self, name: str, tokens: int, width: int) -> Floats:
        """Return an array [tokens, width] in a buffer, which still has its last numbers."""
        return self._flat[name][: tokens * width].reshape(tokens, width)


class Given(NamedTuple):
    """The input of a block for N tokens: x [N, D], the cell's inputs u, the gate's logits o."""

    x: Floats
    u: Floats
    o: Floats


class CpuEncoder:
    """The blocks in the kernels' layout, and buffers that chunks reuse."""

    def __init__(self, parameters: Parameters) -> None:
        p = self._parameters = parameters
        self._width = p.settings.width
        self._blocks = [CpuBlock(block) for block in p.blocks]
        attended = max(block.attended for block in self._blocks)
        self._widths = Widths(
            self._width, max(block.inputs for block in self._blocks),
            max(block.gates for block in self._blocks), attended, attended,
        )  # fmt: skip
        self._rooms: list[Room] = []  # for CHUNK tokens each, not in use by a thread
        self._shelf = Shelf(CHUNK * self._width, CHUNKS_KEPT)

    def encode_chunks(self, rows: Rows, starts: Ints, rooms: Ints) -> list[Encoded]:
        """Encode B documents, in pieces of whole documents, as Encoder.encode_chunks does.

        rooms: like starts, but of the rows of memory that each document's vectors get;
        a piece's unused rows come after its vectors.
        """
        chunks = list(chunks_of(rooms, _chunk(int(rooms[-1]))))
        encoded: dict[int, Encoded] = {}

        def task(number: int) -> None:
            first, last = chunks[number]
            encoded[number] = self._encode_chunk(
                rows.of(starts[first], starts[last]),
                starts[first : last + 1] - starts[first],
                int(rooms[last] - rooms[first]),
            )

        threads.run(task, range(len(chunks)))
        return [encoded[number] for number in range(len(chunks))]

    def states(self, rows: Rows, starts: Ints) -> Floats:
        """Return the states h [N, H] by which the last block attends."""
        tokens = int(starts[-1])
        with self._room(tokens) as room:
            vectors, sums = (
                np.empty((tokens, self._width), np.float32),
                np.empty(tokens, np.float32),
            )
            given = self._looked_up(room, rows)
            for number, block in enumerate(self._blocks):
                if number:
                    given = self._computed(room, block, vectors)
                if block is self._blocks[-1]:
                    return block.scan(given.u, starts).copy()
                self._run(room, block, given, starts, vectors, sums)
        raise AssertionError("there is at least one block")

    def _encode_chunk(self, rows: Rows, starts: Ints, rooms: int) -> Encoded:
        tokens = len(rows.bag_starts) - 1
        memory = self._memory_for(rooms)
        vectors, received = memory[:tokens], np.empty(tokens, dtype=np.float32)
        if len(starts) == 2 and tokens > LONG and self._sees_little:
            self._fill_parts(rows, vectors, received)
        else:
            with self._room(tokens) as room:
                first, *others = self._blocks
                self._run(room, first, self._looked_up(room, rows), starts, vectors, received)
                for block in others:
                    given = self._computed(room, block, vectors)
                    self._run(room, block, given, starts, vectors, received)
        self._blocks[-1].set_received(starts, received)
        salience, documents = self._pool(rows, vectors, received, starts)
        if self._parameters.settings.scale != 1:
            for array in (vectors, documents):
                array *= np.float32(self._parameters.settings.scale)
        return Encoded(memory, salience, received, documents)

    def _looked_up(self, room: Room, rows: Rows, own: slice = slice(None)) -> Given:
        """Look up the first block's x and u of all tokens, and o of the tokens `own`."""
        tokens, tables = len(rows.bag_starts) - 1, rows.tables
        x = room.array("x", tokens, self._width)
        u = room.array("inputs", tokens, tables.inputs.shape[1])
        embedding.bag_means(tables.embeddings, rows.ids, rows.bag_starts, x)
        embedding.bag_means(tables.inputs, rows.ids, rows.bag_starts, u)
        first, last, _ = own.indices(tokens)
        part = rows if own == slice(None) else rows.of(first, last)
        o = room.array("logits", last - first, tables.logits.shape[1])
        if o.shape[1]:
            embedding.bag_means(tables.logits, part.ids, part.bag_starts, o)
        return Given(x, u, o)

    def _computed(self, room: Room, block: CpuBlock, vectors: Floats) -> Given:
        """Compute the input of a later block from the vectors of the block before."""
        tokens = len(vectors)
        x = room.array("x", tokens, self._width)
        x[:] = vectors
        u = room.array("inputs", tokens, block.inputs)
        block.set_inputs(x, u)
        o = room.array("logits", tokens, block.gates)
        if block.gates:
            block.set_logits(x, o)
        return Given(x, u, o)

    def _run(
        self, room: Room, block: CpuBlock, given: Given, starts: Ints, vectors: Floats,
        sums: Floats,
    ) -> None:  # fmt: skip
        """Fill v [N, D] and sum_t a_ti [N] of whole documents."""
        h = block.scan(given.u, starts)
        self._attend(room, block, h, given.x, starts, vectors, sums)
        block.fuse(given.x, h, given.o, vectors, vectors)

    def _attend(
        self, room: Room, block: CpuBlock, h: Floats, x: Floats, starts: Ints, context: Floats,
        sums: Floats,
    ) -> None:  # fmt: skip
        tokens = len(h)
        queries, keys = (
            room.array(name, tokens, block.attended) for name in ("queries", "keys")
        )  # fmt: skip
        own = room.array("own", tokens, 1)[:, 0]
        block.attend(h, x, starts, (queries, keys, own), context, sums)

    def _pool(
        self, rows: Rows, vectors: Floats, received: Floats, starts: Ints
    ) -> tuple[Floats, Floats]:
        """Return s [N] and d [B, D], or [B, K]."""
        p = self._parameters
        documents = np.zeros((len(starts) - 1, self._width), dtype=np.float32)
        if p.settings.pooling == "received":
            salience = received.copy()
            for document, (first, last) in zip(documents, pairwise(starts), strict=True):
                document[:] = weighted_sum(received[first:last], vectors[first:last])
        else:
            salience = np.empty(len(vectors), dtype=np.float32)
            weights = np.empty((len(vectors), 1), dtype=np.float32)
            embedding.bag_means(rows.tables.weights, rows.ids, rows.bag_starts, weights)
            query = p.tensors["pool_query"]
            pooling.pool(vectors, query, weights[:, 0], starts, salience[:, None], documents)
        if p.settings.document_width:
            documents = rows_times(documents, p.tensors["document_weight"], None)
        return salience, documents

    @property
    def _sees_little(self) -> bool:
        """Whether a vector depends on a window of tokens and on the states at its ends alone."""
        if len(self._blocks) > 1 or self._blocks[0].settings.cell != "linear":
            return False
        s = self._blocks[0].settings
        return bool(s.heads) and s.window is not None and 2 * s.window <= PART

    def _fill_parts(self, rows: Rows, vectors: Floats, received: Floats) -> None:
        """Fill v and sum_t a_ti of a long document in parts, with the same bits as in one go."""
        block = self._blocks[0]
        parts = parts_of(len(vectors), margin=2 * (block.settings.window or 0))
        initial = self._states_between(rows, parts)

        def task(number: int) -> None:
            part = parts[number]
            tokens, own = part.high - part.low, slice(part.first, part.last)
            context = np.empty((tokens, self._width), np.float32)
            sums = np.empty(tokens, np.float32)
            with self._room(tokens) as room:
                given = self._looked_up(room, rows.of(part.low, part.high), part.own)
                h = block.scan(given.u, part.starts, initial[number : number + 1])
                self._attend(room, block, h, given.x, part.starts, context, sums)
                block.fuse(
                    given.x[part.own], h[part.own], given.o, context[part.own], vectors[own]
                )  # fmt: skip
            received[own] = sums[part.own]

        threads.run(task, range(len(parts)))

    def _states_between(self, rows: Rows, parts: Sequence[Part]) -> Floats:
        """The initial states of each part [parts, H]: from before it, and from after it."""
        block = self._blocks[0]
        initial = np.zeros((len(parts), block.settings.states), dtype=np.float32)
        half = initial.shape[1] // 2

        def walk(ahead: bool) -> None:
            columns = slice(half) if ahead else slice(half, None)
            edges = [part.low if ahead else part.high for part in parts]
            order = range(len(parts)) if ahead else reversed(range(len(parts)))
            for here, following in pairwise(order):
                low, high = sorted((edges[here], edges[following]))
                part = rows.of(low, high)
                u = np.empty((high - low, block.inputs), dtype=np.float32)
                embedding.bag_means(part.tables.inputs, part.ids, part.bag_starts, u)
                final = initial[here : here + 1].copy()
                block.scan(u, starts_of([high - low]), final)
                initial[following, columns] = final[0, columns]

        threads.run(walk, (True, False))
        return initial

    def _memory_for(self, tokens: int) -> Floats:
        """Memory for v [N, D]: a kept buffer where v fills most of it."""
        if 3 * CHUNK // 4 < tokens <= CHUNK:
            return self._shelf.lend(tokens, self._width)
        return np.empty((tokens, self._width), dtype=np.float32)

    @contextmanager
    def _room(self, tokens: int) -> Iterator[Room]:
        if tokens > CHUNK:
            yield Room(tokens, self._widths)
            return
        try:
            room = self._rooms.pop()
        except IndexError:
            room = Room(CHUNK, self._widths)
        yield room
        self._rooms.append(room)


def _chunk(tokens: int) -> int:
    """Tokens of a chunk: fewer where some threads would have none."""
    if tokens <= FEWEST_TOKENS:
        return CHUNK
    return min(CHUNK, max(FEWEST_TOKENS, -(-tokens // threads.get_num_threads())))
