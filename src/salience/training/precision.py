"""How the table of a model is stored."""

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from .. import checks
from ..model.scale import fitting_scale, with_scale
from ..model.weights import Weights
from ..types import Floats

Precision: TypeAlias = Literal["int8", "float16", "float32"]


def stored(weights: Weights, precision: Precision) -> Weights:
    """Return a model whose float32 table is stored in this precision, with a scale that fits it.

    Raises RangeError where there is no such precision.
    """
    checks.one_of("distil", "precision", precision, get_args(Precision))
    scaled = with_scale(weights, fitting_scale(weights.tensors["table"]))
    tensors = dict(scaled.tensors)
    if precision == "int8":
        tensors["table"], tensors["table_scale"] = quantise(tensors["table"])
    else:
        tensors["table"] = tensors["table"].astype(precision)
    return Weights(tensors, scaled.settings)


def quantise(table: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return int8 rows and their scales, table = rows * scales within half a step."""
    scale = np.abs(table).max(axis=1) / 127
    scale[scale == 0] = 1
    return np.rint(table / scale[:, None]).astype(np.int8), scale.astype(np.float32)
