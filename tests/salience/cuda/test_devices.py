"""Where an op runs, by where its arrays are."""

from types import SimpleNamespace

import numpy as np
import pytest
from numba import cuda

from salience import ops
from salience.cuda import jit, places
from salience.errors import DeviceError, DtypeError, RangeError, ShapeError
from salience.testing import random_floats

from .promises import there

pytestmark = pytest.mark.gpu


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
    with pytest.raises(ShapeError, match="inputs must lie in one piece on the GPU, in C's order"):
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
