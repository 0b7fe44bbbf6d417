"""What the GPU's table counts and prints; every row on the CPU."""

from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks import bench_cuda, cuda_table
from benchmarks.gpu import ROWS, agreement, attention, machine, rows

from salience import ops
from salience.testing import random_starts

from .test_structure import OPS

SMALL = rows.Size(
    documents=2, steps=5, states=4, dense_states=4, long=9, tokens=11, table=7, width=8, texts=2,
    attended=2, shortest=2, longest=6, heads=2, rank=4, window=2, side=6, collection=13,
    nearest=3, encoded=1, words=20, reference=8,
)  # fmt: skip
CASES = agreement.cases(documents=2, longest=5, width=16, heads=1, rank=4, rows=20)
N, L2 = 4096 * 512, 50 << 20
row_by_row = pytest.mark.parametrize("name", ROWS)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """One sample of one call."""
    for name, value in {"WARM": 0, "SAMPLES": 1, "FEWEST": 1, "LEAST": 0}.items():
        monkeypatch.setattr(rows, name, value)


class Weightless(machine.Machine):
    """Arrays of the real size that take no memory."""

    def floats(self, *shape, seed=0, scale=1.0):
        return np.broadcast_to(np.float32(0), shape)


@row_by_row
def test_a_row_runs(name):
    here = machine.Machine()
    row = ROWS[name](here, SMALL)
    seconds, host = rows.take(here, row.ours, row.wall)
    assert seconds > 0
    assert host > 0
    assert bool(row.moved) + bool(row.flops) == (not name.startswith("encoder"))
    assert bool(row.counts) == bool(row.moved or row.flops)


@pytest.mark.parametrize(
    ("name", "moved"),
    [
        ("linear_recurrence", 2 * N * 256 * 4),
        ("linear_recurrence + backprop", 5 * N * 256 * 4),
        ("linear_recurrence, one document", 2 * 1_000_000 * 256 * 4),
        ("gated_recurrence", 3 * N * 256 * 4),
        ("gated_recurrence + backprop", 9 * N * 256 * 4),
        ("gated_recurrence, one document", 3 * 1_000_000 * 256 * 4),
        ("embedding", 2**20 * (8 + 2 * 1024)),
        ("embedding, dense backprop", 2**20 * (8 + 1024) + 1_000_000 * 1024),
        ("cosine_pairs", 2**20 * (2 * 1024 + 4)),
        ("cosine_pairs + backprop", 2**20 * (6 * 1024 + 2 * 4)),
    ],
)
def test_bytes_that_must_move(name, moved):
    assert ROWS[name](Weightless(), rows.Size()).moved == moved


def test_bytes_of_bags_follow_their_ids():
    setting, *_, moved, flops, _, _ = ROWS["embedding_bags"](Weightless(), rows.Size())
    ids = int(setting.split()[0].replace(",", ""))
    assert moved == ids * (8 + 1024) + 2**20 * 1024 + (2**20 + 1) * 8
    assert flops == 0


def test_bytes_of_a_sparse_gradient_are_of_the_rows_it_names():
    ids = np.random.default_rng(0).integers(0, SMALL.table, SMALL.tokens)
    row, named = ROWS["embedding, sparse backprop"](machine.Machine(), SMALL), len(set(ids))
    assert named < SMALL.table
    assert row.moved == SMALL.tokens * (8 * 4 + 8) + named * (8 * 4 + 8)


@pytest.mark.parametrize(
    ("name", "flops"),
    [
        ("tanh_recurrence", 2 * N * 128 * 128),
        ("affine + tanh_recurrence + backprop", 12 * N * 128 * 128),
        ("affine", 2 * 2**20 * 256 * 256),
        ("cosine_matrix", 2 * 16384**2 * 256),
        ("cosine_top_k", 2 * 16384 * 100_000 * 256),
    ],
)
def test_products_are_counted_as_multiplications_and_additions(name, flops):
    assert ROWS[name](Weightless(), rows.Size()).flops == flops


