"""What is on the host, whatever device the layers' ops are for."""

from typing import Any

from thinc.api import Ops, Shim

from ..types import Floats


def on_host(ops: Ops, array: Any) -> Floats:
    """Return an array as NumPy's: a copy of one on a GPU."""
    here: Floats = ops.to_numpy(array)  # type: ignore[no-untyped-call]
    return here


class HostShim(Shim):  # type: ignore[misc]
    """A shim of what a model holds beside its parameters, and does not learn."""

    def finish_update(self, optimizer: Any) -> None:
        """Do nothing: nothing here learns."""

    def to_device(self, device_type: str, device_id: int) -> None:
        """Stay on the host, from where layers take to their device what they ask for."""
