"""PyTorch's ways on tensors that are there already; results stay there.

Peers run without gradients where ours runs forward; else by autograd, of all their arrays.
"""

from functools import partial

from ..torch_documents import TorchAttention
from ..torch_peers import Layout, derived, torch


def forward(function, *tensors):
    """Return a call of the function as inference has it."""

    def call():
        with torch.no_grad():
            return function(*tensors)

    return call


def gradients(function, d_outputs, *tensors, parameters=()):
    """Return a call of the function and of its gradients, those of the tensors first."""
    # Views, so that the tensors themselves stay what other rows can read.
    leaves = [tensor.detach() for tensor in tensors]
    return partial(derived, function, d_outputs, *leaves, *parameters)


def as_kind(kind, *tensors):
    """Return the tensors as float32, bfloat16 or alike."""
    return [tensor.to(getattr(torch, kind)) for tensor in tensors]


def backward(function, d_output, tensor, *, finish=lambda d: d):
    """Return a call of the gradient alone, of a function that has already run."""
    leaf = tensor.detach().requires_grad_()
    output = function(leaf)
    return lambda: finish(torch.autograd.grad(output, leaf, d_output, retain_graph=True)[0])


def rows_of(d_table):
    """A sparse gradient as ours: the rows that have one, and their gradients."""
    d_table = d_table.coalesce()
    return d_table._indices()[0], d_table._values()


def recurrent(kind, xs, ds=(), weights=None, tf32=False):
    """Return a call of nn.RNN, nn.GRU or nn.LSTM over each x [T, B, D]; as many states.

    With ds, dL/dh [T, B, H] of each, forward and backward: all states, then of all
    the d_x, and d_W_x, d_b and d_W_h.
    tf32: let cuDNN round factors to ten bits, as PyTorch does unless told otherwise.
    """
    torch.manual_seed(0)
    width = xs[0].shape[2]
    module = getattr(torch.nn, kind)(width, width).to(xs[0].device)
    module.bias_hh_l0.data.zero_()
    parameters = module.weight_ih_l0, module.bias_ih_l0, module.weight_hh_l0
    for parameter, value in zip(parameters, weights or parameters, strict=True):
        parameter.data.copy_(value)

    def run(*given):
        return tuple(module(x)[0] for x in given[: len(xs)])

    if ds:
        call = gradients(run, ds, *xs, parameters=parameters)
    else:
        module.eval()  # in training cuDNN keeps more
        call = forward(run, *xs)
    return in_tf32(call) if tf32 else call


def in_tf32(call):
    def rounded():
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=True):
            return call()

    return rounded


class Attention(TorchAttention):
    """scaled_dot_product_attention in padded buckets, or over nested tensors; maybe in a window."""

    def __init__(self, starts, heads, device, window=None):
        super().__init__(starts, heads)
        if window is not None:
            buckets = zip(self.layout.masks, self.layout.shapes, strict=True)
            self.seen = [_band(mask, shape, window) for mask, shape in buckets]
        self.seen = [None if seen is None else _added(seen) for seen in self.seen]
        self.starts = torch.from_numpy(starts)
        self.ends = {"min_seqlen": min(self.lengths), "max_seqlen": max(self.lengths)}
        move(self, device)

    def nested(self, states, values, query, key):
        parts = map(self._nest, self._project(states, values, query, key))
        context = torch.nn.functional.scaled_dot_product_attention(*parts, scale=1.0)
        return context.transpose(1, 2).values().flatten(1), None

    def _nest(self, rows):
        nest = torch.nested.nested_tensor_from_jagged
        return nest(rows, self.starts, **self.ends).transpose(1, 2)


def _band(mask, shape, window):
    """True where a token sees another [documents, 1, T, T]; padding sees itself alone."""
    steps = torch.arange(shape[1])
    apart = (steps[:, None] - steps).abs()
    tokens = torch.ones(shape, dtype=torch.bool) if mask is None else mask
    return ((apart <= window) & tokens[:, None] | (apart == 0))[:, None]


def _added(seen):
    """What is added to the logits, which spares making it of a mask in every call."""
    return torch.zeros(seen.shape).masked_fill_(~seen, -torch.inf)


def move(peer, device):
    """Put all that a peer worked out beforehand on the device."""
    for name, value in vars(peer).items():
        setattr(peer, name, _moved(value, device))
    return peer


def _moved(value, device):
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if isinstance(value, Layout):
        return Layout(*(_moved(part, device) for part in value))
    if isinstance(value, list):
        return [_moved(each, device) for each in value]
    return value


def in_blocks(function, a, b, rows):
    """Apply a function to so many rows of a at a time, and put the results together."""
    parts = zip(*(function(block, b) for block in a.split(rows)), strict=True)
    return tuple(map(torch.cat, parts))
