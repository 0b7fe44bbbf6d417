"""nn.RNN, nn.GRU and nn.LSTM over documents of different lengths, both ways, D -> 2 x H/2."""

import numpy as np

from .numpy_peers import Steps
from .torch_peers import Collect, Spread, forward, gradients, layout, torch


class Recurrent:
    """Packed: one call of the module. Buckets: padded, so each way is a call of its own.

    Where rows go is worked out beforehand, and so are the sizes; moving them is part of it.
    """

    def __init__(self, kind, x, starts, d_states, weights=None, **options):
        self.x, self.d_states = x, d_states
        self.module = module(kind, x.shape[1], d_states.shape[1] // 2, weights, **options)
        self.ways = one_way(self.module, "", **options), one_way(self.module, "_reverse", **options)
        steps = Steps(starts)
        self.order = torch.from_numpy(steps.forward)
        self.back = torch.from_numpy(np.argsort(steps.forward))
        self.sizes = torch.from_numpy(steps.sizes)
        self.layouts = [layout(starts, backward=way, steps_first=True) for way in (False, True)]
        names = ("weight_ih_l0", "bias_ih_l0", "weight_hh_l0")
        self.parameters = [
            getattr(self.module, name + way) for name in names for way in ("", "_reverse")
        ]

    def packed(self):
        return forward(self._packed, self.x)

    def packed_gradients(self):
        return self._gradients(self._packed)

    def buckets(self):
        return forward(self._buckets, self.x)

    def buckets_gradients(self):
        return self._gradients(self._buckets)

    def _packed(self, x, *_):
        data = Spread.apply(x, self.order, self.back)
        packed = torch.nn.utils.rnn.PackedSequence(data, self.sizes)
        return Collect.apply(self.module(packed)[0].data, self.back)

    def _buckets(self, x, *_):
        return torch.cat(
            [self._way(x, *way) for way in zip(self.ways, self.layouts, strict=True)], 1
        )

    def _way(self, x, way, places):
        padded = Spread.apply(x, places.order, places.back)
        parts = [way(bucket)[0].flatten(0, 1) for bucket in places.buckets(padded)]
        return Collect.apply(torch.cat(parts), places.back)

    def _gradients(self, function):
        """States, d_x, d_W_x, d_b and d_W_h, shaped as ours; of LSTM and GRU, with all gates."""
        arrays = gradients(function, (self.d_states,), self.x, *self.parameters)
        states, d_x, *rest = arrays
        d_weight, d_bias, d_recurrent = (np.stack(rest[i : i + 2]) for i in (0, 2, 4))
        return states, d_x, d_weight.reshape(-1, d_x.shape[1]), d_bias.ravel(), d_recurrent


def module(kind, width, half, weights, **options):
    torch.manual_seed(0)
    made = getattr(torch.nn, kind)(width, half, bidirectional=True, **options)
    with torch.no_grad():
        for number, way in enumerate(("", "_reverse")):
            # A second bias says nothing new: it is zeros, and nobody asks for its gradient.
            getattr(made, "bias_hh_l0" + way).zero_().requires_grad_(False)
            if weights:
                rows = slice(number * half, (number + 1) * half)
                weight, bias, recurrent = map(torch.from_numpy, weights)
                getattr(made, "weight_ih_l0" + way).copy_(weight[rows])
                getattr(made, "bias_ih_l0" + way).copy_(bias[rows])
                getattr(made, "weight_hh_l0" + way).copy_(recurrent[number])
    return made


def one_way(both, way, **options):
    """One direction of a module, with the very same parameters."""
    made = type(both)(both.input_size, both.hidden_size, **options)
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
        setattr(made, name, getattr(both, name + way))
    return made
