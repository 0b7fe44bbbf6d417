"""An encoder as one writes it in PyTorch, in float64, judges outputs and all gradients."""

from itertools import pairwise, product

import numpy as np
import pytest
from thinc.api import fix_random_seed

from salience.layers.context import ContextEncoder, Repeated
from salience.model.settings import BlockSettings, Settings
from salience.testing import random_floats, random_starts
from salience.types import Batch

from .examples import CELLS, FUSIONS, stirred
from .formulas import gradients_of, key, parameters_of

torch = pytest.importorskip("torch", reason="PyTorch is the judge, and is never required")

WIDTH, RANK, LENGTHS = 8, 3, [5, 0, 1, 12, 0]
STARTS = random_starts(LENGTHS)


class Twin:
    """The encoder with the layer's own parameters, one document at a time."""

    def __init__(self, layer):
        self.layer = layer
        self.leaves = {
            name: torch.tensor(value, requires_grad=True)
            for name, value in parameters_of(layer).items()
        }

    def of(self, node, name):
        return self.leaves[key(node, name)]

    def affine(self, node, x):
        return torch.nn.functional.linear(x, self.of(node, "W"), self.of(node, "b"))

    def states(self, node, u):
        """Two ways, each a list of states; the second over the reversed tokens."""
        ways = []
        for way in (0, 1):
            columns = slice(way * WIDTH // 2, (way + 1) * WIDTH // 2)
            tokens = u.flip(0) if way else u
            h, states = torch.zeros(WIDTH // 2, dtype=torch.float64), []
            for row in tokens:
                h = self.step(node, h, row, way, columns)
                states.append(h)
            ways.append(torch.stack(states[::-1] if way else states))
        return torch.cat(ways, dim=1)

    def step(self, node, h, row, way, columns):
        if node.name == "linear_recurrence":
            return h * torch.sigmoid(self.of(node, "w"))[columns] + row[columns]
        if node.name == "tanh_recurrence":
            return torch.tanh(row[columns] + self.of(node, "W")[way] @ h)
        gate = torch.sigmoid(row[WIDTH:][columns])
        return gate * h + (1 - gate) * row[:WIDTH][columns]

    def attention(self, node, h, x):
        queries, keys = (torch.einsum("td,hrd->htr", h, self.of(node, each)) for each in "QK")
        logits, window = queries @ keys.transpose(1, 2), node.attrs["window"]
        if window is not None:
            places = torch.arange(len(h))
            far = (places[:, None] - places).abs() > window
            logits = logits.masked_fill(far, -torch.inf)
        a = torch.softmax(logits, dim=2)
        values = x.reshape(len(x), len(a), -1).transpose(0, 1)
        return (a @ values).transpose(0, 1).reshape(x.shape), a.mean(dim=(0, 1))

    def block(self, node, x):
        inputs, cell, fuse, attend, *gate = node.layers
        h = self.states(cell, self.affine(inputs, x))
        c, received = self.attention(attend, h, x)
        if gate:
            h = torch.sigmoid(self.affine(gate[0], x)) * h
        if fuse.name == "gate_fusion":
            return x + h @ self.of(fuse, "W").T + self.of(fuse, "g") * c, received
        return x + torch.tanh(self.affine(fuse, torch.cat([x, h, c], dim=1))), received

    def __call__(self, x):
        vectors, received = [], []
        for first, last in pairwise(STARTS):
            if first == last:
                continue
            v = x[first:last]
            for block in self.layer.layers[1:]:
                v, r = self.block(block, v)
            vectors.append(v)
            received.append(r)
        return torch.cat(vectors), torch.cat(received)


def agree(got, want, tolerance, name=""):
    want = want.detach().numpy()
    scale = max(np.abs(want).max(), 1e-3)
    np.testing.assert_allclose(got / scale, want / scale, rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("gate", [False, True])
@pytest.mark.parametrize("window", [None, 3])
@pytest.mark.parametrize(("cell", "fusion", "heads"), list(product(CELLS, FUSIONS, (1, 2))))
def test_outputs_and_gradients_are_those_of_autograd(cell, fusion, heads, window, gate):
    block = BlockSettings(WIDTH, cell, gate, heads, RANK, window, fusion=fusion)
    layer = ContextEncoder(Settings(WIDTH, (block, block)))
    fix_random_seed(0)
    layer.initialize()
    stirred(layer)
    twin, x = Twin(layer), random_floats(STARTS[-1], WIDTH, seed=1)
    leaf = torch.tensor(x.astype(np.float64), requires_grad=True)
    want, want_received = twin(leaf)
    (v, received), backprop = layer.begin_update(Repeated(x, np.arange(len(x)), STARTS))
    agree(v.data, want, 1e-5)
    agree(received, want_received, 1e-5)

    d_v = random_floats(*x.shape, seed=2)
    (want * torch.tensor(d_v)).sum().backward()
    agree(backprop(Batch(d_v, STARTS)), leaf.grad, 1e-3)
    for name, gradient in gradients_of(layer).items():
        agree(gradient, twin.leaves[name].grad, 1e-3, name)
