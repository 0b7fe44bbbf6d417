"""Which implementation of an op runs."""

from types import ModuleType

from ..checks import one_of
from ..types import Device


def choose(where: str, device: Device, cpu: ModuleType, reference: ModuleType) -> ModuleType:
    """Return the op's module for this device."""
    one_of(where, "device", device, ("cpu", "reference"))
    return cpu if device == "cpu" else reference
