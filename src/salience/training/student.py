"""The layers of an encoder while they are trained, from weights and back to weights."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from .. import checks
from ..errors import WeightsError
from ..layers.encoder import Lookup, build_layers, encode
from ..layers.tensors import load, parameters_of, stored
from ..layers.word_rows import Named, WordRows
from ..model.parameters import TEXT_TENSORS, in_format_2, read_parameters
from ..model.vocab import BLANK_ROW
from ..model.weights import Weights
from ..types import Encoded, Floats
from .signs import limit_signs

Gradients: TypeAlias = dict[str, Floats]

Learns: TypeAlias = Literal["all", "blocks", "table"]
"""What of a model learns: all, all but the word table and its pooling weights, or these alone."""


class Learnt(NamedTuple):
    """Gradients by name, and those of the rows of "table" and "logits" that were used."""

    dense: Gradients
    rows: dict[str, Named]


class Student:
    """An encoder's weights while they learn.

    dense: the arrays that every update changes, by the names of the tensors, with logits in
    place of decays. words: the word table, with sparse updates. recurrence, attention:
    whether states, and context, enter the token vectors; what is left out does not learn,
    and its W_f, or g, is 0. learns: what updates change; all else keeps
    its bits, but for the weights of signs that would outweigh a comma.

    Raises WeightsError where the encoder reads more than words of its own.
    """

    def __init__(
        self, weights: Weights, *, recurrence: bool = True, attention: bool = True,
        learns: Learns = "all",
    ) -> None:  # fmt: skip
        checks.one_of("training", "learns", learns, get_args(Learns))
        given = in_format_2(weights)
        p = read_parameters(given)
        if p.words is None or p.word_weights is None or p.settings.attributes:
            raise WeightsError(
                "training: expected an encoder of words with a pooling, got one that reads "
                "attributes or others' vectors; train it in a spaCy pipeline"
            )
        self.vocabulary, self.settings = p.words.vocabulary, given.settings
        self.words = WordRows(
            p.words.table(), p.word_weights[:, None].copy(), learns=learns != "blocks"
        )
        self.layers = build_layers(p.settings, self.words)
        load(self.layers, p.tensors)
        self._parameters = parameters_of(self.layers)
        self.dense: Gradients = {}
        for name, (layer, param) in self._parameters.items():
            array: Any = layer.get_param(param)
            self.dense[name] = array
        self._leave_out(recurrence, attention)
        if learns == "table":
            self._left_out |= self.dense.keys()
        self._words = {
            name: weights.tensors[name] for name in TEXT_TENSORS if name in weights.tensors
        }
        self._blank = p.word_weights[BLANK_ROW]

    def weights(self) -> Weights:
        """Return the weights as they are now, the table in float32."""
        self._set()
        tensors: dict[str, Any] = {name: a.copy() for name, a in stored(self.layers).items()}
        tensors["table"] = self.words.table.table.copy()
        tensors["word_weights"] = self.words.logits.table[:, 0].copy()
        return Weights({**tensors, **self._words}, dict(self.settings))

    def hold(self) -> None:
        """Undo what must not be learnt: a blank is zeros, and no sign outweighs a comma."""
        if self.vocabulary.reading != "verbatim":
            table, logits = self.words.table.table, self.words.logits.table[:, 0]
            table[BLANK_ROW], logits[BLANK_ROW] = 0, self._blank
            limit_signs(self.vocabulary, logits, table, self.dense["pool_query"])

    def forward(self, batch: Lookup) -> tuple[Encoded, Callable[[Floats, Floats | None], Learnt]]:
        """Encode; the gradient takes dL/dd [B, D] and, if there is one, dL/dv [N, D]."""
        self._set()
        encoded, backprop_layers = encode(self.layers, batch, is_train=True)

        def backprop(d_documents: Floats, d_vectors: Floats | None = None) -> Learnt:
            backprop_layers(d_vectors, d_documents)
            dense: Gradients = {}
            for name, (layer, param) in self._parameters.items():
                if layer.has_grad(param) and name not in self._left_out:
                    gradient: Any = layer.get_grad(param)
                    dense[name] = gradient
                    layer.set_grad(param, np.zeros_like(gradient))
            return Learnt(dense, self.words.take_gradients())

        return encoded, backprop

    def _leave_out(self, recurrence: bool, attention: bool) -> None:
        self._left_out: set[str] = set()
        for number, block in enumerate(self.layers.context.layers[1:]):
            block.attrs["recurrence"] = recurrence
            block.attrs["attention"] = attention and block.attrs["attention"]
            for kept, name in ((recurrence, "fusion_weight"), (attention, "fusion_gate")):
                if not kept:
                    self._left_out.add(f"blocks.{number}.{name}")
        for name in self._left_out & self.dense.keys():
            self.dense[name][:] = 0

    def _set(self) -> None:
        """Give the layers the arrays of dense, which a learner may have replaced."""
        for name, (layer, param) in self._parameters.items():
            array: Any = self.dense[name]
            layer.set_param(param, array)