@pytest.mark.parametrize("window", [None, 2])
def test_the_products_of_attention_are_of_the_pairs_that_see_each_other(window):
    lengths = [2, 6]
    pairs = sum(
        window is None or abs(t - i) <= window for n in lengths for t in range(n) for i in range(n)
    )
    heads, rank, states, width = SMALL.heads, SMALL.rank, SMALL.width // 2, SMALL.width
    want = 2 * sum(lengths) * 2 * heads * rank * states + 2 * pairs * (heads * rank + width)
    assert attention.flops(random_starts(lengths), SMALL, window) == want
    name = "bilinear_attention" + ("" if window is None else ", window")
    assert ROWS[name](machine.Machine(), SMALL).flops == want
    assert ROWS[name + " + backprop"](machine.Machine(), SMALL).flops == 3 * want


@row_by_row
def test_no_cache_holds_what_a_row_moves(name):
    moved = ROWS[name](Weightless(), rows.Size()).moved
    assert moved == 0 or moved >= 10 * L2


def test_figures_are_rates_and_shares():
    limits = rows.Reference(copy=3e12, products=None)
    row = rows.Row("", words=2_000_000, ours=None, peers={}, moved=3_000_000_000)
    assert rows.figures(row, 0.002, limits) == (1000, "1.50 TB/s", "50% of copy")
    row = row._replace(moved=0, flops=10**11)
    assert rows.figures(row, 0.002, limits) == (1000, "50.00 TFLOP/s", "")
    limits = limits._replace(products=1e14)
    assert rows.figures(row, 0.002, limits) == (1000, "50.00 TFLOP/s", "50% of product")
    assert rows.figures(row._replace(flops=0), 0.002, limits) == (1000, "", "")


def test_the_table_goes_on_after_a_row_that_fails(monkeypatch, capsys):
    def missing(*_):
        raise ModuleNotFoundError("no such op")

    def broken(*_):
        raise ValueError("it broke\n and says more")

    monkeypatch.setattr(cuda_table, "ROWS", {"a": missing, "b": broken, "c": ROWS["affine"]})
    cuda_table.print_table(machine.Machine(), SMALL, SMALL, {"d": (broken, ())})
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line}
    assert "not there: ModuleNotFoundError: no such op" in lines["a"]
    assert "failed: ValueError: it broke and says more" in lines["b"]
    assert "2 N D D" in lines["c"]
    assert "no torch" in lines["F.linear"]
    assert "failed: ValueError" in lines["d"]
    assert "0.0e+00  the same bits again" in lines["encoder"]


def test_a_part_of_the_table_is_asked_for_by_its_name(capsys):
    cuda_table.print_table(machine.Machine(), SMALL, SMALL, CASES, "cosine")
    first = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line]
    assert first.count("cosine_pairs") == 3
    assert "affine" not in first


def test_without_a_gpu_the_table_says_why(monkeypatch):
    monkeypatch.setattr(cuda_table.faults, "why_not", lambda: "there is none")
    with pytest.raises(SystemExit, match="but there is none"):
        cuda_table.main()


@pytest.mark.parametrize("benchmark", [bench_cuda.Ours, bench_cuda.Peers])
def test_without_a_gpu_asv_skips(monkeypatch, benchmark):
    monkeypatch.setattr(bench_cuda.faults, "why_not", lambda: "there is none")
    with pytest.raises(NotImplementedError, match="but there is none"):
        benchmark().setup("affine")


def test_every_op_is_compared_with_the_cpu():
    names = {name.split(",")[0] for name in CASES}
    assert {getattr(ops, name).__module__.split(".")[2] for name in names} == set(OPS)


def test_a_difference_is_noticed_and_other_bits_too():
    ones = np.ones(3, np.float32)
    runs = iter([np.float32(4), np.float32(5), np.float32(4)])
    here = machine.Machine()
    assert agreement.compare(here, lambda x: x * next(runs), [ones]) == (0.25, False)
    assert agreement.compare(here, lambda x: (x, None), [ones]) == (0, True)


def test_versions_of_packages_that_are_there_and_are_not():
    assert machine.version("numpy") == np.__version__
    assert machine.version("no-such-package") == "none"


def test_the_driver_says_its_version_or_nothing(monkeypatch):
    told = SimpleNamespace(stdout="580.159.04\n580.159.04\n")
    monkeypatch.setattr(cuda_table.subprocess, "run", lambda *_, **__: told)
    assert cuda_table.driver() == "580.159.04"

    def none(*_, **__):
        raise FileNotFoundError("nvidia-smi")

    monkeypatch.setattr(cuda_table.subprocess, "run", none)
    assert cuda_table.driver() == "unknown"
