"""Which implementation of an op runs, and where."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from inspect import signature
from types import ModuleType
from typing import Any

import numpy as np

from ..checks import one_of
from ..cuda import faults
from ..errors import DeviceError
from ..types import Device, on_gpu


class Chosen:
    """An op's functions, each of which runs where its arrays live or device says.

    Arrays that live on the GPU stay there, and so do results; with
    device="cuda", NumPy's are copied there and the results back.
    """

    def __init__(
        self, where: str, device: Device | None, cpu: ModuleType, reference: ModuleType
    ) -> None:
        self._where, self._device = where, device
        self._modules = {"cpu": cpu, "reference": reference}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._call, name)

    def _call(self, name: str, *given: Any) -> Any:
        there = [value for value in given if on_gpu(value)]
        device = self._device or ("cuda" if there else "cpu")
        if device != "cuda":
            self._refuse_those_on_gpu(there)
            return getattr(self._modules[device], name)(*given)
        faults.require()
        module = import_module(f"{self._modules['cpu'].__package__}.cuda")
        function = getattr(module, name)
        named = dict(zip(signature(function).parameters, given, strict=True))
        if there:
            self._refuse_those_on_host(there[0], named)
        return _run_on_gpu(function, named, there)

    def _refuse_those_on_gpu(self, there: list[Any]) -> None:
        if there:
            raise DeviceError(
                f"{self._where}: expected arrays of NumPy for device={self._device!r}, got "
                f"{type(there[0]).__name__} on the GPU; copy it to the host, or leave device out"
            )

    def _refuse_those_on_host(self, first: Any, named: dict[str, Any]) -> None:
        for name, value in named.items():
            if isinstance(value, np.ndarray) and name != "starts":
                raise DeviceError(
                    f"{self._where}: expected all arrays on the GPU, as {type(first).__name__} is, "
                    f"got {name} {list(value.shape)} of NumPy; copy it there"
                )


def choose(where: str, device: Device | None, cpu: ModuleType, reference: ModuleType) -> Chosen:
    """Return the op's functions for this device, or for that of their arrays where None."""
    if device is not None:
        one_of(where, "device", device, ("cpu", "cuda", "reference"))
    return Chosen(where, device, cpu, reference)


def _run_on_gpu(function: Callable[..., Any], named: dict[str, Any], there: list[Any]) -> Any:
    from ..cuda import arrays, places

    with places.at(places.of(there[0]) if there else places.Place()) as place:
        placed = [_placed(name, value) for name, value in named.items()]
        return _each(place.give if there else arrays.to_host, function(*placed))


def _placed(name: str, value: Any) -> Any:
    """An argument as the kernels take it; starts stay on the host, where launches are planned."""
    from ..cuda import arrays, places

    if on_gpu(value):
        places.wait_for(value)
        return places.view(value)
    if isinstance(value, np.ndarray) and name != "starts":
        return arrays.to_device(value)
    return value


def _each(back: Callable[[Any], Any], results: Any) -> Any:
    if isinstance(results, tuple):
        return tuple(result if result is None else back(result) for result in results)
    return back(results)
