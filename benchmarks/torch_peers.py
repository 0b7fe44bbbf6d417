"""PyTorch as a peer of our ops, on one thread. Where it is not installed there are no such peers.

A peer is a plain function of tensors. `forward` runs it as inference does, and
`gradients` as training does, by autograd, of all its arrays. Both take NumPy
arrays and return such; neither way is anything copied.

Nested jagged tensors are no peers: of PyTorch 2.13, on a CPU, attention over
the ragged set takes 25 times as long with them as in a loop over documents.
"""

from typing import NamedTuple

import numpy as np

try:
    import torch
except ImportError:
    torch = None

Function = torch.autograd.Function if torch else object


def torch_peer(method):
    """Keep the method where PyTorch is installed; elsewhere the class has none."""
    return method if torch else None


def pin():
    if torch:
        torch.set_num_threads(1)


def forward(function, *arrays):
    with torch.inference_mode():
        return _arrays(function(*map(tensor, arrays)))


def gradients(function, d_outputs, *arrays):
    """Return the outputs, and the gradients of all arrays, as derived does, as NumPy arrays."""
    return _arrays(derived(function, d_outputs, *arrays))


def derived(function, d_outputs, *arrays):
    """Return the outputs, and the gradients of all arrays (as arrays, or tensors that have one).

    Args:
        function: of the tensors; returns one tensor, or several.
        d_outputs: upstream, one array for each output; None where none comes.
        arrays: NumPy arrays, or tensors that require a gradient.
    """
    leaves = [tensor(array).requires_grad_() for array in arrays]
    outputs = _tuple(function(*leaves))
    given = [(y, tensor(d)) for y, d in zip(outputs, d_outputs, strict=True) if d is not None]
    y, d_y = zip(*given, strict=True)
    return *outputs, *torch.autograd.grad(y, leaves, d_y)


def sparse_gradients(function, d_output, table, coalesce=True):
    """Return the output, the rows of the table that have a gradient, and their gradients."""
    leaf = tensor(table).requires_grad_()
    output = function(leaf)
    (d_table,) = torch.autograd.grad(output, leaf, tensor(d_output))
    d_table = d_table.coalesce() if coalesce else d_table
    return _arrays((output, d_table._indices()[0], d_table._values()))


def tensor(array):
    return torch.from_numpy(array) if isinstance(array, np.ndarray) else array


class Layout(NamedTuple):
    """Where the rows of a batch are in a padded one, whose buckets lie end to end.

    order [P]: the row of each place; any row where there is padding.
    back [N]: the place of each row.
    shapes: of each bucket, (documents, longest).
    masks: of each bucket, true where a token is [documents, longest]; None if everywhere.
    """

    order: "torch.Tensor"
    back: "torch.Tensor"
    shapes: list[tuple[int, int]]
    masks: "list[torch.Tensor | None]"

    def buckets(self, padded):
        """Divide rows [P, ...] into buckets [documents, longest, ...]."""
        parts = padded.split([documents * longest for documents, longest in self.shapes])
        pairs = zip(parts, self.shapes, strict=True)
        return [part.unflatten(0, shape) for part, shape in pairs]


def layout(starts, *, tightest=0.75, backward=False, steps_first=False):
    """Put documents into buckets, so that in none the shortest is below `tightest` of the longest.

    Args:
        starts: where documents begin.
        tightest: 1 for buckets of equal lengths.
        backward: each document's last token comes first.
        steps_first: buckets are [longest, documents], as recurrent networks want them.
    """
    lengths = np.diff(starts)
    order, shapes, masks = [], [], []
    for documents in _alike(lengths, tightest):
        steps = np.arange(lengths[documents].max())
        mask = steps < lengths[documents][:, None]
        begin, sign = (starts[1:] - 1, -1) if backward else (starts[:-1], 1)
        rows = np.where(mask, begin[documents][:, None] + sign * steps, -1)
        shapes.append(rows.shape[::-1] if steps_first else rows.shape)
        masks.append(None if mask.all() else torch.from_numpy(mask))
        order.append((rows.T if steps_first else rows).ravel())
    order = np.concatenate(order)
    back = np.argsort(order, kind="stable")[-starts[-1] :]
    return Layout(torch.from_numpy(np.maximum(order, 0)), torch.from_numpy(back), shapes, masks)


class Spread(Function):
    """Rows [N, ...] to padded ones [P, ...], whose padding must have no gradient.

    Plain indexing gives the same, but adds row by row on its way back.
    """

    @staticmethod
    def forward(ctx, rows, order, back):
        ctx.save_for_backward(back)
        return rows.index_select(0, order)

    @staticmethod
    def backward(ctx, d_padded):
        return d_padded.index_select(0, *ctx.saved_tensors), None, None


class Collect(Function):
    """Padded rows [P, ...] to those that are tokens [N, ...]."""

    @staticmethod
    def forward(ctx, padded, back):
        ctx.save_for_backward(back)
        ctx.shape = padded.shape
        return padded.index_select(0, back)

    @staticmethod
    def backward(ctx, d_rows):
        return d_rows.new_zeros(ctx.shape).index_copy_(0, *ctx.saved_tensors, d_rows), None


def _alike(lengths, tightest):
    """Documents of about the same length, the longest first."""
    buckets = []
    for document in np.argsort(-lengths, kind="stable"):
        if not buckets or lengths[document] < tightest * lengths[buckets[-1][0]]:
            buckets.append([])
        buckets[-1].append(document)
    return buckets


def _tuple(result):
    return result if isinstance(result, tuple) else (result,)


def _arrays(result):
    """None stays: what a peer does not compute."""
    arrays = tuple(None if each is None else each.detach().numpy() for each in _tuple(result))
    return arrays if isinstance(result, tuple) else arrays[0]
