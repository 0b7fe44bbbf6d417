"""bilinear_attention: a = softmax(h W_a h') and c = a x, bound by arithmetic."""

from salience.ops import (
    backprop_bilinear_attention,
    backprop_step_attention,
    bilinear_attention,
    step_attention,
)

from .common import DOCUMENTS, TOKENS, WIDTHS, Benchmark, floats, pin, starts_of
from .numpy_peers import numpy_attention, numpy_step_attention
from .torch_documents import TorchAttention
from .torch_peers import forward, gradients, torch, torch_peer

RANK = 64


class Window(Benchmark):
    """With a window the cost of a word does not grow with its document."""

    params = (DOCUMENTS, WIDTHS)
    param_names = ("documents", "width")
    window = 32

    def setup(self, documents, width):
        pin()
        self.starts = starts_of(documents, TOKENS)
        self.words = int(self.starts[-1])
        self.arrays = arrays(self.starts, width, width // 2, heads=1, rank=RANK)
        self.d_context = floats(self.words, width, seed=4)
        self.time_attention_gradients()

    def time_attention(self, *_):
        return bilinear_attention(*self.arrays, window=self.window)

    def time_attention_gradients(self, *_):
        d_arrays = backprop_bilinear_attention(self.d_context, *self.arrays, window=self.window)
        return *self.time_attention(), *d_arrays

    def time_numpy_attention(self, *_):
        return numpy_attention(*self.arrays, self.window)


class Whole(Benchmark):
    """Without a window it does. Of the peers in PyTorch only the explicit ones say r, as we do."""

    params = (DOCUMENTS, WIDTHS, (1, 4))
    param_names = ("documents", "width", "heads")

    def setup(self, documents, width, heads):
        pin()
        self.starts = starts_of(documents, TOKENS)
        self.words = int(self.starts[-1])
        self.arrays = self.make(width, heads)
        self.d_context = floats(self.words, width, seed=4)
        self.time_attention_gradients()
        if torch:
            self.torch = TorchAttention(self.starts, heads)

    def make(self, width, heads):
        return arrays(self.starts, width, width // 2, heads, RANK)

    def time_attention(self, *_):
        return bilinear_attention(*self.arrays)

    def time_attention_gradients(self, *_):
        d_arrays = backprop_bilinear_attention(self.d_context, *self.arrays)
        return *self.time_attention(), *(d for d in d_arrays if d is not None)

    def time_numpy_attention(self, *_):
        return numpy_attention(*self.arrays, None)

    @torch_peer
    def time_torch_loop_attention(self, *_):
        return forward(self.torch.loop, *self._floats())

    @torch_peer
    def time_torch_loop_attention_gradients(self, *_):
        return self._gradients(self.torch.loop)

    @torch_peer
    def time_torch_flash_attention(self, *_):
        return forward(self.torch.flash, *self._floats())

    @torch_peer
    def time_torch_flash_attention_gradients(self, *_):
        return self._gradients(self.torch.flash)

    @torch_peer
    def time_torch_explicit_attention(self, *_):
        return forward(self.torch.explicit, *self._floats())

    @torch_peer
    def time_torch_explicit_attention_gradients(self, *_):
        return self._gradients(self.torch.explicit)

    @torch_peer
    def time_torch_buckets_attention(self, *_):
        return forward(self.torch.buckets, *self._floats())

    @torch_peer
    def time_torch_buckets_attention_gradients(self, *_):
        return self._gradients(self.torch.buckets)

    def _floats(self):
        return [array for array in (*self.arrays[:2], *self.arrays[3:]) if array is not None]

    def _gradients(self, function):
        return gradients(function, (self.d_context, None), *self._floats())


class Full(Whole):
    """A full W_a, of rank D: one product, for us and for the peers."""

    params = (DOCUMENTS, WIDTHS, (1,))

    def make(self, width, heads):
        states, values, starts, query, _ = arrays(self.starts, width, width, heads, width)
        return states, values, starts, query, None


class Step(Benchmark):
    """step_attention: what of its attention each token keeps."""

    params = (DOCUMENTS, WIDTHS)
    param_names = ("documents", "states")

    def setup(self, documents, states):
        pin()
        self.starts = starts_of(documents, TOKENS)
        self.words = int(self.starts[-1])
        self.states, _, _, self.query, self.key = arrays(self.starts, 1, states, 1, RANK)
        self.d_weights = floats(self.words, seed=4)
        self.arrays = self.states, self.starts, self.query, self.key
        self.time_step_gradients()
        if torch:
            self.torch = TorchAttention(self.starts, heads=1)

    def time_step(self, *_):
        return step_attention(*self.arrays)

    def time_step_gradients(self, *_):
        return self.time_step(), *backprop_step_attention(self.d_weights, *self.arrays)

    def time_numpy_step(self, *_):
        return numpy_step_attention(*self.arrays)

    @torch_peer
    def time_torch_loop_step(self, *_):
        return forward(self.torch.own, self.states, self.query, self.key)

    @torch_peer
    def time_torch_loop_step_gradients(self, *_):
        return gradients(self.torch.own, (self.d_weights,), self.states, self.query, self.key)


def arrays(starts, width, states, heads, rank):
    """States, values, starts, query and key of bilinear_attention, with logits of about 1."""
    tokens, scale = int(starts[-1]), (states**2 * rank) ** -0.25
    return (
        floats(tokens, states),
        floats(tokens, width, seed=1),
        starts,
        floats(heads, rank, states, seed=2, scale=scale),
        floats(heads, rank, states, seed=3, scale=scale),
    )
