"""The encoder: from table rows to token vectors, salience and document vectors.

It is the chain embedding, linear_recurrence, bilinear_attention, output_gate,
fusion, pooling, on the CPU in encoder_cpu.py and on the GPU in encoder_cuda.py.
With frozen weights the products with a word are folded into tables once:
W_x W_e[id] + b and W_o W_e[id] + b_o are look-ups.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .. import checks
from ..lazy import lazy
from ..model.forms import normal_form
from ..model.parameters import Parameters
from ..model.units import Units
from ..model.vocab import Vocabulary
from ..model.weights import Weights
from ..ops import attention_weights
from ..ops.cosine import cpu as cosine
from ..types import Device, Encoded, Floats, Ints, Ragged, starts_of
from .cpu import CpuEncoder
from .spreading import spread, spread_attention

if TYPE_CHECKING:
    from .cuda import CudaEncoder


class Encoder:
    """A frozen encoder, made from its weights.

    Raises WeightsError, or another SalienceError, where the weights do not fit
    together (see Parameters).
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._parameters = Parameters(weights)

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
            RangeError: a row is not in the table, starts do not fit or a bag is empty.
            DeviceError: the GPU cannot be used, or its memory does not suffice.
        """
        chunks = self.encode_chunks(bags, starts, device=device)
        return Encoded(*(np.concatenate(parts) for parts in zip(*chunks, strict=True)))

    def encode_chunks(
        self, bags: Ragged, starts: Ints, *, device: Device = "cpu", units: Units | None = None
    ) -> list[Encoded]:
        """Encode B documents like encode, in pieces of whole documents, in order.

        A piece has about CHUNK tokens, or is one longer document: whoever
        keeps a view of one document keeps no more than its piece in memory. Given
        the units that bags and starts are of, results are of their tokens.
        """
        ids = checks.indices("encode", "bags.data", bags.data, len(self.vocabulary))
        bag_starts = checks.starts("encode", "bags.starts", bags.starts, len(ids))
        starts = checks.starts("encode", "starts", starts, len(bag_starts) - 1)
        checks.none_empty("encode", "bags", bag_starts)
        checks.one_of("encode", "device", device, ("cpu", "cuda"))
        if device == "cuda":
            pieces = self._on_gpu.encode_chunks(ids, bag_starts, starts)
        else:
            tokens = starts if units is None else units.tokens
            pieces = self._on_cpu.encode_chunks(ids, bag_starts, starts, tokens)
        return pieces if units is None else list(spread(pieces, units))

    def attention(
        self, bags: Ragged, rows: tuple[int, int] | None = None, *, units: Units | None = None
    ) -> Floats:
        """Return the attention weights of one document [heads, rows, T].

        Args:
            bags: the rows of each of the document's T tokens.
            rows: the first token to return weights for and one past the last.
            units: what bags are of, where they are not of tokens; the rows are.
        """
        if units is not None:
            rows = checks.rows_of("attention", rows, len(units.places))
            asked = units.places[slice(*rows)]
            seen = asked[asked >= 0]
            low, high = (seen.min(), seen.max() + 1) if len(seen) else (0, 0)
            weights = self.attention(bags, (int(low), int(high)))
            return spread_attention(weights, units, asked, int(low))
        ids = checks.indices("attention", "bags.data", bags.data, len(self.vocabulary))
        bag_starts = checks.starts("attention", "bags.starts", bags.starts, len(ids))
        p = self._parameters
        tokens = len(bag_starts) - 1
        states = np.empty((tokens, len(p.decay)), dtype=np.float32)
        self._on_cpu.states(ids, bag_starts, starts_of([tokens]), states)
        return attention_weights(
            states, p.query, p.key, window=p.window, causal=p.causal, rows=rows
        )

    def nearest_words(self, vector: ArrayLike, k: int) -> list[tuple[str, float]]:
        """Return the k known words whose rows of W_e have the highest cosine with a vector [D].

        A word has a letter or a digit; of several spellings of a word the nearest counts.

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

    @lazy
    def _words(self) -> tuple[Ints, cosine.Packed]:
        """The rows of the known words, signs left out, and their vectors ready to be searched."""
        rows = np.setdiff1d(1 + np.arange(len(self.vocabulary.words)), self.vocabulary.sign_rows)
        return rows, cosine.pack(self._on_cpu.tables.embeddings[rows], "cosine")

    @lazy
    def _on_cpu(self) -> CpuEncoder:
        return CpuEncoder(self._parameters, self._parameters.tables())

    @lazy
    def _on_gpu(self) -> "CudaEncoder":
        from .cuda import CudaEncoder

        # Tables of the CPU are used where there are some, and else are not kept.
        on_cpu: CpuEncoder | None = self.__dict__.get("_on_cpu")
        return CudaEncoder(self._parameters, on_cpu.tables if on_cpu else self._parameters.tables())
