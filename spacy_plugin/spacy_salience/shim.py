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
        outputs: list[DocOutput] = []
        for vectors, salience, received, documents in self.encoder.encode_chunks(bags, starts):
            end = 0
            for document in documents:
                first, end = end, end + len(docs[len(outputs)])
                tokens = slice(first, end)
                outputs.append(
                    DocOutput(vectors[tokens], salience[tokens], received[tokens], document)
                )
        return outputs

    def to_bytes(self) -> bytes:
        """Return the content of a weights file."""
        return self.encoder.weights.to_bytes()

    def from_bytes(self, bytes_data: bytes) -> "EncoderShim":
        """Take the encoder from the content of a weights file."""
        self.replace(weights.from_bytes(bytes_data, "the model's bytes"))
        return self

    def finish_update(self, optimizer: Any) -> None:
        """Do nothing: the weights are frozen."""

    def replace(self, new: weights.Weights) -> None:
        """Take another encoder's place, after it has been checked."""
        encoder = Encoder(new)
        self.encoder, self.featurize = encoder, Featurizer(encoder.vocabulary)

    def __deepcopy__(self, memo: dict[int, Any]) -> "EncoderShim":
        return EncoderShim(self.encoder)  # frozen, so that copies may share it

    def __reduce__(self) -> tuple[type["EncoderShim"], tuple[Encoder]]:
        return EncoderShim, (self.encoder,)
