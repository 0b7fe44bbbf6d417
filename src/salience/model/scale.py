"""The scale of an encoder's vectors: a power of two, which changes no cosine.

Listeners learn at the usual rates where the numbers of token vectors are about 1.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from .parameters import in_format_2, read_settings
from .settings import Settings
from .weights import Weights


def fitting_scale(table: Any) -> float:
    """Return the power of two with which rows of a word table have numbers of about 1."""
    spread = float(np.std(table, dtype=np.float64))
    return float(2.0 ** np.clip(np.rint(-np.log2(max(spread, 1e-12))), -20, 20))


def with_scale(weights: Weights, scale: float) -> Weights:
    """Return the same encoder with another scale, a power of two."""
    given = in_format_2(weights)
    return Weights(given.tensors, {**given.settings, "scale": float(scale)})


def with_scale_inside(weights: Weights) -> Weights:
    """Return an encoder of the same vectors with a scale of 1: its arrays are multiplied instead.

    With x' = s x, W_x' = W_x / s, W_o' = W_o / s, W_f' = s W_f and u' = u / s all states and
    weights are as before, and v' = s v. So parameters learn at the rates that fit their
    vectors. An encoder with a concat fusion, or normalised blocks, stays as it is.
    """
    given = in_format_2(weights)
    settings = read_settings(given)
    s = np.float32(settings.scale)
    if s == 1 or any(b.fusion != "gate" or b.normalised for b in settings.blocks):
        return given
    factors = _of_embedding(settings, s) | {"pool_query": 1 / s}
    for number in range(len(settings.blocks)):
        for name, factor in (("input", 1 / s), ("output", 1 / s), ("fusion", s)):
            factors[f"blocks.{number}.{name}_weight"] = factor
    tensors = dict(given.tensors)
    if not (settings.normalised or settings.projected):
        # Of int8 rows the scales are multiplied.
        factors["table_scale" if "table_scale" in tensors else "table"] = s
    for name in factors.keys() & tensors.keys():
        tensors[name] = (tensors[name] * factors[name]).astype(tensors[name].dtype)
    return Weights(tensors, {**given.settings, **replace(settings, scale=1.0).stated()})


def _of_embedding(settings: Settings, s: Any) -> dict[str, Any]:
    """By what the arrays behind x are multiplied, so that x is by s."""
    if settings.normalised:
        return {"embedding_norm_gain": s, "embedding_norm_bias": s}
    if settings.projected:
        return dict.fromkeys(("word_weight", "word_bias", "attribute_rows"), s)
    return {"attribute_rows": s}
