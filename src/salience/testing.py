"""Small random documents, batches and models, for tests and benchmarks."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .model.settings import Settings
from .model.weights import Weights
from .types import Floats, Ints, starts_of

LENGTHS = (0, 1, 2, 63, 64, 65, 0, 1000)
"""Lengths of documents at which kernels go wrong: 0, 1, 2, around a power of two, long."""


def random_starts(lengths: Sequence[int] = LENGTHS) -> Ints:
    """Return where documents of these lengths begin [B + 1]."""
    return starts_of(lengths)


def ragged_lengths(documents: int, mean: int = 30, longest: int = 512, seed: int = 0) -> list[int]:
    """Return lengths of documents as in text: many short ones, few long ones."""
    rng = np.random.default_rng(seed)
    lengths = rng.lognormal(np.log(mean) - 0.32, 0.8, documents).astype(int)
    return [int(length) for length in np.clip(lengths, 1, longest)]


def random_floats(*shape: int, seed: int = 0, scale: float = 1.0) -> Floats:
    """Return normally distributed float32 numbers."""
    rng = np.random.default_rng(seed)
    return np.asarray(scale * rng.standard_normal(shape), dtype=np.float32)


def random_encoder(
    settings: Settings, words: Sequence[str] = (), *, word_width: int | None = None,
    buckets: int = 50, seed: int = 0,
) -> Weights:  # fmt: skip
    """Return the weights of an encoder of these settings, none of which are zeros.

    word_width: that of the word table, where its rows are projected.
    """
    rows, width = 1 + len(words) + buckets, word_width or settings.width
    shapes = dict(settings.tensors())
    if settings.words == "table":
        shapes |= {"table": (rows, width), "word_weights": (rows,)}
    numbers: dict[str, NDArray[Any]] = {
        name: random_floats(
            *(width if size == "M" else int(size) for size in shape), seed=seed + place, scale=0.3
        )
        for place, (name, shape) in enumerate(shapes.items())
    }
    for name in numbers:
        if name.endswith("decay"):
            numbers[name] = 1 / (1 + np.exp(-5 * numbers[name]))
    stated = settings.stated()
    if settings.words == "table":
        numbers["words"] = np.frombuffer("\n".join(words).encode(), dtype=np.uint8)
        stated |= {"buckets": buckets, "shortest": 3, "longest": 5}
    return Weights(numbers, stated)


def random_weights(
    words: Sequence[str],
    *,
    width: int = 16,
    states: int = 8,
    heads: int = 2,
    rank: int = 4,
    buckets: int = 50,
    window: int | None = 8,
    seed: int = 0,
) -> Weights:
    """Return the weights of an encoder like en_small, none of which are zeros."""
    rows = 1 + len(words) + buckets
    shapes: dict[str, tuple[int, ...]] = {
        "table": (rows, width),
        "word_weights": (rows,),
        "input_weight": (states, width),
        "input_bias": (states,),
        "query": (heads, rank, states),
        "key": (heads, rank, states),
        "fusion_weight": (width, states),
        "fusion_gate": (width,),
        "pool_query": (width,),
        "output_weight": (states, width),
        "output_bias": (states,),
    }
    tensors = {
        name: random_floats(*shape, seed=seed + place, scale=0.3)
        for place, (name, shape) in enumerate(shapes.items())
    }
    rng = np.random.default_rng(seed)
    return Weights(
        {
            **tensors,
            "decay": rng.uniform(0.1, 0.9, states).astype(np.float32),
            "words": np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        },
        {"buckets": buckets, "shortest": 3, "longest": 5, "window": window, "causal": False},
    )
