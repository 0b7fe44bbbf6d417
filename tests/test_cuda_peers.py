"""PyTorch's ways beside the rows of the GPU's table compute what the rows do; on the CPU."""

import pytest
from benchmarks.gpu import ROWS, agreement
from benchmarks.gpu.machine import TorchMachine

from .test_cuda_table import SMALL, row_by_row

torch = pytest.importorskip("torch", reason="peers are PyTorch's")


@pytest.fixture
def machine():
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    yield TorchMachine("cpu")
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


@row_by_row
def test_peers_run_and_compute_the_same(name, machine):
    row = ROWS[name](machine, SMALL)
    ours = agreement.flat(row.ours())
    for peer, prepare in row.peers.items():
        theirs = prepare()()
        if peer.startswith("~") or name.startswith("encoder"):
            continue
        theirs = theirs if isinstance(theirs, tuple) else (theirs,)
        for mine, other in zip(ours, theirs, strict=True):
            if other is not None:
                other = machine.host(other).reshape(mine.shape)
                assert agreement.apart(mine, other) < 1e-5, peer
