"""Attention and pooling in PyTorch over documents of different lengths.

Where rows go is worked out beforehand, and so are masks; moving rows is part of the work.
"""

import numpy as np

from .torch_peers import Collect, Spread, layout, torch


class TorchAttention:
    """q = Q h, k = K h, and softmax(q k') x of every document.

    With scaled_dot_product_attention, which does not say how much attention a
    token receives; or with the products and the softmax written out, which does.
    """

    def __init__(self, starts, heads):
        self.heads = heads
        self.lengths = np.diff(starts).tolist()
        self.layout = layout(starts)
        self.seen = [None if mask is None else mask[:, None, None] for mask in self.layout.masks]

    def loop(self, states, values, query, key=None):
        return torch.cat(self._each(attend, states, values, query, key)).flatten(1), None

    def flash(self, states, values, query, key=None):
        """The same by the kernel that never forms all scores: it wants q, k and x equally wide."""
        parts = self._each(attend_equally_wide, states, values, query, key)
        return torch.cat(parts).flatten(1), None

    def explicit(self, states, values, query, key=None):
        parts = self._each(attend_explicitly, states, values, query, key)
        contexts, received = zip(*parts, strict=True)
        return torch.cat(contexts).flatten(1), torch.cat(received)

    def buckets(self, states, values, query, key=None):
        places, contexts = self.layout, []
        states, values = (Spread.apply(x, places.order, places.back) for x in (states, values))
        parts = [places.buckets(part) for part in self._project(states, values, query, key)]
        for q, k, v, seen in zip(*parts, self.seen, strict=True):
            context = attend(q, k, v, mask=seen, documents=2)
            contexts.append(context.flatten(0, 1).flatten(1))
        return Collect.apply(torch.cat(contexts), places.back), None

    def own(self, states, query, key):
        """The weight of each token for itself, document by document."""
        parts = zip(
            *(x.split(self.lengths) for x in self._queries(states, query, key)), strict=True
        )
        return torch.cat([own_weights(q.transpose(0, 1), k.transpose(0, 1)) for q, k in parts])

    def _each(self, function, *arrays):
        parts = (part.split(self.lengths) for part in self._project(*arrays))
        return [function(*qkv) for qkv in zip(*parts, strict=True)]

    def _project(self, states, values, query, key):
        return *self._queries(states, query, key), values.unflatten(1, (self.heads, -1))

    def _queries(self, states, query, key):
        """[N, heads, R] of each; without a key, that of a full W_a are the states."""
        q = torch.nn.functional.linear(states, query.flatten(0, 1))
        k = states if key is None else torch.nn.functional.linear(states, key.flatten(0, 1))
        return q.unflatten(1, (self.heads, -1)), k.unflatten(1, (self.heads, -1))


def attend(q, k, v, mask=None, documents=1):
    """Rows [T, heads, ...] of one document, or [documents, T, heads, ...] of several."""
    q, k, v = (x.transpose(-3, -2) for x in (q, k, v))
    if documents == 1:  # only with four dimensions are there kernels that fuse
        q, k, v = q[None], k[None], v[None]
    context = torch.nn.functional.scaled_dot_product_attention(q, k, v, mask, scale=1.0)
    return (context[0] if documents == 1 else context).transpose(-3, -2)


def attend_equally_wide(q, k, v):
    width = max(q.shape[-1], v.shape[-1])
    padded = (torch.nn.functional.pad(x, (0, width - x.shape[-1])) for x in (q, k, v))
    return attend(*padded)[..., : v.shape[-1]]


def attend_explicitly(q, k, v):
    q, k, v = (x.transpose(0, 1) for x in (q, k, v))
    weights = (q @ k.mT).softmax(-1)
    return (weights @ v).transpose(0, 1), weights.mean((0, 1))


def own_weights(q, k):
    logits = q @ k.mT
    own = logits.diagonal(dim1=-2, dim2=-1)
    return (own - logits.logsumexp(-1)).exp().mean(0)


class TorchPooling:
    """Document by document; or in padded buckets; or end to end, by scattered sums."""

    def __init__(self, starts):
        self.layout = layout(starts)
        self.lengths = np.diff(starts).tolist()
        self.starts = torch.from_numpy(starts)
        self.document = torch.from_numpy(np.repeat(np.arange(len(self.lengths)), self.lengths))
        order = np.argsort(-np.diff(starts), kind="stable")
        self.order = torch.from_numpy(np.argsort(order))
        self.rows = torch.arange(int(starts[-1]))

    def loop(self, vectors, query, weights):
        parts = torch.addmv(weights, vectors, query).split(self.lengths)
        salience = [part.softmax(0) for part in parts]
        pairs = zip(salience, vectors.split(self.lengths), strict=True)
        return torch.cat(salience), torch.stack([s @ v for s, v in pairs])

    def buckets(self, vectors, query, weights):
        places, salience, documents = self.layout, [], []
        logits = torch.addmv(weights, vectors, query)[:, None]
        wide, narrow = (Spread.apply(x, places.order, places.back) for x in (vectors, logits))
        buckets = zip(places.buckets(wide), places.buckets(narrow), places.masks, strict=True)
        for v, z, mask in buckets:
            seen = z if mask is None else z.masked_fill(~mask[..., None], -torch.inf)
            salience.append(seen.softmax(1))
            documents.append((salience[-1].mT @ v)[:, 0])
        flat = torch.cat([part.flatten(0, 1) for part in salience])
        return (
            Collect.apply(flat, places.back)[:, 0],
            torch.cat(documents).index_select(0, self.order),
        )

    def flat(self, vectors, query, weights):
        logits = torch.addmv(weights, vectors, query)
        lowest = logits.new_full((len(self.lengths),), -torch.inf)
        highest = lowest.scatter_reduce(0, self.document, logits.detach(), "amax")
        exps = (logits - highest.index_select(0, self.document)).exp()
        sums = torch.zeros_like(highest).index_add(0, self.document, exps)
        salience = exps / sums.index_select(0, self.document)
        documents = torch.nn.functional.embedding_bag(
            self.rows, vectors, self.starts, mode="sum", per_sample_weights=salience,
            include_last_offset=True,
        )  # fmt: skip
        return salience, documents
