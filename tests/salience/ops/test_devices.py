"""Which of an op's functions runs, and that mypy sees what it takes."""

import ast
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from salience.errors import DeviceError, RangeError
from salience.ops import output_gate
from salience.ops.devices import choose
from salience.testing import random_floats

from ...test_structure import CORE, op_by_op
from ..helpers import runs_no_kernel

ARRAY = np.ones(3, np.float32)


def named(name, seen):
    def function(*given):
        seen.append((name, given))
        return name

    return function


@pytest.mark.parametrize(("device", "want"), [(None, "cpu"), ("cpu", "cpu"), ("reference",) * 2])
def test_it_is_the_one_that_device_says(device, want):
    seen = []
    run = choose("op", device, named("cpu", seen), named("reference", seen))
    assert not seen
    assert run(ARRAY, 2, None) == want
    assert seen == [(want, (ARRAY, 2, None))]


def test_an_unknown_device_is_refused_before_anything_runs():
    with pytest.raises(
        RangeError, match=r"^op: device must be one of cpu, cuda, reference; got 'gp"
    ):
        choose("op", "gpu", None, None)


def test_an_array_on_the_gpu_needs_one(monkeypatch):
    monkeypatch.setattr("salience.cuda.faults.why_not", lambda: "there is none")
    monkeypatch.setattr("salience.cuda.faults._State.owner", None)
    there = SimpleNamespace(__cuda_array_interface__={})
    for device, given in ((None, there), ("cuda", ARRAY)):
        with pytest.raises(DeviceError, match="there is none"):
            choose("op", device, named("cpu", []), named("reference", []))(given)


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_an_array_on_the_gpu_is_not_taken_for_the_host_s(device):
    there = SimpleNamespace(__cuda_array_interface__={})
    with pytest.raises(DeviceError, match=f"^op: expected arrays of NumPy for device='{device}'"):
        choose("op", device, named("cpu", []), named("reference", []))(there)


def test_all_devices_give_the_same():
    states, logits = random_floats(3, 4), random_floats(3, 4, seed=1)
    want = output_gate(states, logits, device="reference")
    np.testing.assert_allclose(output_gate(states, logits), want, rtol=1e-6)


@op_by_op
def test_the_functions_that_are_chosen_from_have_one_name(op):
    """Which mypy does not ask of two that take the same."""
    tree = ast.parse((CORE / "ops" / op / "__init__.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    pairs = [
        list(map(ast.unparse, call.args[2:]))
        for call in calls if isinstance(call.func, ast.Name) and call.func.id == "choose"
    ]  # fmt: skip
    assert pairs
    for pair in pairs:
        name = pair[0].removeprefix("cpu.")
        assert pair == [f"cpu.{name}", f"reference.{name}"]


HEAD = """
from salience.ops.devices import choose
from salience.ops.output_gate import cpu, reference
from salience.types import Floats, Ints

def f(x: Floats, ids: Ints) -> None:
"""
MISTAKES = {
    "an argument too few": "choose('op', None, cpu.forward, reference.forward)(x)",
    "one too many": "choose('op', None, cpu.forward, reference.forward)(x, x, x)",
    "of another kind": "choose('op', None, cpu.forward, reference.forward)(x, ids)",
    "a function that there is not": "choose('op', None, cpu.forwards, reference.forward)(x, x)",
    "another result": "z: Ints = choose('op', None, cpu.forward, reference.forward)(x, x)",
}
RIGHT = "y: Floats = choose('op', None, cpu.forward, reference.forward)(x, x)"


@runs_no_kernel
def test_mypy_sees_each_mistake(tmp_path):
    code = tmp_path / "mistakes.py"
    code.write_text(HEAD + "".join(f"    {line}\n" for line in (RIGHT, *MISTAKES.values())))
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", code]
    done = subprocess.run(
        [*command, "--cache-dir", tmp_path / "cache"], capture_output=True, text=True
    )
    first = HEAD.count("\n") + 1
    wrong = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    assert wrong == set(range(first + 1, first + 1 + len(MISTAKES))), done.stdout + done.stderr
