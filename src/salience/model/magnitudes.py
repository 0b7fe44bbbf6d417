"""How large an encoder's numbers can become, whatever the text."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import WeightsError

if TYPE_CHECKING:
    from .parameters import Parameters

GREATEST = float(np.finfo(np.float32).max)


def check_magnitudes(p: "Parameters", embedding: float) -> None:
    """Refuse weights with which a text's numbers may exceed float32, or a vector's square norm.

    With |x| <= the largest number of W_e: |u| <= |W_x| |x| + |b|, |h| <= |u| / (1 - w_h),
    |Q h| <= |Q| |h|, |K h| likewise, |y| <= |W_o| |x| + |b_o|, |v| <= |x| + |g| |x| + |W_f| |h|

    and of D numbers within m the square of |a| + |b| is within 4 D m^2.

    Raises WeightsError, which names the part and how large it may become.
    """
    inputs = _sums(p.input_weight) * embedding + np.abs(p.input_bias, dtype=np.float64)
    states = inputs / (1 - p.decay.astype(np.float64))
    vectors = embedding * (1 + np.abs(p.fusion_gate, dtype=np.float64))
    vectors += np.abs(p.fusion_weight, dtype=np.float64) @ states
    gates = _sums(p.output_weight) * embedding + np.abs(p.output_bias, dtype=np.float64)
    parts = {
        "the recurrent states": (states, GREATEST),
        "the queries": (np.abs(p.query, dtype=np.float64) @ states, GREATEST),
        "the keys": (np.abs(p.key, dtype=np.float64) @ states, GREATEST),
        "the output gate": (gates, GREATEST),
        "the token vectors": (vectors, (GREATEST / (4 * p.width)) ** 0.5),
    }
    for part, (found, most) in parts.items():
        largest = float(found.max(initial=0))
        if largest > most:
            raise WeightsError(
                f"weights: expected numbers of which no text makes more than float32 can hold, but "
                f"{part} may reach {largest:.3g}, above {most:.3g}; the training diverged or the "
                "file was changed: train again with a lower learning rate, or use another model"
            )


def _sums(weight: NDArray[np.float32]) -> NDArray[np.float64]:
    sums: NDArray[np.float64] = np.abs(weight, dtype=np.float64).sum(axis=1)
    return sums
