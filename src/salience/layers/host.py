"""HostShim: what a model holds beside its parameters, and does not learn."""

from typing import Any

from thinc.api import Shim


class HostShim(Shim):  # type: ignore[misc]
    """A shim of what training leaves as it is."""

    def finish_update(self, optimizer: Any) -> None:
        """Do nothing: nothing here learns."""

    def to_device(self, device_type: str, device_id: int) -> None:
        """Stay on the host, from where layers take to their device what they ask for."""
