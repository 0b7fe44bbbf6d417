"""What the component uses of a model, frozen or learning: an encoder that takes Docs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from spacy.tokens import Doc

from salience.encoder import Encoder
from salience.layers.encoder import Layers
from salience.model.weights import Weights
from salience.types import Device, Floats

from ..annotations.outputs import DocOutput
from .featurize import Featurizer
from .reader import Reader
from .words import VocabWords


class Served:
    """An encoder in its fast form, and how Docs are read for it."""

    def __init__(
        self, encoder: Encoder, reader: Reader | None = None, layers: Layers | None = None
    ) -> None:
        self.encoder, self.layers = encoder, layers
        self.reader = reader or Reader(encoder.settings, _words_of(encoder))

    def encode(self, docs: Sequence[Doc], device: Device = "cpu") -> list[DocOutput]:
        """Encode the documents, all in one batch; results are on the host."""
        if not docs:
            return []
        tokens, starts, units, checksums = self.reader.read(docs)
        chunks = self.encoder.encode_chunks(tokens, starts, device=device, units=units)
        outputs: list[DocOutput] = []
        for vectors, salience, received, documents in chunks:
            end = 0
            for document in documents:
                place = len(outputs)
                first, end = end, end + len(docs[place])
                own = slice(first, end)
                checksum = checksums[place] if checksums else None
                outputs.append(
                    DocOutput(vectors[own], salience[own], received[own], document, checksum)
                )
        return outputs

    def embeddings(self, docs: Sequence[Doc]) -> Floats:
        """Return the first block's input of each token [N, D]; a blank has zeros."""
        tokens, _, units, _ = self.reader.read(docs)
        found = self.encoder.embeddings(tokens)
        if units is None:
            return found
        return np.where(units.places[:, None] < 0, np.float32(0), found[units.places])

    def attention(self, doc: Doc, rows: tuple[int, int]) -> Any:
        """Return the attention weights of these tokens of a document [heads, rows, T]."""
        tokens, _, units, _ = self.reader.read([doc])
        return self.encoder.attention(tokens, rows, units=units)


def _words_of(encoder: Encoder) -> Featurizer | VocabWords | None:
    if encoder.settings.words == "vectors":
        return VocabWords()
    if encoder.settings.words == "table":
        return Featurizer(encoder.vocabulary, encoder.weights.language)
    return None


def served(model: Any) -> Served:
    """Return the encoder of a salience model, as it is now.

    Raises WeightsError where its file cannot be used and no weights were loaded since.
    """
    found: Served = model.shims[0].served(model)
    return found


def weights_of(model: Any) -> Weights:
    """Return the weights of a salience model, as they are now."""
    return served(model).encoder.weights
