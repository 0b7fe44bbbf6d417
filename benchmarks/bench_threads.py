"""One thread and two, on the ragged set: who takes part, and how much faster it is."""

from . import (
    bench_bilinear_attention,
    bench_encoder,
    bench_gated_recurrence,
    bench_linear_recurrence,
    bench_tanh_recurrence,
)
from .common import Benchmark, pin

OPS = {
    "linear_recurrence": (bench_linear_recurrence.LinearRecurrence, (256,), "scan"),
    "layer": (bench_linear_recurrence.Layer, (256,), "layer"),
    "tanh_layer": (bench_tanh_recurrence.Layer, (256, "tanh"), "layer"),
    "gated_layer": (bench_gated_recurrence.Layer, (256,), "layer"),
    "attention": (bench_bilinear_attention.Whole, (256, 1), "attention"),
    "encoder": (bench_encoder.Folding, (), "encode"),
}


class Threads(Benchmark):
    """The benchmarks of the ops themselves; the encoder's gradients are the composed chain's."""

    params = (tuple(OPS), ("forward", "gradients"), (1, 2))
    param_names = ("op", "what", "threads")

    def setup(self, op, what, threads):
        self.words, self.call = prepared(op, what)
        pin(threads)
        self.call()

    def teardown(self, *_):
        pin()

    def time_op(self, *_):
        self.call()


def prepared(op, what):
    """Return the number of words and the benchmark's method."""
    benchmark, params, name = OPS[op]
    instance = benchmark()
    instance.setup("ragged", *params)
    if what == "gradients":
        name = "training" if op == "encoder" else f"{name}_gradients"
    return instance.words, getattr(instance, f"time_{name}")
