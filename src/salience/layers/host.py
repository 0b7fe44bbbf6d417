"""Data that stays on the host, whatever device the layers' ops are for."""

from typing import Any

from thinc.api import Ops, Shim

from ..types import Floats


def on_host(ops: Ops, array: Any) -> Floats:
    """Return an array of NumPy; one on a GPU is copied."""
    here: Floats = ops.to_numpy(array)  # type: ignore[no-untyped-call]
    return here


class HostShim(Shim):  # type: ignore[misc]
    """A shim for data beside a model's parameters, which thinc's optimizers do not see."""

    def finish_update(self, optimizer: Any) -> None:
        """Do nothing: nothing here learns."""

    def to_device(self, device_type: str, device_id: int) -> None:
        """Stay on the host; layers copy to their device what they need."""
