"""What the checks ask of an array on a GPU; no more of this folder lies below them."""

from typing import Any

from . import arrays, places
from .extremes import of as ends
from .extremes import rises

__all__ = ["ends", "host_copy", "rises", "view_here", "zeros_beside"]


def view_here(where: str, name: str, array: Any) -> Any:
    """Return numba's view of an array of any library; DeviceError where it is on another GPU."""
    places.require_here(where, name, array)
    return places.view(array)


def zeros_beside(array: Any, shape: tuple[int, ...]) -> Any:
    """Return zeros of float32 where an array of any library lives, as that library's."""
    with places.at(places.of(array)) as place:
        return place.give(arrays.zeros(*shape))


def host_copy(array: Any) -> Any:
    """Return a host copy of an array of any library on the GPU, when it is written."""
    with places.at(places.of(array)):
        return arrays.to_host(places.view(array))
