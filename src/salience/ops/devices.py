"""Which implementation of an op runs, and where."""

from collections.abc import Callable
from importlib import import_module
from inspect import signature
from typing import Any, ParamSpec, TypeVar

import numpy as np

from ..checks import one_of
from ..cuda import faults
from ..errors import DeviceError
from ..types import Device, on_gpu

Given = ParamSpec("Given")
Result = TypeVar("Result")


def choose(
    where: str, device: Device | None, cpu: Callable[Given, Result], reference: Callable[Given, Any]
) -> Callable[Given, Result]:
    """Return an op's function, which computes where its arrays live or device says.

    Arrays that live on the GPU stay there, and so do results; with
    device="cuda", NumPy's are copied there and the results back.

    cpu and reference are the functions in the op's cpu.py and reference.py; the one
    in cuda.py has the same name and arguments, and is imported when it is needed.
    """
    if device is not None:
        one_of(where, "device", device, ("cpu", "cuda", "reference"))

    def run(*given: Given.args, **named: Given.kwargs) -> Result:
        there = [value for value in (*given, *named.values()) if on_gpu(value)]
        if device == "cuda" or (there and device is None):
            faults.require()
            twin = _twin_of(cpu)
            return _run_on_gpu(where, twin, signature(twin).bind(*given, **named).arguments, there)
        if there:
            raise DeviceError(
                f"{where}: expected arrays of NumPy for device={device!r}, got "
                f"{type(there[0]).__name__} on the GPU; copy it to the host, or leave device out"
            )
        return (reference if device == "reference" else cpu)(*given, **named)

    return run


def _twin_of(cpu: Callable[..., Result]) -> Callable[..., Result]:
    """The function in cuda.py of the same name as one in the op's cpu.py."""
    module = import_module(f"{cpu.__module__.rpartition('.')[0]}.cuda")
    found: Callable[..., Result] = getattr(module, cpu.__name__)
    return found


def _run_on_gpu(
    where: str, function: Callable[..., Result], named: dict[str, Any], there: list[Any]
) -> Result:
    from ..cuda import arrays, places

    if there:
        _refuse_those_on_host(where, there[0], named)
    with places.at(places.of(there[0]) if there else places.Place()) as place:
        placed = {name: _placed(name, value) for name, value in named.items()}
        results: Result = _each(place.give if there else arrays.to_host, function(**placed))
        return results


def _refuse_those_on_host(where: str, first: Any, named: dict[str, Any]) -> None:
    for name, value in named.items():
        if isinstance(value, np.ndarray) and name != "starts":
            raise DeviceError(
                f"{where}: expected all arrays on the GPU, as {type(first).__name__} is, "
                f"got {name} {list(value.shape)} of NumPy; copy it there"
            )


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
