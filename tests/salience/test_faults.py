"""What is said where there is no GPU, or one that cannot be used; none is needed to test it."""

import os

import numpy as np
import pytest

from salience import ops
from salience.cuda import faults
from salience.errors import DeviceError, DeviceLostError, DeviceMemoryError, SalienceError

from .helpers import run_python

VECTORS = np.ones((2, 3), np.float32)
numba_cuda = pytest.importorskip("numba_cuda", reason="the extra salience[cuda] is not installed")


@pytest.fixture(autouse=True)
def unused(monkeypatch):
    """A process in which nobody has used CUDA; what was comes back after."""
    monkeypatch.setattr(faults._State, "owner", None)
    monkeypatch.setattr(faults._State, "lost", None)


class Driver:
    """As much of numba's driver as is asked."""

    def __init__(self, error=None, version=(12, 4)):
        self.is_available, self.initialization_error = error is None, error
        self.get_version = lambda: version


class Refusing(Driver):
    """One whose start fails: the first question is answered by an error, as numba has it."""

    is_available = property(lambda self: 1 / 0)

    def __init__(self, error):
        self.initialization_error = error


def with_driver(monkeypatch, driver, devices=1, toolkit=(12, 9)):
    from numba import cuda

    monkeypatch.setattr(cuda.cudadrv.driver, "driver", driver)
    monkeypatch.setattr(cuda, "gpus", [None] * devices)
    monkeypatch.setattr(cuda.runtime, "get_version", lambda: toolkit, raising=False)


def test_a_gpu_that_can_be_used_is_in_use_from_then_on(monkeypatch):
    with_driver(monkeypatch, Driver())
    assert not faults.in_use()
    assert faults.why_not() is None
    assert faults.in_use()
    faults.require()


@pytest.mark.parametrize(
    ("driver", "named", "text"),
    [
        (Driver("CUDA driver library cannot\nbe found.\n"), {}, "driver library cannot be found"),
        (Driver("CUDA_ERROR_NO_DEVICE (100)"), {}, "CUDA_ERROR_NO_DEVICE"),
        (Refusing("CUDA_ERROR_NO_DEVICE (100)"), {}, "CUDA_ERROR_NO_DEVICE"),
        (Driver(), {"devices": 0}, "there is none; nvidia-smi should list one"),
        (Driver(version=(11, 4)), {}, "its driver is for CUDA 11.4, and numba-cuda has been"),
        (Driver(), {"toolkit": (13, 0)}, r"pip install 'numba-cuda\[cu12\]'"),
    ],
    ids=["no driver", "no device", "no start", "none visible", "old driver", "new toolkit"],
)
def test_a_gpu_that_cannot_be_used_is_refused_with_the_reason(monkeypatch, driver, named, text):
    with_driver(monkeypatch, driver, **named)
    with pytest.raises(DeviceError, match=f"^device='cuda': expected a GPU .*{text}"):
        faults.require()
    with pytest.raises(DeviceError, match=text):
        ops.cosine_pairs(VECTORS, VECTORS, device="cuda")
    assert not faults.in_use()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(faults, "find_spec", lambda name: None)
    with pytest.raises(DeviceError, match=r"pip install 'salience\[cuda\]'"):
        faults.require()


def test_a_forked_process_is_told_to_spawn(monkeypatch):
    monkeypatch.setattr(faults._State, "owner", os.getpid() + 1)
    with pytest.raises(DeviceError, match=r"forked from one that already used CUDA.*'spawn'"):
        faults.require()


@pytest.mark.parametrize(
    ("code", "error", "text"),
    [
        ("OUT_OF_MEMORY", DeviceMemoryError, "^op: the GPU's memory is full; give fewer"),
        ("ILLEGAL_ADDRESS", DeviceLostError, "failed with CUDA_ERROR_ILLEGAL_ADDRESS.*anew"),
        ("INVALID_VALUE", DeviceError, "^op: CUDA answered CUDA_ERROR_INVALID_VALUE"),
    ],
)
def test_an_error_of_cuda_has_a_name(code, error, text):
    with pytest.raises(error, match=text) as caught, faults.named("op"):
        raise RuntimeError(f"[1] Call to cuLaunchKernel results in CUDA_ERROR_{code}")
    assert isinstance(caught.value, SalienceError)
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_other_errors_stay_what_they_are():
    with pytest.raises(ValueError, match=r"^mine$"), faults.named("op"):
        raise ValueError("mine")


def test_a_lost_context_stays_lost(monkeypatch):
    with_driver(monkeypatch, Driver())
    faults.require()
    with pytest.raises(DeviceLostError), faults.named("op"):
        raise RuntimeError("CUDA_ERROR_LAUNCH_FAILED")
    with pytest.raises(DeviceLostError, match="lost to CUDA_ERROR_LAUNCH_FAILED"):
        faults.require()
    with pytest.raises(DeviceLostError):
        ops.cosine_pairs(VECTORS, VECTORS, device="cuda")


def test_an_import_asks_no_driver():
    script = """
import sys
import salience.encoder.encoder, salience.ops, spacy_salience
print(sorted(name for name in sys.modules if name.split(".")[:2] == ["numba", "cuda"]))
from salience.ops.linear_recurrence import cuda
from numba.cuda.cudadrv.driver import driver
print(driver.pid)
"""
    assert run_python(script).splitlines() == ["[]", "None"]
