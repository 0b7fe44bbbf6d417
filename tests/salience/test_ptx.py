"""Every CUDA kernel compiles for GPUs that are not here, without spilling registers."""

import importlib
import re
import subprocess
from pathlib import Path

import numba
import pytest

from ..test_imports import name_of
from ..test_structure import CORE, OPS
from .cuda.blocks import MOST_THREADS, most_threads

nvcc = pytest.importorskip("nvidia.cuda_nvcc", reason="the extra salience[cuda] is not installed")
PTXAS = Path(next(iter(nvcc.__path__))) / "bin" / "ptxas"
pytestmark = pytest.mark.skipif(
    bool(numba.config.ENABLE_CUDASIM), reason="the simulator compiles nothing"
)

CAPABILITIES = [(8, 0), (9, 0)]
# Files with kernels, whichever those are.
PATHS = [*CORE.glob("ops/*/cuda*.py"), *CORE.glob("cuda/*.py")]
LAUNCHED = re.compile(r"(^@|= )kernel\(", re.MULTILINE)
MODULES = sorted(name_of(path) for path in PATHS if LAUNCHED.search(path.read_text()))

IN_FLOAT64 = {
    # For logits beyond float32 alone, as on the CPU, and weights for reading.
    "salience.ops.bilinear_attention.cuda_wide.attend_wide",
    "salience.ops.bilinear_attention.cuda_wide.back_wide",
    "salience.ops.bilinear_attention.cuda_wide.weigh_rows",
    "salience.ops.pooling.cuda.pool_wide",
    # Sums of squares, which float32 cannot hold of any row that it can; as on the CPU.
    "salience.ops.cosine.cuda.cosines",
    "salience.ops.cosine.cuda.cosines_back",
    "salience.ops.cosine.cuda.keep_across",
    "salience.ops.cosine.cuda.set_unit",
    # Means, of which float32 would leave something of a row of equal numbers.
    "salience.ops.layer_norm.cuda.normalise",
    "salience.ops.layer_norm.cuda.normalise_back",
}


REGISTERS = 2**16
"""Of a multiprocessor: one block must fit."""

ALONE = {
    # A recurrent matrix lies in a block's registers; else it is read at each step.
    "salience.ops.tanh_recurrence.cuda.walk",
    "salience.ops.tanh_recurrence.cuda.walk_back",
    "salience.ops.tanh_recurrence.cuda.walk_back_wide",
    "salience.ops.tanh_recurrence.cuda.walk_wide",
}
"""Kernels of which two blocks do not fit at once."""


def registers_of(each, threads):
    """The registers of a block: they are given out 8 a thread at a time, to whole warps."""
    return -(-each // 8) * 8 * -(-threads // 32) * 32


def test_registers_are_given_out_in_eights_to_whole_warps():
    assert registers_of(70, 800) == 72 * 800
    assert registers_of(1, 1) == 8 * 32


def test_there_are_kernels():
    assert {f"salience.ops.{op}.cuda" for op in OPS if op != "affine"} <= set(MODULES)
    assert "salience.cuda.products" in MODULES
    modules = {name.rpartition(".")[0] for name in (*MOST_THREADS, *ALONE)}
    assert modules <= set(MODULES)


@pytest.fixture
def no_device_needed(monkeypatch):
    """A device function asks the current device what it can do; PTX says it itself."""
    from numba.cuda import dispatcher

    class Device:
        compute_capability = CAPABILITIES[0]

    monkeypatch.setattr(dispatcher, "get_current_device", lambda: Device)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_s_kernels_compile(module, no_device_needed, tmp_path):
    from salience.cuda import jit

    importlib.import_module(module)
    own = [kernel for kernel in jit.kernels() if kernel.name.startswith(f"{module}.")]
    assert own
    for kernel in own:
        text = kernel.ptx(CAPABILITIES[0])
        if kernel.name not in IN_FLOAT64:
            # Float64 is slow on many GPUs, and comes of a literal that nobody meant.
            assert not re.search(r"\.f64", text), kernel.name
        path = tmp_path / "kernel.ptx"
        path.write_text(text)
        for capability in CAPABILITIES:
            assert_fits(kernel.name, path, capability)


def assert_fits(name, path, capability):
    """The assembler spills no registers, and a block has as many as it takes."""
    done = subprocess.run(
        [PTXAS, "-v", "-arch=sm_{}{}".format(*capability), path, "-o", path.with_suffix(".cubin")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (name, capability, done.stderr)
    told = re.search(r"(\d+) bytes stack frame, (\d+) bytes spill", done.stderr)
    assert told, (name, capability, done.stderr)
    assert told.groups() == ("0", "0"), (name, capability)
    used = re.search(r"Used (\d+) registers", done.stderr)
    taken = registers_of(int(used[1]), most_threads(name))
    assert taken <= REGISTERS, (name, capability, taken)
    assert (taken > REGISTERS // 2) == (name in ALONE), (name, capability, taken)


def test_kernels_are_the_same_ptx_for_each_capability(no_device_needed):
    """So they are compiled for the first alone, and assembled for all."""
    from salience.ops.elementwise import cuda as module

    texts = {without_names(module.exps.ptx(capability)) for capability in CAPABILITIES}
    assert len(texts) == 1


def without_names(text):
    """PTX without its target, its remarks, and the numbers in its functions' names."""
    return re.sub(r"\.target .*|//.*|\w*\$\w*|_Z\w*", "", text)
