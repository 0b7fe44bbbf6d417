"""The GPU's table with few numbers: every row runs, and agrees with the CPU."""

import pytest
from benchmarks import bench_cuda, cuda_table
from benchmarks.gpu import ROWS, agreement
from benchmarks.gpu.machine import machine_here

from ...test_benchmarks import _as_it_was  # noqa: F401
from ...test_cuda_table import CASES, SMALL, quick, row_by_row  # noqa: F401

pytestmark = pytest.mark.gpu


@row_by_row
def test_a_row_runs_as_asv_runs_it(name, monkeypatch):
    monkeypatch.setattr(bench_cuda.Ours, "size", SMALL)
    benchmark = bench_cuda.Ours()
    benchmark.setup(name)
    assert benchmark.track_ours(name) > 0


@row_by_row
def test_its_peers_run_where_there_are_any_and_asv_skips_else(name, monkeypatch):
    monkeypatch.setattr(bench_cuda.Peers, "size", SMALL)
    benchmark = bench_cuda.Peers()
    if any(ROWS[name](machine_here(), SMALL).peers.values()):
        benchmark.setup(name)
        assert benchmark.track_fastest(name) > 0
    else:
        with pytest.raises(NotImplementedError, match="nothing stands beside this row"):
            benchmark.setup(name)


@pytest.mark.parametrize("name", CASES)
def test_an_op_agrees_with_the_cpu_and_has_the_same_bits_again(name):
    difference, same = agreement.compare(machine_here(), *CASES[name])
    assert difference < 1e-4
    assert same


def test_the_encoder_agrees_with_the_cpu_and_has_the_same_bits_again():
    difference, same = agreement.compare_encoder(machine_here(), SMALL)
    assert difference < 1e-4
    assert same


def test_the_table_is_printed(capsys):
    cuda_table.print_table(machine_here(), SMALL, SMALL, CASES, "linear_recurrence")
    header, reference, *lines = capsys.readouterr().out.splitlines()
    assert "numba-cuda" in header
    assert reference.startswith("a copy moves")
    names = [name for name in (*ROWS, *CASES) if "linear_recurrence" in name]
    printed = [line[:38].rstrip() for line in lines if line and line[0] == "l"]
    assert printed == names
    assert not any(word in line for word in ("failed", "not there") for line in lines)
