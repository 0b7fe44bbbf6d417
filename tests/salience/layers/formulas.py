"""The layers once more in NumPy and float64, token by token: the judge of the real ones.

A formula takes a layer (for its structure), all parameters by `key`, and one
document's arrays; where it gives several things, the first is what has a gradient.
"""

from itertools import pairwise

import numpy as np


def key(node, name):
    return f"{node.id}.{name}"


def parameters_of(layer, dtype=np.float64):
    return {
        key(node, name): np.array(node.get_param(name), dtype=dtype)
        for node in layer.walk()
        for name in node.param_names
    }


def gradients_of(layer):
    return {
        key(node, name): node.get_grad(name).copy()
        for node in layer.walk()
        for name in node.param_names
    }


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def affine(node, p, x):
    return x @ p[key(node, "W")].T + p[key(node, "b")]


def both_ways(step, count, width):
    """Half of the states from the front, half from the back: step(t, h, half, way)."""
    states, half = np.zeros((count, width)), width // 2
    for way, columns in enumerate((slice(0, half), slice(half, width))):
        h = np.zeros(half)
        for t in range(count)[:: 1 - 2 * way]:
            h = states[t, columns] = step(t, h, columns, way)
    return states


def linear(node, p, u):
    decay = sigmoid(p[key(node, "w")])
    return both_ways(lambda t, h, half, _: h * decay[half] + u[t, half], *u.shape)


def tanh(node, p, u):
    weight = p[key(node, "W")]
    return both_ways(lambda t, h, half, way: np.tanh(u[t, half] + weight[way] @ h), *u.shape)


def gated(node, p, u_and_z):
    u, z = np.split(u_and_z, 2, axis=1)
    gate = sigmoid(z)
    return both_ways(
        lambda t, h, half, _: gate[t, half] * h + (1 - gate[t, half]) * u[t, half], *u.shape
    )


def attention_weights(node, p, h):
    count, window = len(h), node.attrs["window"]
    far = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    seen = np.full(far.shape, True) if window is None else far <= window
    heads = zip(p[key(node, "Q")], p[key(node, "K")], strict=True)
    logits = np.array([np.where(seen, (h @ q.T) @ (h @ k.T).T, -np.inf) for q, k in heads])
    a = np.exp(logits - logits.max(axis=2, keepdims=True))
    return a / a.sum(axis=2, keepdims=True)


def attention(node, p, h, x):
    a = attention_weights(node, p, h)
    parts = np.split(x, len(a), axis=1)
    context = np.concatenate([w @ part for w, part in zip(a, parts, strict=True)], axis=1)
    return context, a.mean(axis=(0, 1))


def gate_fusion(node, p, x, h, c):
    return x + h @ p[key(node, "W")].T + p[key(node, "g")] * c


def concat_fusion(node, p, x, h, c):
    return x + np.tanh(affine(node, p, np.concatenate([x, h, c], axis=1)))


def pooling(node, p, v):
    logits = v @ p[key(node, "u")]
    s = np.exp(logits - logits.max())
    return (s / s.sum()) @ v[None]


def block(node, p, x):
    inputs, cell, fuse, *attend = node.layers
    h = FORMULAS[cell.name](cell, p, affine(inputs, p, x))
    c, received = np.zeros_like(x), np.full(len(x), 1 / len(x))
    if attend:
        c, received = attention(attend[0], p, h, x)
    return FORMULAS[fuse.name](fuse, p, x, h, c), received


def encoder(node, p, x):
    received = None
    for each in node.layers[1:]:
        x, received = block(each, p, x)
    return x, received


FORMULAS = {
    "affine": affine,
    "linear_recurrence": linear,
    "tanh_recurrence": tanh,
    "gated_recurrence": gated,
    "bilinear_attention": attention,
    "gate_fusion": gate_fusion,
    "concat_fusion": concat_fusion,
    "pooling": pooling,
    "block": block,
    "context_encoder": encoder,
}


def of_a_batch(layer, parameters, arrays, starts):
    """The formula of every document, end to end; of an empty one, pooling gives zeros."""
    done = []
    for first, last in pairwise(starts):
        if first < last:
            result = FORMULAS[layer.name](layer, parameters, *(a[first:last] for a in arrays))
            done.append(result if isinstance(result, tuple) else (result,))
        elif layer.name == "pooling":
            done.append((np.zeros((1, arrays[0].shape[1])),))
    return [np.concatenate(part) for part in zip(*done, strict=True)]
