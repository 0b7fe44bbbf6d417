"""Where an op runs, by where its arrays are."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from numba import cuda

from salience import ops
from salience.cuda import jit, places
from salience.errors import DeviceError, DtypeError, RangeError, ShapeError
from salience.testing import random_floats

from .promises import there


def example():
    return {"inputs": random_floats(5, 4), "decay": np.full(4, 0.5, np.float32)}


STARTS = np.array([0, 2, 5])


def test_starts_may_be_on_either_side():
    here, _ = ops.linear_recurrence(**example(), starts=STARTS, device="cpu")
    for starts in (STARTS, cuda.to_device(STARTS), [0, 2, 5]):
        states, final = ops.linear_recurrence(**there(example()), starts=starts)
        assert cuda.cudadrv.devicearray.is_cuda_ndarray(states)
        assert cuda.cudadrv.devicearray.is_cuda_ndarray(final)
        np.testing.assert_allclose(states.copy_to_host(), here, rtol=1e-6)


def test_device_cuda_may_be_said_of_arrays_that_are_there():
    states, _ = ops.linear_recurrence(**there(example()), starts=STARTS, device="cuda")
    assert states.copy_to_host().shape == (5, 4)


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_arrays_on_the_gpu_are_not_copied_away_unseen(device):
    with pytest.raises(DeviceError, match=f"expected arrays of NumPy for device='{device}', got"):
        ops.linear_recurrence(**there(example()), starts=STARTS, device=device)


def test_arrays_of_both_sides_are_refused():
    given = {**there(example()), "decay": example()["decay"]}
    with pytest.raises(DeviceError, match=r"expected all arrays on the GPU, .* got decay \[4\]"):
        ops.linear_recurrence(**given, starts=STARTS)


def test_nothing_is_converted_unseen():
    given = there(example())
    with pytest.raises(DtypeError, match="inputs must be float32 on the GPU, got float64"):
        ops.linear_recurrence(
            cuda.to_device(np.zeros((5, 4))), given["decay"], STARTS
        )  # fmt: skip
    with pytest.raises(DtypeError, match="inputs must hold floating-point numbers, got int64"):
        ops.linear_recurrence(cuda.to_device(np.zeros((5, 4), int)), given["decay"], STARTS)
    wide = cuda.to_device(random_floats(5, 8))
    with pytest.raises(ShapeError, match="inputs must be C-contiguous on the GPU"):
        ops.linear_recurrence(wide[:, ::2], given["decay"], STARTS)
    with pytest.raises(ShapeError, match=r"decay must have the shape \[4\], got \[3\]"):
        ops.linear_recurrence(given["inputs"], given["decay"][:3], STARTS)


@pytest.mark.parametrize("bad", [[1, 5], [0, 3], [0, 4, 2, 5]])
def test_bad_starts_are_refused(bad):
    with pytest.raises(RangeError, match=r"^linear_recurrence: starts must"):
        ops.linear_recurrence(**there(example()), starts=cuda.to_device(np.array(bad)))


def test_the_first_array_s_stream_waits_for_that_of_the_others(monkeypatch):
    ours, waited, given = cuda.stream(), [], there(example())
    event = SimpleNamespace(record=waited.append, wait=waited.append)
    monkeypatch.setattr(cuda, "event", lambda timing: event)
    monkeypatch.setattr(places, "_handle", id)
    given["inputs"] = given["inputs"].bind(ours)
    ops.linear_recurrence(**given, starts=STARTS)
    assert waited[:2] == [0, ours]  # of decay, on the default stream
    assert all(each is ours for each in waited[1::2])


def test_the_stream_of_the_first_array_is_honoured(monkeypatch):
    stream, used = cuda.stream(), []
    launch = jit.Kernel.__getitem__

    def noted(kernel, configuration):
        used.append(places.current().stream)
        return launch(kernel, configuration)

    monkeypatch.setattr(jit.Kernel, "__getitem__", noted)
    given = {name: array.bind(stream) for name, array in there(example()).items()}
    states, final = ops.linear_recurrence(**given, starts=STARTS)
    assert used
    assert all(each is stream for each in used)
    assert states.stream is stream
    assert final.stream is stream
    assert places.current().stream == 0


class Elsewhere:
    """An array of another library's, which says which GPU it is on."""

    __module__ = "elsewhere"

    def __init__(self, array, device):
        self.array, self.device = array, device

    @property
    def __cuda_array_interface__(self):
        return self.array.copy_to_host().__array_interface__  # which nobody comes to read

    def __dlpack_device__(self):
        return self.device


@pytest.mark.parametrize("name", ["inputs", "decay", "initial"])
def test_arrays_on_another_gpu_than_the_current_one_are_refused(monkeypatch, name):
    monkeypatch.setattr(cuda, "get_current_device", lambda: SimpleNamespace(id=1))
    given = {**there(example()), "initial": cuda.to_device(np.zeros((2, 4), np.float32))}
    given[name] = Elsewhere(given[name], (2, 0))
    with pytest.raises(DeviceError, match=rf"expected {name} on GPU 1, .* GPU 0; copy.*gpus\[0\]"):
        ops.linear_recurrence(**given, starts=STARTS)


def test_starts_and_ids_on_another_gpu_are_refused(monkeypatch):
    monkeypatch.setattr(cuda, "get_current_device", lambda: SimpleNamespace(id=0))
    other = Elsewhere(cuda.to_device(STARTS), (2, 1))
    with pytest.raises(DeviceError, match="expected starts on GPU 0, the current one of numba"):
        ops.linear_recurrence(**there(example()), starts=other)
    with pytest.raises(DeviceError, match="expected ids on GPU 0"):
        ops.embedding(cuda.to_device(random_floats(5, 4)), other)


@pytest.mark.parametrize("device", [(2, 1), (13, 1), (1, 0)], ids=["cuda", "managed", "not said"])
def test_an_array_on_the_current_gpu_is_taken(monkeypatch, device):
    monkeypatch.setattr(cuda, "get_current_device", lambda: SimpleNamespace(id=1))
    places.require_here("op", "x", Elsewhere(cuda.to_device(STARTS), device))


@pytest.mark.parametrize("library", ["torch", "cupy"])
def test_the_current_gpu_of_an_array_s_library_counts_too(monkeypatch, library):
    ask = SimpleNamespace(current_device=lambda: 0, runtime=SimpleNamespace(getDevice=lambda: 0))
    monkeypatch.setitem(sys.modules, library, SimpleNamespace(cuda=ask))
    monkeypatch.setattr(cuda, "get_current_device", lambda: SimpleNamespace(id=1))
    kind = type("Array", (Elsewhere,), {"__module__": library})
    with pytest.raises(DeviceError, match=f"on GPU 0, the current one of {library}, got it on GPU"):
        places.require_here("op", "x", kind(None, (2, 1)))


def test_numba_s_own_arrays_say_where_they_are():
    array = SimpleNamespace(gpu_data=SimpleNamespace(context=SimpleNamespace(
        device=SimpleNamespace(id=3))))  # fmt: skip
    assert places.number_of(array) == 3
    assert places.number_of(SimpleNamespace()) is None
