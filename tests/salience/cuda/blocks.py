"""How many threads a kernel's blocks have at most, so that their registers can be counted."""

from math import prod

MOST_THREADS = {
    "salience.cuda.products.": 64,
    "salience.cuda.sorting.": 64,
    "salience.ops.bilinear_attention.cuda_back.": 64,
    "salience.ops.bilinear_attention.cuda_forward.": 64,
    "salience.ops.bilinear_attention.cuda_wide.": 64,
    "salience.ops.pooling.cuda.join": 256,
    "salience.ops.tanh_recurrence.cuda.walk": 800,
    "salience.ops.tanh_recurrence.cuda.walk_back": 800,
    "salience.ops.tanh_recurrence.cuda.walk_back_wide": 512,
    "salience.ops.tanh_recurrence.cuda.walk_wide": 512,
}
"""Of a kernel, or of all in a module; USUAL of those that are not here."""

USUAL = 128


def most_threads(name):
    """The threads of a block of a kernel, by its name, at most."""
    module = name.rpartition(".")[0]
    return MOST_THREADS.get(name, MOST_THREADS.get(f"{module}.", USUAL))


def check(name, block):
    """Refuse a launch with more threads than the table says."""
    threads = prod(block) if isinstance(block, tuple) else int(block)
    assert threads <= most_threads(name), f"{name} is launched with {threads} threads a block"
