"""What thinc sees of a frozen encoder: something that turns into bytes and back."""

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
        """Return the encoder; WeightsError where its file was no good and none was loaded since."""
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
        """Put another encoder in the place of this one."""
        self._served = Served(encoder)

    def __deepcopy__(self, memo: dict[int, Any]) -> "EncoderShim":
        function, arguments = self.__reduce__()
        return function(*arguments)  # frozen, so that copies may share the encoder

    def __reduce__(self) -> tuple[type["EncoderShim"], tuple[Encoder | None, str]]:
        return EncoderShim, (self._served.encoder if self._served else None, self._reason)
