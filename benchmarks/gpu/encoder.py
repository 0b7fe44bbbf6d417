"""The whole frozen encoder: on the device, and from ids on the host to vectors on the host."""

from salience.encoder.encoder import Encoder
from salience.ops import (
    affine,
    bilinear_attention,
    embedding_bags,
    fusion,
    linear_recurrence,
    output_gate,
    pooling,
)
from salience.testing import ragged_lengths, random_starts, random_weights

from ..bench_encoder import bags
from .rows import Row

SETTINGS = {"heads": 1, "window": 32}


class Folded:
    """Its public ops over arrays that are there already, with W_x and W_o in tables."""

    def __init__(self, machine, weights):
        tensors = weights.tensors
        table = tensors["table"]
        self.tables = [
            machine.put(rows)
            for rows in (
                table,
                affine(table, tensors["input_weight"], tensors["input_bias"]),
                affine(table, tensors["output_weight"], tensors["output_bias"]),
                tensors["word_weights"].reshape(-1, 1),
            )
        ]
        names = ("decay", "query", "key", "fusion_weight", "fusion_gate", "pool_query")
        self.rest = [machine.put(tensors[name]) for name in names]
        self.window = weights.settings["window"]

    def __call__(self, ids, bag_starts, starts):
        decay, query, key, fusion_weight, fusion_gate, pool_query = self.rest
        x, u, o, w = (embedding_bags(table, ids, bag_starts) for table in self.tables)
        h, _ = linear_recurrence(u, decay, starts, direction="both")
        c, r = bilinear_attention(h, x, starts, query, key, window=self.window)
        v = fusion(x, output_gate(h, o), c, fusion_weight, fusion_gate)
        s, d = pooling(v, pool_query, w.reshape(len(w)), starts)
        return v, s, r, d


def on_device(machine, size):
    weights, given, starts = inputs(size)
    folded, there = Folded(machine, weights), tuple(map(machine.put, given))
    return Row(setting(size), int(starts[-1]), lambda: folded(*there, starts), {})


def host_to_host(machine, size):
    """The component's call; beside it the same on the CPU."""
    weights, given, starts = inputs(size)
    encoder, on = Encoder(weights), where(machine)
    return Row(
        setting(size), int(starts[-1]),
        lambda: encoder.encode_chunks(given, starts, **on),
        {"the CPU, one thread": lambda: lambda: encoder.encode_chunks(given, starts)},
        wall=True,
    )  # fmt: skip


def inputs(size):
    """Weights, the bags of every word, and where documents begin."""
    words = [f"word{i}" for i in range(size.words)]
    weights = random_weights(
        words, width=size.width, states=size.width // 2, rank=max(1, size.rank // 4),
        buckets=size.words // 20, **SETTINGS,
    )  # fmt: skip
    starts = random_starts(ragged_lengths(size.encoded))
    return weights, bags(int(starts[-1]), len(weights.tensors["table"])), starts


def where(machine):
    """How an encoder is told where to compute."""
    return {"device": machine.device} if machine.device != "cpu" else {}


def setting(size):
    return f"{size.encoded:,} of 1 to 512 x {size.width}"


ROWS = {"encoder, on the device": on_device, "encoder, host to host": host_to_host}
