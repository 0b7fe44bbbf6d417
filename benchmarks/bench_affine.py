"""affine: y = x W' + b, which the encoder folds into its table once at load."""

from salience.ops import affine, backprop_affine

from .common import WIDTHS, Benchmark, floats, pin
from .numpy_peers import affine_back
from .torch_peers import forward, gradients, torch, torch_peer

ROWS = 8192


class Affine(Benchmark):
    """Bound by arithmetic: the peers are the products of OpenBLAS and of PyTorch."""

    params = (WIDTHS,)
    param_names = ("width",)

    def setup(self, width):
        pin()
        self.words = ROWS
        self.arrays = (
            floats(ROWS, width),
            floats(width // 2, width, seed=1),
            floats(width // 2, seed=2),
        )
        self.d_y = floats(ROWS, width // 2, seed=3)
        self.time_affine_gradients()

    def time_affine(self, *_):
        return affine(*self.arrays)

    def time_affine_gradients(self, *_):
        return self.time_affine(), *backprop_affine(self.d_y, *self.arrays[:2])

    def time_numpy_affine(self, *_):
        x, weight, bias = self.arrays
        y = x @ weight.T
        y += bias
        return y

    def time_numpy_affine_gradients(self, *_):
        return self.time_numpy_affine(), *affine_back(self.d_y, *self.arrays[:2])

    @torch_peer
    def time_torch_affine(self, *_):
        return forward(torch.nn.functional.linear, *self.arrays)

    @torch_peer
    def time_torch_affine_gradients(self, *_):
        return gradients(torch.nn.functional.linear, (self.d_y,), *self.arrays)
