"""What thinc sees of the encoder: something that turns into bytes and back."""

from collections.abc import Sequence
from typing import Any

from spacy.tokens import Doc
from thinc.api import Shim

from salience import weights
from salience.encoder import Encoder

from .architectures import DocOutput
from .featurize import Featurizer


class EncoderShim(Shim):
    """An encoder together with the look-up from Docs to the rows of its table."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(None)
        self.encoder = encoder
        self.featurize = Featurizer(encoder.vocabulary)

    def encode(self, docs: Sequence[Doc]) -> list[DocOutput]:
        """Run the encoder over the documents, all in one batch."""
        bags, starts = self.featurize(docs)
        vectors, salience, received, documents = self.encoder.encode(bags, starts)
        # Each document gets arrays of its own: a view would keep the whole
        # batch in memory for as long as one of its documents lives.
        return [
            DocOutput(
                vectors[first:last].copy(),
                salience[first:last].copy(),
                received[first:last].copy(),
                document.copy(),
            )
            for first, last, document in zip(starts[:-1], starts[1:], documents, strict=True)
        ]

    def to_bytes(self) -> bytes:
        """Return the content of a weights file."""
        return self.encoder.weights.to_bytes()

    def from_bytes(self, bytes_data: bytes) -> "EncoderShim":
        """Take the encoder from the content of a weights file."""
        self.replace(weights.from_bytes(bytes_data, "the model's bytes"))
        return self

    def replace(self, new: weights.Weights) -> None:
        """Take another encoder's place, after it has been checked."""
        encoder = Encoder(new)
        self.encoder, self.featurize = encoder, Featurizer(encoder.vocabulary)

    def __deepcopy__(self, memo: dict[int, Any]) -> "EncoderShim":
        return EncoderShim(self.encoder)  # frozen, so that copies may share it

    def __reduce__(self) -> tuple[type["EncoderShim"], tuple[Encoder]]:
        return EncoderShim, (self.encoder,)
