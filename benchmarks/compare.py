"""Ours beside the peers, in turns, in one process: `python -m benchmarks.compare [part of a row]`.

A row is a benchmark of ours with one setting. It and all that stand beside it
take turns, so that whatever else the machine does meets them alike; before each
call the caches are filled with other numbers, so that none finds its arrays there. Of NumPy,
PyTorch and libm, each with its fastest way: those go on that at a first look
are not far behind it. A ratio above 1 says that we are faster; "~" is before
the name of a peer that computes something else.
"""

import sys
from collections import defaultdict
from itertools import chain, product
from statistics import median
from time import perf_counter

import numpy as np

from . import (
    bench_affine,
    bench_bilinear_attention,
    bench_cosine,
    bench_elementwise,
    bench_embedding,
    bench_encoder,
    bench_fusion,
    bench_gated_recurrence,
    bench_layer_norm,
    bench_linear_recurrence,
    bench_output_gate,
    bench_pooling,
    bench_tanh_recurrence,
    bench_threads,
)
from .common import DOCUMENTS, OTHER_WORK, op_of, pin

OTHER_NUMBERS = np.zeros(2**25, dtype=np.float32)
"""More than a cache holds."""
ROUNDS = 7
ENOUGH = 0.5
"""Seconds; there are more rounds, up to MOST, until all of a row's have taken as long."""
MOST = 51
FAR = 1.3
SLOW = 0.2
"""Seconds of a call after which the first look at a peer is not repeated."""

ROWS = (
    (bench_linear_recurrence.LinearRecurrence, "scan", [(t, 256) for t in DOCUMENTS]),
    (bench_linear_recurrence.Layer, "layer", [(t, 256) for t in DOCUMENTS]),
    (bench_tanh_recurrence.Layer, "layer", [(t, 256, "tanh") for t in DOCUMENTS]),
    (bench_tanh_recurrence.Layer, "layer", [("ragged", 256, "relu")]),
    (bench_gated_recurrence.Layer, "layer", [(t, 256) for t in DOCUMENTS]),
    (bench_bilinear_attention.Whole, "attention", [(t, 256, 1) for t in ("ragged", 512, 4096)]),
    (bench_bilinear_attention.Whole, "attention", [(t, 256, 4) for t in ("ragged", 512)]),
    (bench_bilinear_attention.Full, "attention", [(t, 256, 1) for t in ("ragged", 512)]),
    (bench_bilinear_attention.Window, "attention", [("ragged", 256)]),
    (bench_bilinear_attention.Step, "step", [("ragged", 256)]),
    (bench_embedding.Embedding, "bags", [(256,)]),
    (bench_embedding.Embedding, "embedding", [(256,)]),
    (bench_elementwise.Exp, "apply", [()]),
    (bench_elementwise.Tanh, "apply", [()]),
    (bench_elementwise.Sigmoid, "apply", [()]),
    (bench_affine.Affine, "affine", [(256,)]),
    (bench_output_gate.OutputGate, "gate", [(256,)]),
    (bench_layer_norm.LayerNorm, "norm", [(256,)]),
    (bench_fusion.Fusion, "fusion", [(256,)]),
    (bench_pooling.Pooling, "pooling", [("ragged", 256)]),
    (bench_cosine.Pairs, "pairs", [(256,)]),
    (bench_cosine.Search, "matrix", [(256,)]),
    (bench_cosine.Search, "top_k", [(256,)]),
    (bench_encoder.Folding, "encode", [("ragged",), (30,)]),
    (bench_encoder.Folding, "training", [("ragged",)]),
)


def main(wanted=""):
    begin = perf_counter()
    print(f"{'op':49} {'setting':14} {'ours ms':>9} {'M/s':>8}  peer, its ms, its ms / ours")
    for benchmark, op, settings in ROWS:
        label = f"{benchmark.__module__.rpartition('bench_')[2]}.{benchmark.__name__}."
        names = [op + ending for ending in ("", "_backward", "_gradients")]
        names = [each for each in names if hasattr(benchmark, f"time_{each}")]
        names = [each for each in names if wanted in label + each]
        for setting in settings if names else ():
            instance = benchmark()
            instance.setup(*setting)
            for name in names:
                print_row(label + name, setting, instance, name)
    for *setting, name in product(*bench_encoder.Share.params, ("folded", "unfolded")):
        if wanted in f"encoder.Share.{name}":
            print_share(setting, name)
    for op, what in product(bench_threads.OPS, ("forward", "gradients")):
        if wanted in f"threads.{op}.{what}":
            print_threads(op, what)
    print(f"{perf_counter() - begin:.0f} s")


