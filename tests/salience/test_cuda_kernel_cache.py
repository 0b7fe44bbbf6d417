"""Kernels for the GPU are kept on disk; here without one, up to the code that it would be given."""

from types import SimpleNamespace

import numba
import pytest

pytest.importorskip("numba_cuda", reason="the extra salience[cuda] is not installed")
pytestmark = pytest.mark.skipif(
    bool(numba.config.ENABLE_CUDASIM), reason="the simulator compiles nothing"
)

CAPABILITY = (8, 0)


@pytest.fixture
def compiled(monkeypatch, tmp_path):
    """A folder for kernels, and a machine that has a GPU as far as the compiler asks."""
    from numba.cuda import codegen, dispatcher
    from numba.cuda.cudadrv import devices

    device = SimpleNamespace(compute_capability=CAPABILITY)
    monkeypatch.setattr(dispatcher, "get_current_device", lambda: device)
    monkeypatch.setattr(devices, "get_context", lambda: SimpleNamespace(device=device))
    monkeypatch.setattr(codegen.runtime.runtime, "get_version", lambda: (12, 9))
    monkeypatch.setattr(
        dispatcher._Kernel, "bind", lambda kernel: kernel._codelibrary.get_asm_str(CAPABILITY)
    )
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return tmp_path


def fresh():
    """A kernel as a new process has it, how often it came from the disk, and its code."""
    from salience.cuda import jit
    from salience.ops.output_gate import cuda

    (own,) = [k for k in jit.kernels() if k.name == f"{cuda.__name__}.gate"]
    found = jit.Kernel(own._function, own._signature).compile()
    (kernel,) = found.overloads.values()
    return sum(found.stats.cache_hits.values()), kernel._codelibrary.get_asm_str(CAPABILITY)


def test_a_kernel_is_compiled_once(compiled):
    (before, code), (after, again) = fresh(), fresh()
    assert (before, after) == (0, 1)
    assert ".visible .entry" in code
    assert again == code
    assert sorted(path.suffix for path in compiled.rglob("*.nb*")) == [".nbc", ".nbi"]


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_damaged_one_is_compiled_anew(compiled, suffix):
    assert fresh()[0] == 0
    (path,) = compiled.rglob(f"*{suffix}")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (before, code), (after, again) = fresh(), fresh()
    assert (before, after) == (0, 1)
    assert again == code


def test_one_that_cannot_be_kept_or_loaded_is_compiled_in_memory(compiled, monkeypatch):
    from numba.cuda.dispatcher import CUDACacheImpl

    def refuse(*given):
        raise RuntimeError("Cannot pickle CUDACodeLibrary with linking files")

    with monkeypatch.context() as patch:
        patch.setattr(CUDACacheImpl, "reduce", refuse)
        assert fresh()[0] == fresh()[0] == 0
    assert fresh()[0] == 0
    with monkeypatch.context() as patch:
        patch.setattr(CUDACacheImpl, "rebuild", refuse)
        assert fresh()[0] == 0
    assert fresh()[0] == 1


def test_a_folder_of_others_is_refused(compiled):
    compiled.chmod(0o777)
    assert fresh()[0] == fresh()[0] == 0
    assert not list(compiled.rglob("*.nb*"))
