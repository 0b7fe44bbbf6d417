"""HostShim: what a model holds beside its parameters, and does not learn."""

from typing import Any

from thinc.api import Shim

from ..errors import RangeError


class HostShim(Shim):  # type: ignore[misc]
    """A shim of arrays on the CPU, which training leaves as they are."""

    def finish_update(self, optimizer: Any) -> None:
        """Do nothing: nothing here learns."""

    def to_device(self, device_type: str, device_id: int) -> None:  # noqa: ARG002
        """Stay, as Model.to_cpu() asks; RangeError for any other device."""
        if device_type != "cpu":
            raise RangeError(
                f"to_device: expected 'cpu', got {device_type!r}; salience's layers run on the "
                "CPU: move the other components' models, and leave this one there"
            )
