"""Every layer with all its parts at work, its inputs, and its gradients."""

from itertools import product

import numpy as np
from thinc.api import fix_random_seed

from salience.layers import (
    Affine,
    BilinearAttention,
    Block,
    ConcatFusion,
    GatedRecurrence,
    GateFusion,
    LayerNorm,
    LinearRecurrence,
    Pooling,
    TanhRecurrence,
)
from salience.layers.context import ContextEncoder, Repeated
from salience.layers.output_gate import OutputGate
from salience.model.settings import BlockSettings, Settings
from salience.testing import random_floats, random_starts
from salience.types import Batch

from .formulas import gradients_of

LENGTHS = [3, 0, 1, 7, 0]
CELLS, FUSIONS = ("linear", "tanh", "gated"), ("gate", "concat")


def block(cell="gated", fusion="concat", heads=2, window=2, **named):
    """The settings of a block of 6 states."""
    return BlockSettings(
        6, cell=cell, fusion=fusion, heads=heads, rank=3, window=window, **named
    )  # fmt: skip


def small(*given, **named):
    """A block of width 6."""
    return lambda: Block(block(*given, **named), 6)


def deep(depth, cell="gated", window=None, dropout=0.0, **named):
    """So many blocks of width 6."""
    settings = Settings(6, (block(cell, window=window, **named),) * depth)
    return lambda: ContextEncoder(settings, dropout)


LAYERS = {
    "affine": (lambda: Affine(6, 5), {"x": 5}),
    "linear recurrence": (lambda: LinearRecurrence(6), {"u": 6}),
    "tanh recurrence": (lambda: TanhRecurrence(6), {"u": 6}),
    "gated recurrence": (lambda: GatedRecurrence(6), {"u": 12}),
    "attention": (
        lambda: BilinearAttention(6, heads=2, rank=3, window=None), {"h": 6, "x": 4}
    ),
    "attention in a window": (
        lambda: BilinearAttention(6, heads=1, rank=3, window=1), {"h": 6, "x": 4}
    ),
    "gate fusion": (lambda: GateFusion(4, 6), {"x": 4, "h": 6, "c": 4}),
    "concat fusion": (lambda: ConcatFusion(4, 6), {"x": 4, "h": 6, "c": 4}),
    "output gate": (lambda: OutputGate(6), {"h": 6, "o": 6}),
    "layer norm": (lambda: LayerNorm(6), {"x": 6}),
    "pooling": (lambda: Pooling(4), {"v": 4}),
    "pooling, projected": (lambda: Pooling(4, 3), {"v": 4}),
    **{
        f"block of {cell}, {fusion} and {heads} heads": (
            small(cell, fusion, heads), {"x": 6}
        )
        for cell, fusion, heads in product(CELLS, FUSIONS, (0, 1, 2))
    },
    **{
        f"block of {cell} with an output gate and {fusion}": (
            small(cell, fusion, output_gate=True), {"x": 6}
        )
        for cell, fusion in product(CELLS, FUSIONS)
    },
    "block that is causal": (small(causal=True), {"x": 6}),
    "block that is normalised": (small(normalised=True), {"x": 6}),
    "block of 2 states": (
        lambda: Block(BlockSettings(2, heads=1, rank=3, output_gate=True), 6), {"x": 6}
    ),
    **{
        f"encoder of {depth} blocks of {cell}": (deep(depth, cell), {"x": 6})
        for depth, cell in product((1, 2), CELLS)
    },
    "encoder with output gates": (deep(2, "linear", output_gate=True), {"x": 6}),
}  # fmt: skip


def made(name, seed=0):
    """The layer, with parameters that are away from where they start."""
    fix_random_seed(seed)
    layer = LAYERS[name][0]()
    layer.initialize()
    return stirred(layer, seed)


def stirred(layer, seed=0, scale=0.3):
    for place, node in enumerate(layer.walk()):
        for name in node.param_names:
            old = node.get_param(name)
            new = old + random_floats(*old.shape, seed=seed + 100 + place, scale=scale)
            node.set_param(name, new)
    return layer


def arrays_for(name, lengths=LENGTHS, seed=1):
    total = int(random_starts(lengths)[-1])
    widths = LAYERS[name][1]
    return {
        each: random_floats(total, width, seed=seed + place, scale=0.7)
        for place, (each, width) in enumerate(widths.items())
    }


def given(layer, arrays, starts):
    """What the layer takes: a batch, or several."""
    arrays = list(arrays)
    if layer.name == "context_encoder":
        return Repeated(arrays[0], np.arange(len(arrays[0])), starts)
    if layer.name == "output_gate":
        return Batch(arrays[0], starts), arrays[1]
    if layer.name == "layernorm":
        return arrays[0]
    batches = tuple(Batch(array, starts) for array in arrays)
    return batches if len(batches) > 1 else batches[0]


def results(Y):
    """The arrays of what a layer gives."""
    return [array_of(part) for part in (Y if type(Y) is tuple else (Y,))]


def array_of(item):
    return item.data if isinstance(item, Batch) else item


def differentiated(layer, arrays, starts, seed=9):
    """The gradient that came from above, and those of the inputs, by their names."""
    Y, backprop = layer(given(layer, arrays.values(), starts), is_train=True)
    first = Y[0] if type(Y) is tuple else Y
    d_y = random_floats(*array_of(first).shape, seed=seed)
    dX = backprop(Batch(d_y, starts) if isinstance(first, Batch) else d_y)
    return d_y, dict(zip(arrays, results(dX), strict=True))


def all_gradients(layer, arrays, starts, seed=9):
    d_y, d_inputs = differentiated(layer, arrays, starts, seed)
    return d_y, {**d_inputs, **gradients_of(layer)}


def close(got, want, tolerance=1e-5):
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)
