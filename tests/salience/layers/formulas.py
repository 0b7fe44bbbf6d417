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
    ahead = np.arange(count) - np.arange(count)[:, None]
    seen = np.full(ahead.shape, True) if window is None else np.abs(ahead) <= window
    if node.attrs["causal"]:
        seen &= ahead <= 0
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


def output_gate(node, p, h, o):
    return sigmoid(o) * h


def layer_norm(node, p, x):
    x = x - x.mean(axis=1, keepdims=True)
    x = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + 1e-8)
    return p[key(node, "G")] * x + p[key(node, "b")]


def shares(node, p, v, weights):
    logits = v @ p[key(node, "u")] + weights
    s = np.exp(logits - logits.max())
    return s / s.sum()


def pooling(node, p, v, weights=0):
    d = shares(node, p, v, weights) @ v[None]
    return d @ p[key(node, "P")].T if "P" in node.param_names else d


def block(node, p, x):
    parts = {each.name: each for each in node.layers}
    inputs, cell, fuse = node.layers[:3]
    h = FORMULAS[cell.name](cell, p, affine(inputs, p, x))
    c, received = np.zeros_like(x), np.full(len(x), 1 / len(x))
    if "bilinear_attention" in parts:
        c, received = attention(parts["bilinear_attention"], p, h, x)
    if "output_gate" in parts:
        h = output_gate(parts["output_gate"], p, h, affine(parts["output_affine"], p, x))
    v = FORMULAS[fuse.name](fuse, p, x, h, c)
    return (layer_norm(parts["layernorm"], p, v) if "layernorm" in parts else v), received


def context(node, p, x):
    received = None
    for each in node.layers[1:]:
        x, received = block(each, p, x)
    return x, received


def means(table, bags):
    """The mean of each bag's rows; zeros of an empty one."""
    parts = np.split(table[bags.data], bags.starts[1:-1])
    return np.array([part.mean(axis=0) if len(part) else 0 * table[0] for part in parts])


def embed(node, p, tokens, settings, factor=1.0):
    """Embeddings of different tokens; of rows of a table, that is p["table"]."""
    parts, x = {each.name: each for each in node.layers}, 0
    if settings.attributes:
        count = 2 * len(settings.attributes)
        x = count * means(p[key(parts["embedding_bags"], "E")], tokens.attributes)
    if tokens.words is not None:
        table = "table" in p
        words = factor * means(p["table"], tokens.words) if table else tokens.words
        x = x + (affine(parts["affine"], p, words) if "affine" in parts else words)
    return layer_norm(parts["layernorm"], p, x) if "layernorm" in parts else x


def encoder(layers, p, batch, factor=1.0):
    """v, s, r and d of a batch, of all layers."""
    tokens, places, starts = batch
    s, rows = layers.settings, embed(layers.embed, p, batch.tokens, layers.settings, factor)
    weights = np.zeros(len(places))
    if s.words == "table" and layers.pooling:
        weights = means(p["logits"], tokens.words)[places, 0]
    x, found = rows[places], []
    for first, last in pairwise(starts):
        if first == last:
            found.append((x[:0], weights[:0], weights[:0], np.zeros(s.document_width or s.width)))
            continue
        v, received = context(layers.context, p, x[first:last])
        salience, d = received, received @ v
        if layers.pooling:
            salience = shares(layers.pooling, p, v, weights[first:last])
            d = pooling(layers.pooling, p, v, weights[first:last])[0]
        found.append((s.scale * v, salience, received, s.scale * d))
    vectors, salience, received, documents = zip(*found, strict=True)
    return (*map(np.concatenate, (vectors, salience, received)), np.array(documents))


FORMULAS = {
    "affine": affine,
    "linear_recurrence": linear,
    "tanh_recurrence": tanh,
    "gated_recurrence": gated,
    "bilinear_attention": attention,
    "output_gate": output_gate,
    "layernorm": layer_norm,
    "gate_fusion": gate_fusion,
    "concat_fusion": concat_fusion,
    "pooling": pooling,
    "block": block,
    "context_encoder": context,
}


def of_a_batch(layer, parameters, arrays, starts):
    """The formula of every document, end to end; of an empty one, pooling gives zeros."""
    done = []
    for first, last in pairwise(starts):
        if first < last:
            result = FORMULAS[layer.name](layer, parameters, *(a[first:last] for a in arrays))
            done.append(result if isinstance(result, tuple) else (result,))
        elif layer.name == "pooling":
            done.append((np.zeros((1, layer.get_dim("nO"))),))
    return [np.concatenate(part) for part in zip(*done, strict=True)]
