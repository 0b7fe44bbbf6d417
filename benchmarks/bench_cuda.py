"""The rows of benchmarks/gpu, for asv; it skips them where no GPU can be used."""

from salience.cuda import faults

from .common import Benchmark, pin
from .gpu import ROWS, rows
from .gpu.machine import machine_here


class _Rows(Benchmark):
    """By CUDA's events: asv's own clock would stop before the GPU does."""

    params = (tuple(ROWS),)
    param_names = ("row",)
    unit = "ms"
    size = rows.Size()

    def setup(self, row):
        reason = faults.why_not()
        if reason:
            raise NotImplementedError(f"expected a GPU that can be used, but {reason}")
        pin()
        self.machine = machine_here()
        self.row = ROWS[row](self.machine, self.size)

    def milliseconds(self, call):
        return 1e3 * rows.take(self.machine, call, self.row.wall).seconds


class Ours(_Rows):
    def track_ours(self, *_):
        return self.milliseconds(self.row.ours)


class Peers(_Rows):
    """The fastest of those that stand beside a row; what it computes, cuda_table says."""

    def setup(self, row):
        super().setup(row)
        if not any(self.row.peers.values()):
            raise NotImplementedError("nothing stands beside this row, or PyTorch is missing")

    def track_fastest(self, *_):
        return min(self.milliseconds(prepare()) for prepare in self.row.peers.values())
