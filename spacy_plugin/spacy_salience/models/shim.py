"""What thinc sees of the encoder: something that turns into bytes and back."""

from collections.abc import Sequence
from typing import Any

from spacy.tokens import Doc

from salience.encoder.encoder import Encoder
from salience.errors import WeightsError
from salience.layers.host import HostShim
from salience.model import weights
from salience.types import Device

from ..annotations.outputs import DocOutput
from .featurize import Featurizer


class EncoderShim(HostShim):
    """An encoder together with the look-up from Docs to the rows of its table."""

    def __init__(self, encoder: Encoder | None, reason: str = "") -> None:
        super().__init__(None)
        self._reason = reason
        self._parts = None if encoder is None else _parts(encoder)

    @property
    def encoder(self) -> Encoder:
        """The encoder; WeightsError where its file was no good and none was loaded since."""
        return self._loaded()[0]

    @property
    def featurize(self) -> Featurizer:
        """From Docs to rows of the encoder's table."""
        return self._loaded()[1]

    def encode(self, docs: Sequence[Doc], device: Device = "cpu") -> list[DocOutput]:
        """Run the encoder over the documents, all in one batch; results are on the host."""
        bags, starts, units, checksums = self.featurize.units(docs)
        outputs: list[DocOutput] = []
        pieces = self.encoder.encode_chunks(bags, starts, device=device, units=units)
        for vectors, salience, received, documents in pieces:
            end = 0
            for document in documents:
                place = len(outputs)
                first, end = end, end + len(docs[place])
                tokens = slice(first, end)
                outputs.append(
                    DocOutput(
                        vectors[tokens], salience[tokens], received[tokens], document,
                        checksums[place],
                    )
                )  # fmt: skip
        return outputs

    def attention(self, doc: Doc, rows: tuple[int, int]) -> Any:
        """Return the attention weights of these tokens of a document [heads, rows, T]."""
        bags, _, units, _ = self.featurize.units([doc])
        return self.encoder.attention(bags, rows, units=units)

    def to_bytes(self) -> bytes:
        """Return the content of a weights file."""
        return self.encoder.weights.to_bytes()

    def from_bytes(self, bytes_data: bytes) -> "EncoderShim":
        """Take the encoder from the content of a weights file."""
        self.replace(Encoder(weights.from_bytes(bytes_data, "the model's bytes")))
        return self

    def replace(self, encoder: Encoder) -> None:
        """Put another encoder in the place of this one."""
        self._parts = _parts(encoder)

    def _loaded(self) -> tuple[Encoder, Featurizer]:
        if self._parts is None:
            raise WeightsError(self._reason)
        return self._parts

    def __deepcopy__(self, memo: dict[int, Any]) -> "EncoderShim":
        function, arguments = self.__reduce__()
        return function(*arguments)  # frozen, so that copies may share the encoder

    def __reduce__(self) -> tuple[type["EncoderShim"], tuple[Encoder | None, str]]:
        return EncoderShim, (self._parts[0] if self._parts else None, self._reason)


def _parts(encoder: Encoder) -> tuple[Encoder, Featurizer]:
    return encoder, Featurizer(encoder.vocabulary, encoder.weights.language)
