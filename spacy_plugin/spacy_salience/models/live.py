"""The fast form of an encoder that learns, made anew whenever its parameters have changed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from spacy.tokens import Doc
from thinc.api import Model

from salience.encoder import Encoder
from salience.encoder.spreading import spread
from salience.errors import WeightsError
from salience.layers.encoder import Layers, encode
from salience.layers.host import HostShim, on_host
from salience.layers.tensors import parameters_of, stored
from salience.model.parameters import Parameters
from salience.model.settings import Settings
from salience.model.vocab import Vocabulary
from salience.model.weights import Weights
from salience.types import Device, Encoded, Floats

from ..annotations.outputs import DocOutput
from .reader import Reader
from .served import Served
from .words import ModelWords, VocabWords


class Table(NamedTuple):
    """The words of an encoder and their table as it is now."""

    vocabulary: Vocabulary
    rows: Floats

    @property
    def largest(self) -> float:
        """The largest of the table's numbers."""
        return float(np.abs(self.rows).max(initial=0))

    def table(self) -> Floats:
        """Return the table."""
        return self.rows


class Live(HostShim):
    """The shim of an encoder that learns: its settings, and its fast form.

    thinc calls a shim at updates, averaged parameters and loading, at which the fast form is
    dropped; arrays that were replaced in other ways are noticed when it is next used.
    settings is None where the file that the encoder starts from cannot be used; reason says why.
    """

    def __init__(
        self, settings: Settings | None, reason: str = "", table_learns: bool = False
    ) -> None:
        super().__init__(None)
        self._settings, self._reason, self.table_learns = settings, reason, table_learns
        self._served: Served | None = None
        self._sources: list[Any] = []  # the arrays that the fast form was made of

    @property
    def is_known(self) -> bool:
        """Whether the encoder's settings are known."""
        return self._settings is not None

    @property
    def settings(self) -> Settings:
        """The encoder's settings; WeightsError where its file cannot be used."""
        if self._settings is None:
            raise WeightsError(self._reason)
        return self._settings

    def layers(self, model: Model[Any, Any]) -> Layers:
        """Return the layers of the model that this is the shim of."""
        settings, (embed, context, *pooling) = self.settings, model.layers
        return Layers(settings, embed, context, pooling[0] if pooling else None)

    def reader(self, model: Model[Any, Any]) -> Reader:
        """Return what reads Docs for the model."""
        layers = self.layers(model)
        words: Any = layers.words.featurizer if isinstance(layers.words, ModelWords) else None
        if self.settings.words == "vectors":
            words = VocabWords()
        reader = Reader(self.settings, words)
        if self.settings.projected:
            reader.word_width = next(
                each for each in layers.embed.layers if each.name == "affine"
            ).maybe_get_dim("nI")
        return reader

    def served(self, model: Model[Any, Any]) -> Served:
        """Return the model's encoder as it is now."""
        layers = self.layers(model)
        parameters = parameters_of(layers).values()
        sources: list[Any] = [each.layer.get_param(each.name) for each in parameters]
        sources.append(layers.words and layers.words.table)
        if self._served is None or not _same(sources, self._sources):
            self._sources = sources
            self._served = self._make(model, layers)
        return self._served

    def _make(self, model: Model[Any, Any], layers: Layers) -> Served:
        parameters = parameters_now(layers)
        encoder = Encoder.of(parameters, lambda: weights_now(layers, parameters))
        made = Served if model.ops.xp is np else ServedByLayers
        return made(encoder, self.reader(model), layers)

    def _forget(self) -> None:
        self._served, self._sources = None, []

    def finish_update(self, optimizer: Any) -> None:  # noqa: ARG002
        """Forget the fast form: the parameters are about to change."""
        self._forget()

    @contextmanager
    def use_params(self, params: Any) -> Iterator[None]:  # noqa: ARG002
        """Forget the fast form, before and after parameters are exchanged."""
        self._forget()
        try:
            yield
        finally:
            self._forget()

    def to_bytes(self) -> bytes:
        """Return nothing: the parameters are saved with their layers."""
        return b""

    def from_bytes(self, data: bytes) -> "Live":  # noqa: ARG002
        """Forget the fast form."""
        self._forget()
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Live":
        return Live(self._settings, self._reason, self.table_learns)

    def __reduce__(self) -> tuple[type["Live"], tuple[Settings | None, str, bool]]:
        return Live, (self._settings, self._reason, self.table_learns)


class ServedByLayers(Served):
    """An encoder that learns on a GPU, where its layers themselves encode Docs."""

    def encode(self, docs: Sequence[Doc], device: Device = "cpu") -> list[DocOutput]:  # noqa: ARG002
        """Encode the documents with the layers; results are on the host."""
        if not docs:
            return []
        batch, units = self.reader.lookup(docs)
        assert self.layers is not None
        encoded, _ = encode(self.layers, batch, is_train=False)
        ops = self.layers.context.ops
        here = Encoded(*(on_host(ops, array) for array in encoded))
        out = here if units is None else next(spread([here], units))
        ends = np.cumsum([0, *map(len, docs)])
        return [
            DocOutput(
                out.vectors[first:last], out.salience[first:last], out.received[first:last], d
            )
            for first, last, d in zip(ends[:-1], ends[1:], out.documents, strict=True)
        ]


def parameters_now(layers: Layers) -> Parameters:
    """Return the layers' present parameters as an Encoder takes them; arrays are shared."""
    words, settings = layers.words, layers.settings
    if not isinstance(words, ModelWords):
        return Parameters(settings, stored(layers))
    settings = replace(settings, word_factor=words.factor)
    table = Table(words.vocabulary, words.table.table)
    logits = words.logits.table[:, 0] if layers.pooling else None
    return Parameters(settings, stored(layers), table, logits)


def weights_now(layers: Layers, parameters: Parameters) -> Weights:
    """Return a copy of the layers' present parameters, as the weights of a file."""
    tensors: dict[str, Any] = {name: a.copy() for name, a in parameters.tensors.items()}
    settings = parameters.settings.stated()
    if isinstance(layers.words, ModelWords):
        words = layers.words.weights
        tensors, settings = {**words.tensors, **tensors}, {**words.settings, **settings}
        if layers.pooling is None:
            tensors.pop("word_weights", None)
        else:
            tensors["word_weights"] = layers.words.logits.table[:, 0].copy()
    return Weights(tensors, settings)


def _same(some: Sequence[Any], others: Sequence[Any]) -> bool:
    if len(some) != len(others):
        return False
    return all(a is b for a, b in zip(some, others, strict=True))
