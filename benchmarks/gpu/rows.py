"""A row, how large rows are, and how long one takes.

A row that is bound by memory moves at least half a gigabyte, ten times what the L2
cache of an H100 holds, so that no call finds in it what the last one left there.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

FLOAT, INT = 4, 8
"""Bytes."""

WARM = 2
"""Calls that nobody looks at: the first one compiles."""
SAMPLES = 7
FEWEST = 3
"""Samples, where they take longer than ENOUGH."""
ENOUGH = 0.5
LEAST = 0.02
"""Seconds of a sample: so many calls one after the other that the host runs ahead of the GPU."""

Call = Callable[[], Any]


class Size(NamedTuple):
    """How large the rows are; the tests have smaller ones."""

    documents: int = 4096
    steps: int = 512
    states: int = 256
    dense_states: int = 128
    """Of tanh_recurrence."""
    long: int = 1_000_000
    """Steps of one long document."""
    tokens: int = 1 << 20
    table: int = 1_000_000
    width: int = 256
    texts: int = 32768
    """Documents whose lengths are as text has them, 30 on average."""
    attended: int = 2048
    """Documents of attention, of all lengths from shortest to longest alike."""
    shortest: int = 8
    longest: int = 512
    heads: int = 4
    rank: int = 64
    window: int = 32
    side: int = 16384
    """Vectors on either side of a matrix of cosines."""
    collection: int = 100_000
    nearest: int = 10
    encoded: int = 8192
    """Documents of the encoder."""
    words: int = 20000
    """Of its vocabulary; as many n-gram rows as a twentieth of it."""
    reference: int = 8192
    """Side of the matrix product that other products' rates are compared with."""


class Row(NamedTuple):
    """One op with one setting, and who stands beside it.

    setting: what the numbers are.
    words: how many words a call takes, or pairs.
    peers: of each the function that makes its call, None where PyTorch is missing;
        "~" is before the name of one that computes something else.
    moved: bytes that a call cannot avoid to read or write; flops: two for each
        multiplication and addition of its products. counts: the formula of either.
    wall: the host's clock tells the time, of a call that ends with the host.
    """

    setting: str
    words: int
    ours: Call
    peers: dict[str, Callable[[], Call] | None]
    moved: int = 0
    flops: int = 0
    counts: str = ""
    wall: bool = False


class Taken(NamedTuple):
    """Seconds of a call, and those of the host until a call returns."""

    seconds: float
    host: float


class Reference(NamedTuple):
    """What this GPU can do: bytes/s of a copy, read and written; FLOP/s of a large product."""

    copy: float
    products: float | None


def take(machine, call, wall=False):
    """Return the medians of several samples, warm and synchronised."""
    clock = machine.wall_seconds if wall else machine.seconds
    hosts = [_host_seconds(machine, call) for _ in range(WARM + FEWEST)][WARM:]
    first = clock(call, 1)
    count = max(1, round(LEAST / max(first, 1e-6)))
    samples = []
    while len(samples) < SAMPLES and (len(samples) < FEWEST or count * sum(samples) < ENOUGH):
        samples.append(clock(call, count))
    return Taken(median(samples), median(hosts))


def reference(machine, size):
    """Measure a copy of as many bytes as the first row has, and a square product."""
    source, target = (machine.floats(size.documents * size.steps, size.states) for _ in range(2))
    elements = size.documents * size.steps * size.states
    copy = take(machine, lambda: machine.copy(target, source)).seconds
    if machine.multiply is None:
        return Reference(2 * FLOAT * elements / copy, None)
    a, b = (machine.floats(size.reference, size.reference, seed=seed) for seed in range(2))
    product = take(machine, lambda: machine.multiply(a, b)).seconds
    return Reference(2 * FLOAT * elements / copy, 2 * size.reference**3 / product)


def figures(row, seconds, reference):
    """Return M words/s, and as text what was moved or computed a second, and its share."""
    if row.moved:
        rate, unit, limit, name = row.moved / seconds, "TB/s", reference.copy, "copy"
    elif row.flops:
        rate, unit, limit, name = row.flops / seconds, "TFLOP/s", reference.products, "product"
    else:
        return row.words / seconds / 1e6, "", ""
    share = f"{rate / limit:.0%} of {name}" if limit else ""
    return row.words / seconds / 1e6, f"{rate / 1e12:.2f} {unit}", share


def _host_seconds(machine, call):
    machine.synchronize()
    begin = perf_counter()
    call()
    return perf_counter() - begin
