"""affine: y = x W' + b, which the encoder folds into its table once at load."""

from salience.ops import affine

from .common import WIDTHS, Benchmark, floats, pin

ROWS = 8192


class Affine(Benchmark):
    """Bound by arithmetic: the peer is OpenBLAS's product."""

    params = (WIDTHS,)
    param_names = ("width",)

    def setup(self, width):
        pin()
        self.x = floats(ROWS, width)
        self.weight = floats(width // 2, width, seed=1)
        self.bias = floats(width // 2, seed=2)
        self.time_affine()

    def time_affine(self, *_):
        return affine(self.x, self.weight, self.bias)

    def time_numpy_affine(self, *_):
        return self.x @ self.weight.T + self.bias