def print_row(label, setting, instance, name):
    own, copies = f"time_{name}", floors(instance, name)
    timed = [each for each in dir(instance) if each.startswith("time_") and getattr(instance, each)]
    families = defaultdict(list)
    for peer in timed:
        if op_of(peer, timed) == own:
            families[peer.split("_")[1], bool(OTHER_WORK.search(peer))].append(peer)
    peers = [near(instance, family) for family in families.values()]
    calls = (own, *chain(*copies.values()), *chain.from_iterable(peers))
    laps = in_turns({each: getattr(instance, each) for each in calls})
    line = start(label, setting, laps[own], instance.words)
    for best in (min(family, key=laps.get) for family in peers):
        short = best.removeprefix("time_").removesuffix(name).rstrip("_")
        line += f"  {'~' * bool(OTHER_WORK.search(best)) + short:16}"
        line += f" {laps[best] * 1e3:8.3f} {laps[best] / laps[own]:6.2f}"
    for what, of in copies.items():
        floor = sum(laps[each] for each in of)
        line += f"  {what:10} {floor * 1e3:8.3f} {floor / laps[own]:6.2f}"
    print(line, flush=True)


def print_share(setting, name):
    instance = bench_encoder.Share()
    instance.setup(*setting)
    flops = instance.chain.flops(instance.starts, folded=name == "folded")
    shares = []
    for _ in range(ROUNDS):  # the rate of sgemm just before, each time
        instance.sgemm = bench_encoder.sgemm_rate()
        shares.append(getattr(instance, f"track_{name}")())
    print(
        f"{'encoder.Share.' + name:49} {' '.join(map(str, setting)):14} {median(shares):.1%} of "
        f"sgemm's {instance.sgemm / 1e9:.0f} GFLOP/s, "
        f"{flops / instance.starts[-1] / 1e3:.0f} kFLOP a word",
        flush=True,
    )


def print_threads(op, what):
    words, call = bench_threads.prepared(op, what)

    def on(threads):
        def prepare():
            pin(threads)
            call()  # which starts them

        return prepare

    one, two = in_turns({1: call, 2: call}, {1: on(1), 2: on(2)}).values()
    pin()
    line = start(f"threads.{op}.{what}", ("ragged",), one, words)
    print(f"{line}  {'two threads':16} {two * 1e3:8.3f} {one / two:6.2f} times as fast", flush=True)


def start(label, setting, seconds, words):
    rate = words / seconds / 1e6
    return f"{label:49} {' '.join(map(str, setting)):14} {seconds * 1e3:9.3f} {rate:8.3f}"


def floors(instance, name):
    """The copies of the bytes that must move; also into new memory, as results are."""
    calls = {
        "_backward": {"copy": ("time_copy_backward",)},
        "_gradients": {"copy": ("time_copy", "time_copy_backward")},
    }
    forward = {"copy": ("time_copy",), "fresh copy": ("time_fresh_copy",)}
    ending = name[name.rfind("_") :] if "_" in name else ""
    return {
        what: of
        for what, of in calls.get(ending, forward).items()
        if all(hasattr(instance, each) for each in of)
    }


def near(instance, peers):
    """The two fastest peers, or the one whom no other is near."""
    laps = {}
    for each in peers:
        call = getattr(instance, each)
        first = per_call(call)
        laps[each] = first if first > SLOW else per_call(call)
    fastest = sorted(peers, key=laps.get)[:2]
    return [each for each in fastest if laps[each] <= FAR * laps[fastest[0]]]


def in_turns(calls, prepare=None):
    """Return the median seconds of each call."""
    laps = {each: [] for each in calls}
    while enough_is_missing(laps):
        for each, call in calls.items():
            if prepare:
                prepare[each]()
            np.add(OTHER_NUMBERS, 1, out=OTHER_NUMBERS)
            laps[each].append(per_call(call))
    return {each: median(taken) for each, taken in laps.items()}


def enough_is_missing(laps):
    rounds = min(map(len, laps.values()))
    return rounds < ROUNDS or (rounds < MOST and sum(map(sum, laps.values())) < ENOUGH)


def per_call(call):
    begin = perf_counter()
    call()
    return perf_counter() - begin


if __name__ == "__main__":
    main(*sys.argv[1:2])
