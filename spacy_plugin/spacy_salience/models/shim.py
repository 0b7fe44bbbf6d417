"""The thinc shim of a frozen encoder, which saves it to bytes and loads it."""

from typing import Any

from salience.encoder import Encoder
from salience.errors import WeightsError
from salience.layers.host import HostShim
from salience.model import weights

from .served import Served


class EncoderShim(HostShim):
    """A frozen encoder, or the reason why there is none."""

    def __init__(self, encoder: Encoder | None, reason: str = "") -> None:
        super().__init__(None)
        self._reason = reason
        self._served = None if encoder is None else Served(encoder)

    def served(self, model: Any = None) -> Served:  # noqa: ARG002
        """Return the encoder; WeightsError where there is none."""
        if self._served is None:
            raise WeightsError(self._reason)
        return self._served

    def to_bytes(self) -> bytes:
        """Return the content of a weights file."""
        return self.served().encoder.weights.to_bytes()

    def from_bytes(self, bytes_data: bytes) -> "EncoderShim":
        """Take the encoder from the content of a weights file."""
        self.replace(Encoder(weights.from_bytes(bytes_data, "the model's bytes")))
        return self

    def replace(self, encoder: Encoder) -> None:
        """Replace the encoder."""
        self._served = Served(encoder)

    def __deepcopy__(self, memo: dict[int, Any]) -> "EncoderShim":
        function, arguments = self.__reduce__()
        return function(*arguments)  # copies may share the encoder, as it is frozen

    def __reduce__(self) -> tuple[type["EncoderShim"], tuple[Encoder | None, str]]:
        return EncoderShim, (self._served.encoder if self._served else None, self._reason)
