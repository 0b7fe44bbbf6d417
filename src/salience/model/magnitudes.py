"""How large an encoder's numbers can become, whatever the text."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import WeightsError
from ..types import Floats
from .settings import HASHES

if TYPE_CHECKING:
    from .parameters import Block, Parameters

GREATEST = float(np.finfo(np.float32).max)


def check_magnitudes(p: "Parameters") -> None:
    """Refuse weights with which a text's numbers, or a vector's square norm, may exceed float32.

    With |x| <= the largest number of W_e: |u| <= |W_x| |x| + |b|, of a linear cell
    |h| <= |u| / (1 - w_h), |Q h| <= |Q| |h|, |K h| likewise, |o| <= |W_o| |x| + |b_o|,
    |v| <= |x| + |g| |x| + |W_f| |h|

    and of D numbers within m the square of |a| + |b| is within 4 D m^2.

    Raises WeightsError, which names the part and how large it may become.
    """
    width, largest = p.settings.width, _embedding(p)
    most_of_vectors = (GREATEST / (4 * width)) ** 0.5 / p.settings.scale
    for block in p.blocks:
        largest = _block(block, largest, most_of_vectors)
    if p.settings.document_width:
        documents = _image(p.tensors["document_weight"], largest)
        most = (GREATEST / (4 * p.settings.document_width)) ** 0.5 / p.settings.scale
        _check("the document vectors", float(documents.max(initial=0)), most)


def _embedding(p: "Parameters") -> float:
    """A bound of the numbers of x; 1 stands for a vocab's vectors, which are not known here."""
    s, tensors = p.settings, p.tensors
    if s.normalised:
        return _normalised(tensors, "embedding_norm_", s.width)
    largest = p.words.largest * s.word_factor if p.words else 1.0
    if s.projected:
        bias = np.abs(tensors["word_bias"], dtype=np.float64)
        largest = float((_image(tensors["word_weight"], largest) + bias).max(initial=0))
    if s.attributes:
        rows = float(np.abs(tensors["attribute_rows"]).max(initial=0))
        largest += len(s.attributes) * HASHES * rows
    return largest


def _block(block: "Block", embedding: float, most_of_vectors: float) -> float:
    """Check a block's numbers, and return a bound of those of v."""
    s, tensors = block.settings, block.tensors
    states = _states(block, embedding)
    parts = {"the recurrent states": float(states.max(initial=0))}
    for part, name in (("the queries", "query"), ("the keys", "key")):
        if s.heads:
            image = np.abs(tensors[name], dtype=np.float64) @ states
            parts[part] = float(image.max(initial=0))
    if s.output_gate:
        gates = _image(tensors["output_weight"], embedding)
        gates += np.abs(tensors["output_bias"], dtype=np.float64)
        parts["the output gate"] = float(gates.max(initial=0))
    for part, found in parts.items():
        _check(part, found, GREATEST)
    vectors = np.full(1, embedding + 1)
    if s.fusion == "gate":
        vectors = embedding * (1 + np.abs(tensors["fusion_gate"], dtype=np.float64))
        vectors += np.abs(tensors["fusion_weight"], dtype=np.float64) @ states
    largest = float(vectors.max(initial=0))
    _check("the token vectors", largest, most_of_vectors)
    width = len(tensors["fusion_weight"])
    return _normalised(tensors, "norm_", width) if s.normalised else largest


def _states(block: "Block", embedding: float) -> NDArray[np.float64]:
    tensors, states = block.tensors, block.settings.states
    inputs = _image(tensors["input_weight"], embedding)
    inputs += np.abs(tensors["input_bias"], dtype=np.float64)
    if block.settings.cell == "tanh":
        return np.ones(states)
    if block.settings.cell == "gated":
        return inputs[:states]  # a mean of inputs
    found: NDArray[np.float64] = inputs / (1 - tensors["decay"].astype(np.float64))
    return found


def _normalised(tensors: Mapping[str, Floats], prefix: str, width: int) -> float:
    gain, bias = (np.abs(tensors[prefix + name]) for name in ("gain", "bias"))
    return float((gain * width**0.5 + bias).max(initial=0))


def _image(weight: Floats, largest: float) -> NDArray[np.float64]:
    sums: NDArray[np.float64] = np.abs(weight, dtype=np.float64).sum(axis=1) * largest
    return sums


def _check(part: str, found: float, most: float) -> None:
    if found > most:
        raise WeightsError(
            f"weights: expected numbers of which no text makes more than float32 can hold, but "
            f"{part} may reach {found:.3g}, above {most:.3g}; the training diverged or the "
            "file was changed: train again with a lower learning rate, or use another model"
        )
