"""The GPU's table with few numbers: every row runs, and agrees with the CPU."""

import pytest
from benchmarks import bench_cuda, cuda_table
from benchmarks.gpu import ROWS, agreement
from benchmarks.gpu.machine import machine_here

from ...test_benchmarks import _as_it_was  # noqa: F401
from ...test_cuda_table import CASES, SMALL, quick, row_by_row  # noqa: F401


@row_by_row
def test_a_row_and_its_peers_run(name):
    row = ROWS[name](machine_here(), SMALL)
    assert row.ours() is not None
    for prepare in filter(None, row.peers.values()):
        assert prepare()() is not None


def test_asv_measures_a_row_and_its_peers(monkeypatch):
    monkeypatch.setattr(bench_cuda._Rows, "size", SMALL)
    ours, peers = bench_cuda.Ours(), bench_cuda.Peers()
    ours.setup("linear_recurrence")
    assert ours.track_ours() > 0
    peers.setup("encoder, host to host")
    assert peers.track_fastest() > 0


def test_asv_skips_peers_that_are_not_there(monkeypatch):
    monkeypatch.setattr(bench_cuda._Rows, "size", SMALL)
    with pytest.raises(NotImplementedError, match="nothing stands beside this row"):
        bench_cuda.Peers().setup("linear_recurrence, one document")


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
