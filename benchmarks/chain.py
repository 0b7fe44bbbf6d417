"""The encoder out of public ops, unfolded: W_x x + b and W_o x + b_o are done for every word."""

from itertools import pairwise

import numpy as np

from salience.ops import (
    affine,
    backprop_affine,
    backprop_bilinear_attention,
    backprop_fusion,
    backprop_linear_recurrence,
    backprop_output_gate,
    backprop_pooling,
    bilinear_attention,
    embedding_bags,
    fusion,
    linear_recurrence,
    output_gate,
    pooling,
    sparse_backprop_embedding_bags,
)

CHUNK = 1024


class Chain:
    """The weights of an encoder, as the ops take them."""

    def __init__(self, weights):
        tensors = weights.tensors
        self.table = tensors["table"]
        self.word_weights = tensors["word_weights"][:, None]
        self.affine = tensors["input_weight"], tensors["input_bias"]
        self.output = tensors["output_weight"], tensors["output_bias"]
        self.decay = tensors["decay"]
        self.attention = tensors["query"], tensors["key"]
        self.fusion = tensors["fusion_weight"], tensors["fusion_gate"]
        self.pool_query = tensors["pool_query"]
        self.window = weights.settings["window"]

    def encode(self, bags, starts):
        """In chunks of whole documents; returns what Encoder.encode_chunks does."""
        parts = []
        for first, last in chunks(starts):
            begin, end = starts[first], starts[last]
            of_bags = bags.starts[begin : end + 1]
            ids = bags.data[of_bags[0] : of_bags[-1]]
            steps = self.forward(ids, of_bags - of_bags[0], starts[first : last + 1] - begin)
            parts.append(steps[-4:])
        return parts

    def forward(self, ids, bag_starts, starts):
        """Return what each op says, up to v, s, r and d."""
        x = embedding_bags(self.table, ids, bag_starts)
        w = embedding_bags(self.word_weights, ids, bag_starts)[:, 0]
        u = affine(x, *self.affine)
        h, _ = linear_recurrence(u, self.decay, starts, direction="both")
        c, r = bilinear_attention(h, x, starts, *self.attention, window=self.window)
        o = affine(x, *self.output)
        y = output_gate(h, o)
        v = fusion(x, y, c, *self.fusion)
        s, d = pooling(v, self.pool_query, w, starts)
        return x, h, o, y, c, v, s, r, d

    def gradients(self, bags, starts, d_documents):
        """Of the whole batch at once, so that every op can divide it among threads."""
        x, h, o, y, c, v, s, r, d = self.forward(*bags, starts)
        d_v, d_pool, d_w = backprop_pooling(d_documents, s, v, self.pool_query, starts)
        d_y, d_c, *d_fusion = backprop_fusion(d_v, y, c, *self.fusion)
        d_h, d_o = backprop_output_gate(d_y, h, o)
        d_h_too, d_x, *d_attention = backprop_bilinear_attention(
            d_c, h, x, starts, *self.attention, window=self.window
        )
        d_h += d_h_too
        d_x += d_v
        d_u, d_decay, _ = backprop_linear_recurrence(d_h, h, self.decay, starts, direction="both")
        d_x_too, *d_affine = backprop_affine(d_u, x, self.affine[0])
        d_x += d_x_too
        d_x_too, *d_output = backprop_affine(d_o, x, self.output[0])
        d_x += d_x_too
        rows = len(self.table)
        return (
            (v, s, r, d),
            (d_pool, d_decay, *d_fusion, *d_attention, *d_affine, *d_output),
            sparse_backprop_embedding_bags(d_x, *bags, rows),
            sparse_backprop_embedding_bags(np.ascontiguousarray(d_w[:, None]), *bags, rows),
        )

    def flops(self, starts, folded):
        """Of the matrix products, for the whole batch; two for each multiplication and addition.

        Counted: W_x x and W_o x if not folded, Q h, K h, q'k and a x of the tokens that a token
        sees (its window, cut off where its document ends), and W_f y. Not counted: look-ups, the
        recurrence, gates, softmaxes, additions, and pooling's products with one vector.
        """
        rank, states = self.attention[0].shape[0] * self.attention[0].shape[1], len(self.decay)
        width, tokens = self.table.shape[1], int(starts[-1])
        a_word = 2 * rank * states + states * width + (0 if folded else 2 * width * states)
        return 2 * (tokens * a_word + seen(starts, self.window) * (rank + width))


def seen(starts, window):
    """How many pairs of tokens see each other, itself included."""
    total = 0
    for length in np.diff(starts).tolist():
        t = np.arange(length)
        low, high = np.maximum(t - window, 0), np.minimum(t + window, length - 1)
        total += int((high - low + 1).sum())
    return total


def chunks(starts):
    """Pairs (first, last) of whole documents of about CHUNK tokens."""
    ends = np.searchsorted(starts, np.arange(0, starts[-1], CHUNK))
    return list(pairwise([*dict.fromkeys(ends.tolist()), len(starts) - 1]))
