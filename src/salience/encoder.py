"""The encoder: from table rows to token vectors, salience and document vectors.

It is the chain embedding, linear_recurrence, bilinear_attention, output_gate,
fusion, pooling, run over chunks of whole documents, and over parts of a long one.
With frozen weights the products with a word are folded into tables once:
W_x W_e[id] + b and W_o W_e[id] + b_o are look-ups.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from . import checks, threads
from .ops import attention_weights
from .ops.bilinear_attention import cpu as bilinear_attention
from .ops.cosine import cpu as cosine
from .ops.embedding import cpu as embedding
from .ops.fusion import cpu as fusion
from .ops.linear_recurrence import cpu as linear_recurrence
from .ops.output_gate import cpu as output_gate
from .ops.pooling import cpu as pooling
from .ops.strips import pack
from .parameters import Parameters, Tables
from .parts import PART, Part, chunks_of, parts_of, slice_bags
from .types import Device, Encoded, Floats, Ints, Ragged
from .vocab import Vocabulary
from .weights import Weights

if TYPE_CHECKING:
    from .encoder_cuda import CudaEncoder

LONG = 4 * PART
"""Tokens above which a document runs through the chain in parts, to need no more memory."""


class Encoder:
    """A frozen encoder, made from its weights.

    Raises WeightsError, or another SalienceError, where the weights do not fit
    together (see Parameters).
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._parameters = Parameters(weights)
        self._fusion_strips = pack(self._parameters.fusion_weight)
        self._view: dict[str, Any] = {
            "window": self._parameters.window,
            "causal": self._parameters.causal,
            "temperature": 1.0,
        }

    @property
    def width(self) -> int:
        """D, the width of token and document vectors."""
        return self._parameters.width

    @property
    def heads(self) -> int:
        """How many attention heads there are."""
        return len(self._parameters.query)

    @property
    def vocabulary(self) -> Vocabulary:
        """From words to table rows."""
        return self._parameters.vocabulary

    def __getstate__(self) -> dict[str, Any]:
        """Travel light: the tables are made again from the weights."""
        return {"weights": self.weights}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["weights"])  # type: ignore[misc]

    def encode(self, bags: Ragged, starts: Ints, *, device: Device = "cpu") -> Encoded:
        """Encode B documents; a document's result does not depend on its neighbours.

        Args:
            bags: the rows of each of the N tokens (see Vocabulary.bag).
            starts: where each document begins [B + 1].
            device: "cpu", or "cuda" for the GPU; what comes back is NumPy's.

        Raises:
            RangeError: a row is not in the table, or starts do not fit.
            DeviceError: the GPU cannot be used, or its memory does not suffice.
        """
        chunks = self.encode_chunks(bags, starts, device=device)
        return Encoded(*(np.concatenate(parts) for parts in zip(*chunks, strict=True)))

    def encode_chunks(self, bags: Ragged, starts: Ints, *, device: Device = "cpu") -> list[Encoded]:
        """Encode B documents like encode, in pieces of whole documents, in order.

        A piece has about CHUNK tokens, or is one longer document: whoever
        keeps a view of one document keeps no more than its piece in memory.
        """
        ids = checks.indices("encode", "bags.data", bags.data, len(self.vocabulary))
        bag_starts = checks.starts("encode", "bags.starts", bags.starts, len(ids))
        starts = checks.starts("encode", "starts", starts, len(bag_starts) - 1)
        checks.one_of("encode", "device", device, ("cpu", "cuda"))
        if device == "cuda":
            return self._on_gpu.encode_chunks(ids, bag_starts, starts)
        chunks = list(chunks_of(starts))
        tables = self._tables  # made once, here, and not by every thread
        encoded: dict[int, Encoded] = {}

        def task(number: int) -> None:
            first, last = chunks[number]
            encoded[number] = self._encode_chunk(
                tables,
                *slice_bags(ids, bag_starts, starts[first], starts[last]),
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
        p = self._parameters
        starts = np.array([0, len(bag_starts) - 1], dtype=np.int64)
        states, _ = self._states(self._tables, ids, bag_starts, starts)
        return attention_weights(states, p.query, p.key, rows=rows, **self._view)

    def nearest_words(self, vector: ArrayLike, k: int) -> list[tuple[str, float]]:
        """Return the k known words whose rows of W_e have the highest cosine with a vector [D].

        Raises RangeError where k is below 1 or a number is not finite, and
        ShapeError or DtypeError where the vector does not fit.
        """
        where = "nearest_words"
        k = checks.at_least(where, "k", k, 1)
        row = checks.floats(where, "vector", vector, (self.width,))
        checks.finite(where, "vector", row)
        words = self.vocabulary.words
        indices, scores = cosine.search(row[None], self._packed_words, min(k, len(words)))
        return [(words[i], float(s)) for i, s in zip(indices[0], scores[0], strict=True)]

    @cached_property
    def _packed_words(self) -> cosine.Packed:
        """The rows of the known words, ready to be searched."""
        rows = self._tables.embeddings[1 : 1 + len(self.vocabulary.words)]
        return cosine.pack(rows, "cosine")

    def _encode_chunk(self, tables: Tables, ids: Ints, bag_starts: Ints, starts: Ints) -> Encoded:
        p = self._parameters
        if len(starts) == 2 and starts[-1] > LONG and self._sees_little:
            v, received = self._encode_parts(tables, ids, bag_starts)
        else:
            x = embedding.forward_bags(tables.embeddings, ids, bag_starts)
            h, _ = self._states(tables, ids, bag_starts, starts)
            v, received, _ = bilinear_attention.forward(h, x, starts, p.query, p.key, **self._view)
            y = _gated(tables, h, ids, bag_starts)
            fusion.fuse(x, y, v, self._fusion_strips, p.fusion_gate, v)
        weights = embedding.forward_bags(p.word_weights[:, None], ids, bag_starts)[:, 0]
        salience, documents = pooling.forward(
            v, p.pool_query, np.ascontiguousarray(weights), starts
        )
        return Encoded(v, salience, received, documents)

    @property
    def _sees_little(self) -> bool:
        window = self._parameters.window
        return window is not None and 2 * window <= PART

    def _encode_parts(self, tables: Tables, ids: Ints, bag_starts: Ints) -> tuple[Floats, Floats]:
        """The vectors and received attention of a long document, with the bits of the whole."""
        p, tokens = self._parameters, len(bag_starts) - 1
        parts = parts_of(tokens, margin=2 * (p.window or 0))
        initial = self._states_between(tables, ids, bag_starts, parts)
        vectors, received = np.empty((tokens, p.width), np.float32), np.empty(tokens, np.float32)

        def task(number: int) -> None:
            part = parts[number]
            bags, starts = slice_bags(ids, bag_starts, part.low, part.high), part.starts
            x = embedding.forward_bags(tables.embeddings, *bags)
            h, _ = self._states(tables, *bags, starts, initial[number : number + 1])
            c, sums, _ = bilinear_attention.forward_sums(
                h, x, starts, p.query, p.key, **self._view
            )  # fmt: skip
            own, rows = part.own, slice(part.first, part.last)
            received[rows] = sums[own]
            y = _gated(tables, h[own], *slice_bags(ids, bag_starts, part.first, part.last))
            fusion.fuse(x[own], y, c[own], self._fusion_strips, p.fusion_gate, vectors[rows])

        threads.run(task, range(len(parts)))
        received /= np.float32(self.heads * tokens)
        return vectors, received

    def _states_between(
        self, tables: Tables, ids: Ints, bag_starts: Ints, parts: Sequence[Part]
    ) -> Floats:
        """The states that each part starts with [parts, H]: from before it, and from after it."""
        initial = np.zeros((len(parts), len(self._parameters.decay)), dtype=np.float32)
        half = initial.shape[1] // 2

        def walk(ahead: bool) -> None:
            columns = slice(half) if ahead else slice(half, None)
            edges = [part.low if ahead else part.high for part in parts]
            order = range(len(parts)) if ahead else reversed(range(len(parts)))
            for here, following in pairwise(order):
                low, high = sorted((edges[here], edges[following]))
                bags, starts = slice_bags(ids, bag_starts, low, high), np.array([0, high - low])
                _, final = self._states(tables, *bags, starts, initial[here : here + 1])
                initial[following, columns] = final[0, columns]

        threads.run(walk, (True, False))
        return initial

    def _states(
        self, tables: Tables, ids: Ints, bag_starts: Ints, starts: Ints,
        initial: Floats | None = None,
    ) -> tuple[Floats, Floats]:  # fmt: skip
        inputs = embedding.forward_bags(tables.inputs, ids, bag_starts)
        if initial is None:
            initial = np.zeros((len(starts) - 1, inputs.shape[1]), dtype=np.float32)
        return linear_recurrence.forward(inputs, self._parameters.decay, starts, initial, "both")

    @cached_property
    def _tables(self) -> Tables:
        return self._parameters.tables()

    @cached_property
    def _on_gpu(self) -> "CudaEncoder":
        from .encoder_cuda import CudaEncoder

        return CudaEncoder(self._parameters, self._tables)


def _gated(tables: Tables, states: Floats, ids: Ints, bag_starts: Ints) -> Floats:
    """Sigmoid(o) * h of these states' tokens, in the place of their o."""
    y = embedding.forward_bags(tables.logits, ids, bag_starts)
    output_gate.gate(states, y)
    return y
