"""The fast form of an encoder: from tokens to token vectors, salience and document vectors.

cpu.py runs on the CPU and cuda.py on the GPU; layers/encoder.py defines what they compute,
and both are tested against it. rows.py computes what depends on a token alone, once.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .. import checks
from ..errors import WeightsError
from ..lazy import lazy
from ..model.forms import normal_form
from ..model.parameters import Parameters, read_parameters
from ..model.settings import Settings
from ..model.units import Units
from ..model.vocab import Vocabulary
from ..model.weights import Weights
from ..ops import attention_weights, embedding_bags
from ..ops.cosine import cpu as cosine
from ..types import Device, Encoded, Floats, Ints, Ragged, Tokens, starts_of
from .cpu import CpuEncoder
from .rows import Embedding, Keyed, Remembered, Rows, Tables
from .spreading import spread, spread_attention

if TYPE_CHECKING:
    from .cuda import CudaEncoder


class Encoder:
    """A frozen encoder, made from its weights.

    Raises WeightsError, or another SalienceError, where the weights do not fit
    together (see read_parameters).
    """

    _looked_up = 0

    def __init__(self, weights: Weights) -> None:
        self._make_weights: Callable[[], Weights] = lambda: weights
        self._parameters = read_parameters(weights)

    @classmethod
    def of(cls, parameters: Parameters, weights: Callable[[], Weights]) -> "Encoder":
        """Return an encoder of parameters that are known to fit; `weights` returns their weights.

        It is frozen like any other: when the parameters change, make another.
        """
        made = cls.__new__(cls)
        made._make_weights, made._parameters = weights, parameters
        return made

    @lazy
    def weights(self) -> Weights:
        """The weights that the encoder is made of."""
        return self._make_weights()

    @property
    def settings(self) -> Settings:
        """The settings of the weights."""
        return self._parameters.settings

    @property
    def width(self) -> int:
        """D, the width of token vectors."""
        return self.settings.width

    @property
    def heads(self) -> int:
        """How many attention heads the last block has."""
        return self.settings.blocks[-1].heads

    @property
    def document_weight(self) -> Floats | None:
        """P_d [K, D] of d = P_d sum_t s_t v_t; None where d is the sum itself."""
        return self._parameters.tensors.get("document_weight")

    @property
    def document_width(self) -> int:
        """The width of document vectors: K where they are projected, else D."""
        return self.width if self.document_weight is None else len(self.document_weight)

    @property
    def vocabulary(self) -> Vocabulary:
        """From words to table rows; WeightsError where the encoder has no words of its own."""
        if self._parameters.words is None:
            raise WeightsError(
                "encoder: expected one with words of its own, got one that reads attributes or "
                "the vectors of a vocab; make one from weights with a table"
            )
        return self._parameters.words.vocabulary

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the weights alone: the tables are computed again."""
        return {"weights": self.weights}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["weights"])  # type: ignore[misc]

    def encode(self, tokens: Ragged | Keyed, starts: Ints, *, device: Device = "cpu") -> Encoded:
        """Encode B documents; a document's result does not depend on its neighbours.

        Args:
            tokens: the rows of each of the N tokens (see Vocabulary.bag); of an
                encoder with attributes, the tokens by their keys.
            starts: where each document begins [B + 1].
            device: "cpu", or "cuda" for the GPU; results are NumPy arrays either way.

        Raises:
            RangeError: a row is not in the table, starts do not fit or a bag is empty.
            DeviceError: the GPU cannot be used, or its memory does not suffice.
        """
        chunks = self.encode_chunks(tokens, starts, device=device)
        return Encoded(*(np.concatenate(parts) for parts in zip(*chunks, strict=True)))

    def encode_chunks(
        self, tokens: Ragged | Keyed, starts: Ints, *, device: Device = "cpu",
        units: Units | None = None,
    ) -> list[Encoded]:  # fmt: skip
        """Encode B documents like encode, in pieces of whole documents, in order.

        A piece has about CHUNK tokens, or is one longer document, so that a view of one
        document keeps only its piece in memory. With units, tokens and starts are the
        units', and results are of the text's tokens.
        """
        checks.one_of("encode", "device", device, ("cpu", "cuda"))
        rows = self._rows("encode", tokens, on_gpu=device == "cuda")
        starts = checks.starts("encode", "starts", starts, len(rows.bag_starts) - 1)
        if device == "cuda":
            pieces = self._on_gpu.encode_chunks(rows, starts)
        else:
            wanted = starts if units is None else units.tokens
            pieces = self._on_cpu.encode_chunks(rows, starts, wanted)
        return pieces if units is None else list(spread(pieces, units))

    def attention(
        self, tokens: Ragged | Keyed, rows: tuple[int, int] | None = None, *,
        units: Units | None = None,
    ) -> Floats:  # fmt: skip
        """Return the last block's attention weights of one document [heads, rows, T].

        Args:
            tokens: those of the document, as encode takes them.
            rows: the first token to return weights for and one past the last.
            units: given if `tokens` are units of a text; rows count the text's tokens then.
        """
        if units is not None:
            rows = checks.rows_of("attention", rows, len(units.places))
            asked = units.places[slice(*rows)]
            seen = asked[asked >= 0]
            low, high = (seen.min(), seen.max() + 1) if len(seen) else (0, 0)
            weights = self.attention(tokens, (int(low), int(high)))
            return spread_attention(weights, units, asked, int(low))
        given = self._rows("attention", tokens)
        count = len(given.bag_starts) - 1
        block = self._parameters.blocks[-1]
        s, first_and_last = block.settings, checks.rows_of("attention", rows, count)
        if not s.heads:
            return np.zeros((0, first_and_last[1] - first_and_last[0], count), dtype=np.float32)
        states = self._on_cpu.states(given, starts_of([count]))
        query, key = block.tensors["query"], block.tensors["key"]
        return attention_weights(
            states, query, key, window=s.window, causal=s.causal, rows=first_and_last
        )

    def embeddings(self, tokens: Ragged | Keyed) -> Floats:
        """Return the embeddings x of tokens [N, D], before any block, times the scale."""
        tables, ids, bag_starts = self._rows("embeddings", tokens)
        return np.float32(self.settings.scale) * embedding_bags(tables.embeddings, ids, bag_starts)

    def nearest_words(self, vector: ArrayLike, k: int) -> list[tuple[str, float]]:
        """Return the k known words whose rows of W_e have the highest cosine with a vector [D].

        Signs are left out, and so are all spellings of a word but the nearest.

        Raises RangeError where k is below 1 or a number is not finite, and
        ShapeError or DtypeError where the vector does not fit.
        """
        where = "nearest_words"
        k = checks.at_least(where, "k", k, 1)
        row = checks.floats(where, "vector", vector, (self.width,))
        checks.finite(where, "vector", row)
        rows, packed = self._words
        most, words = k, self.vocabulary.words
        while True:
            indices, scores = cosine.search(row[None], packed, min(most, len(rows)))
            found: dict[str, tuple[str, float]] = {}
            for place, score in zip(indices[0].tolist(), scores[0].tolist(), strict=True):
                word = words[rows[place] - 1]
                found.setdefault(normal_form(word), (word, score))
            if len(found) >= k or most >= len(rows):
                return list(found.values())[:k]
            most *= 2

    def _rows(self, where: str, tokens: Ragged | Keyed, on_gpu: bool = False) -> Rows:
        """The rows that the first block looks up; folded tables for a GPU are not kept here."""
        if isinstance(tokens, Keyed):
            return self._remembered.rows(tokens)
        vocabulary = self.vocabulary
        ids = checks.indices(where, "bags.data", tokens.data, len(vocabulary))
        bag_starts = checks.starts(where, "bags.starts", tokens.starts, len(ids))
        checks.none_empty(where, "bags", bag_starts)
        if self.settings.folds and on_gpu:
            return Rows(NO_TABLES, ids, bag_starts)
        if self.settings.folds:
            self._looked_up += len(ids)
            if self._looked_up <= FEW and "_tables" not in self.__dict__:
                return self._embedding.used_rows(ids, bag_starts)
            return Rows(self._tables, ids, bag_starts)
        tables = self._embedding.tables(Tokens(Ragged(ids, bag_starts)))
        count = len(bag_starts) - 1
        return Rows(tables, np.arange(count), np.arange(count + 1))

    @lazy
    def _words(self) -> tuple[Ints, cosine.Packed]:
        """The rows of the known words, signs left out, and their vectors ready to be searched."""
        rows = np.setdiff1d(1 + np.arange(len(self.vocabulary.words)), self.vocabulary.sign_rows)
        assert self._embedding.table is not None
        return rows, cosine.pack(self._embedding.table[rows], "cosine")

    @lazy
    def _embedding(self) -> Embedding:
        return Embedding(self._parameters)

    @lazy
    def _tables(self) -> Tables:
        return self._embedding.all_rows()

    @lazy
    def _remembered(self) -> Remembered:
        return Remembered(self._embedding.tables)

    @lazy
    def _on_cpu(self) -> CpuEncoder:
        return CpuEncoder(self._parameters)

    @lazy
    def _on_gpu(self) -> "CudaEncoder":
        from .cuda import CudaEncoder

        if not self.settings.folds:
            return CudaEncoder(self._parameters)
        # The CPU's tables are taken if they exist; new ones are freed once they are copied.
        tables: Tables | None = self.__dict__.get("_tables")
        return CudaEncoder(self._parameters, tables or Embedding(self._parameters).all_rows())


FEW = 4096
"""Rows that an encoder looks up before it folds its whole table, which takes time and memory."""

NO_TABLES = Tables(*(np.zeros((0, 0), dtype=np.float32) for _ in Tables._fields))
"""In place of tables that are on the GPU."""
