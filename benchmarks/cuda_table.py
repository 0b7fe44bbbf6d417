"""A GPU's figures beside PyTorch's, in one table: `python -m benchmarks.cuda_table [a row]`.

A line is a row of benchmarks/gpu: the median of several samples, each of many calls
one after the other, by CUDA's events on the stream that all compute on. Below it are
the peers on the same arrays; a ratio above 1 says that we are faster, and "~" is
before the name of a peer that computes something else. The host's part is the time
until a call returns. Products are float32, also PyTorch's, where nothing else is said.
Last come the differences from the CPU's results. It takes less than three minutes.
"""

import subprocess
import sys
from time import perf_counter

from salience.cuda import faults

from .common import pin
from .gpu import ROWS, agreement, rows
from .gpu.machine import machine_here, version

AGREEMENT = rows.Size(encoded=64)
"""Of the encoder that is compared with the CPU's."""


def main(wanted=""):
    reason = faults.why_not()
    if reason:
        sys.exit(f"expected a GPU that can be used, but {reason}")
    pin()
    print_table(machine_here(), rows.Size(), AGREEMENT, agreement.cases(), wanted)


def print_table(machine, size, small, cases, wanted=""):
    begin = perf_counter()
    print(header(machine))
    reference = rows.reference(machine, size)
    print(f"a copy moves {reference.copy / 1e12:.2f} TB/s, read and written", end="")
    if reference.products:
        side = f"{size.reference:,}"
        print(
            f"; a product of {side} x {side} runs at {reference.products / 1e12:.1f} TFLOP/s",
            end="",
        )
    print(f"\n\n{'op':38} {'setting':38} {'ms':>9} {'host ms':>8} {'M/s':>9}  moved or computed")
    for name, make in ROWS.items():
        if wanted in name:
            print_row(name, make, machine, size, reference)
            machine.forget()
    print(f"\n{'op, forward and backprop':38} difference from the CPU, over the largest number")
    compared = {
        name: lambda case=case: agreement.compare(machine, *case) for name, case in cases.items()
    }
    compared["encoder"] = lambda: agreement.compare_encoder(machine, small)
    for name, compare in compared.items():
        if wanted in name:
            print_agreement(name, compare)
    print(f"\n{perf_counter() - begin:.0f} s")


def print_row(name, make, machine, size, reference):
    try:
        row = make(machine, size)
        ours = rows.take(machine, row.ours, row.wall)
    except Exception as error:
        print(f"{name:38} {failure(error)}", flush=True)
        return
    words, rate, share = rows.figures(row, ours.seconds, reference)
    print(
        f"{name:38} {row.setting:38} {ours.seconds * 1e3:9.3f} {ours.host * 1e3:8.3f} "
        f"{words:9.1f}  {'  '.join(filter(None, (rate, share, row.counts)))}".rstrip(),
        flush=True,
    )
    for peer, prepare in row.peers.items():
        machine.forget()
        print_peer(peer, prepare, machine, row, ours)


def print_peer(name, prepare, machine, row, ours):
    if prepare is None:
        print(f"  {name:75} no torch")
        return
    try:
        theirs = rows.take(machine, prepare(), row.wall)
    except Exception as error:
        print(f"  {name:75} {failure(error)}", flush=True)
        return
    print(
        f"  {name:75} {theirs.seconds * 1e3:9.3f} {theirs.host * 1e3:8.3f} "
        f"{row.words / theirs.seconds / 1e6:9.1f}  {theirs.seconds / ours.seconds:.2f} times ours",
        flush=True,
    )


def print_agreement(name, compare):
    try:
        difference, same = compare()
    except Exception as error:
        print(f"{name:38} {failure(error)}", flush=True)
        return
    bits = "the same bits again" if same else "OTHER BITS the second time"
    print(f"{name:38} {difference:.1e}  {bits}", flush=True)


def failure(error):
    """Say in a line why there is no figure: an op that is not written yet is not a fault."""
    line = " ".join(str(error).split())[:120]
    what = "not there" if isinstance(error, ImportError) else "failed"
    return f"{what}: {type(error).__name__}: {line}"


def header(machine):
    """The GPU and the versions of what its figures depend on."""
    from numba import cuda

    from salience.cuda.simulated import SIMULATED

    versions = ", ".join(
        f"{name} {version(name)}" for name in ("salience", "numba-cuda", "numba", "numpy", "torch")
    )
    if SIMULATED or machine.device == "cpu":
        return f"no GPU; {versions}"
    name = cuda.get_current_device().name
    name = name.decode() if isinstance(name, bytes) else name
    pairs = cuda.cudadrv.driver.driver.get_version(), cuda.runtime.get_version()
    for_driver, installed = (".".join(map(str, pair)) for pair in pairs)
    return (
        f"{name}, driver {driver()} for CUDA {for_driver}; CUDA {installed} of numba-cuda"
        f"{machine.cuda()}; {versions}"
    )


def driver():
    """The driver's version, by the tool that comes with it."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return told.split("\n")[0].strip()


if __name__ == "__main__":
    main(*sys.argv[1:2])
