"""The encoder while it learns: the same equations as Encoder's, with their gradients."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from .. import ops
from ..model.parameters import Parameters
from ..model.vocab import BLANK
from ..model.weights import Weights
from ..types import Encoded, Floats, Ints, Ragged
from .rows import Rows
from .signs import limit_signs

Gradients: TypeAlias = dict[str, Floats]

RECURRENCE = ("input_weight", "input_bias", "output_weight", "output_bias", "fusion_weight")
ATTENTION = ("query", "key", "fusion_gate")


class Lookup(NamedTuple):
    """A batch of B sentences with N words, U of them different.

    bags: the rows of each different word. places: which of them each word is
    [N]. starts: where each sentence begins [B + 1].
    """

    bags: Ragged
    places: Ints
    starts: Ints


class Learnt(NamedTuple):
    """Gradients of everything: by name, and of the tables' rows that were named."""

    dense: Gradients
    named: Ints
    table: Floats
    word_weights: Floats


class Student:
    """An encoder's weights while they learn.

    dense holds what every update changes, by the names of its tensors but for
    decay = sigmoid(decay_logits); table and word_weights learn by rows.
    recurrence and attention say whether states, or context, enter the token
    vectors: a part that is left out does not learn, and its W_f, or g, is 0.
    """

    def __init__(
        self, weights: Weights, *, recurrence: bool = True, attention: bool = True
    ) -> None:
        p = Parameters(weights)
        self.vocabulary, self.settings = p.vocabulary, weights.settings
        self.recurrence, self.attention = recurrence, attention
        self.table = Rows(p.table())
        self.word_weights = Rows(p.word_weights[:, None].copy())
        names = RECURRENCE + ATTENTION + ("pool_query",)
        self.dense: Gradients = {name: np.array(getattr(p, name)) for name in names}
        self.dense["decay_logits"] = np.log(p.decay / (1 - p.decay))
        if not recurrence:
            self.dense["fusion_weight"][:] = 0
        if not attention:
            self.dense["fusion_gate"][:] = 0
        self._words = weights.tensors["words"]
        self._blank = p.word_weights[BLANK]
        self._view: Any = {"window": p.window, "causal": p.causal}

    def weights(self) -> Weights:
        """Return the weights as they are now, the table in float32."""
        dense = dict(self.dense)
        decay = ops.sigmoid(dense.pop("decay_logits"))
        tensors: Mapping[str, Any] = {
            **{name: array.copy() for name, array in dense.items()},
            "decay": decay,
            "table": self.table.table.copy(),
            "word_weights": self.word_weights.table[:, 0].copy(),
            "words": self._words,
        }
        return Weights(tensors, dict(self.settings))

    def hold(self) -> None:
        """Take back what may not be learnt: a blank is zeros, and no sign outweighs a comma."""
        if self.vocabulary.reading == "normalised":
            self.table.table[BLANK] = 0
            self.word_weights.table[BLANK] = self._blank
            logits = self.word_weights.table[:, 0]
            limit_signs(self.vocabulary, logits, self.table.table, self.dense["pool_query"])

    def forward(self, batch: Lookup) -> tuple[Encoded, Callable[[Floats, Floats | None], Learnt]]:
        """Encode; the gradient takes dL/dd [B, D] and, if there is one, dL/dv [N, D]."""
        p, places, starts = self.dense, batch.places, batch.starts
        rows = ops.embedding_bags(self.table.table, *batch.bags)
        row_weights = ops.embedding_bags(self.word_weights.table, *batch.bags)
        x = ops.embedding(rows, places)
        w = ops.embedding(row_weights, places)[:, 0]
        v, received, backprop_context = self._context(rows, x, places, starts)
        salience, documents = ops.pooling(v, p["pool_query"], w, starts)

        def backprop(d_documents: Floats, d_vectors: Floats | None = None) -> Learnt:
            d_v, d_query, d_w = ops.backprop_pooling(
                d_documents, salience, v, p["pool_query"], starts
            )
            if d_vectors is not None:
                d_v += d_vectors
            d_rows, dense = backprop_context(d_v)
            count = len(self.table.table)
            d_row_weights = ops.backprop_embedding(d_w[:, None], places, len(rows))
            named, d_table = ops.sparse_backprop_embedding_bags(d_rows, *batch.bags, count)
            _, d_weights = ops.sparse_backprop_embedding_bags(d_row_weights, *batch.bags, count)
            return Learnt({**dense, "pool_query": d_query}, named, d_table, d_weights)

        return Encoded(v, salience, received, documents), backprop

    def _context(
        self, rows: Floats, x: Floats, places: Ints, starts: Ints
    ) -> tuple[Floats, Floats, Callable[[Floats], tuple[Floats, Gradients]]]:
        """From embeddings to token vectors; what depends on a word alone is done once for each."""
        p = self.dense
        if not (self.recurrence or self.attention):
            return x, np.zeros(len(x), np.float32), lambda d_v: (
                ops.backprop_embedding(d_v, places, len(rows)), {}
            )  # fmt: skip
        u, bp_inputs = _by_word(rows, places, p["input_weight"], p["input_bias"])
        o, bp_outputs = _by_word(rows, places, p["output_weight"], p["output_bias"])
        decay = ops.sigmoid(p["decay_logits"])
        h, _ = ops.linear_recurrence(u, decay, starts, direction="both")
        y = ops.output_gate(h, o) if self.recurrence else np.zeros_like(h)
        attended = h, x, starts, p["query"], p["key"]
        c, received = np.zeros_like(x), np.zeros(len(x), np.float32)
        if self.attention:
            c, received = ops.bilinear_attention(*attended, **self._view)
        v = ops.fusion(x, y, c, p["fusion_weight"], p["fusion_gate"])

        def backprop(d_v: Floats) -> tuple[Floats, Gradients]:
            learnt: dict[str, Any] = {}
            d_y, d_c, d_fusion, d_gate = ops.backprop_fusion(
                d_v, y, c, p["fusion_weight"], p["fusion_gate"]
            )
            d_h, d_x, d_rows = np.zeros_like(h), d_v, np.zeros_like(rows)
            if self.attention:
                d_h, d_values, learnt["query"], learnt["key"] = ops.backprop_bilinear_attention(
                    d_c, *attended, **self._view
                )
                d_x, learnt["fusion_gate"] = d_x + d_values, d_gate
            if self.recurrence:
                d_states, d_o = ops.backprop_output_gate(d_y, h, o)
                d_h, learnt["fusion_weight"] = d_h + d_states, d_fusion
                d_rows, learnt["output_weight"], learnt["output_bias"] = bp_outputs(d_o)
            d_u, d_decay, _ = ops.backprop_linear_recurrence(
                d_h, h, decay, starts, direction="both"
            )
            learnt["decay_logits"] = ops.backprop_sigmoid(d_decay, decay)
            d_words, learnt["input_weight"], learnt["input_bias"] = bp_inputs(d_u)
            d_rows = d_rows + d_words + ops.backprop_embedding(d_x, places, len(rows))
            return d_rows, learnt

        return v, received, backprop


def _by_word(
    rows: Floats, places: Ints, weight: Floats, bias: Floats
) -> tuple[Floats, Callable[[Floats], tuple[Floats, Floats, Floats]]]:
    """W x + b of each different word, looked up for each word; and the gradients."""

    def backprop(d_y: Floats) -> tuple[Floats, Floats, Floats]:
        d_rows = ops.backprop_embedding(d_y, places, len(rows))
        return ops.backprop_affine(d_rows, rows, weight)

    return ops.embedding(ops.affine(rows, weight, bias), places), backprop
