"""A block on the GPU: its parameters in GPU memory, and its steps, each over a whole batch."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..cuda import arrays
from ..model.parameters import Block
from ..model.settings import cell_of
from ..ops.affine import cuda as affine
from ..ops.bilinear_attention import cuda as bilinear_attention
from ..ops.elementwise import cuda as elementwise
from ..ops.fusion import cuda as fusion
from ..ops.gated_recurrence import cuda as gated_recurrence
from ..ops.layer_norm import cuda as layer_norm
from ..ops.linear_recurrence import cuda as linear_recurrence
from ..ops.output_gate import cuda as output_gate
from ..ops.tanh_recurrence import cuda as tanh_recurrence
from ..types import Floats, Ints

Inputs = Sequence[Any]
"""The inputs of a cell: u [N, H], and of a gated cell z [N, H] too."""


class CudaBlock:
    """One block; all arrays but starts are on the GPU."""

    def __init__(self, block: Block) -> None:
        self.settings = s = block.settings
        self.kind = cell_of(s.cell, s.states)
        self._view = s.window, s.causal, 1.0
        self._tensors: dict[str, Any] = {
            name: arrays.to_device(array)
            for name, array in block.tensors.items()
            if name not in ("input_weight", "input_bias", "fusion_weight")
        }
        weight, bias = (block.tensors[name] for name in ("input_weight", "input_bias"))
        self._inputs = [
            (arrays.to_device(w.copy()), arrays.to_device(b.copy()))
            for w, b in zip(self.split(weight), self.split(bias), strict=True)
        ]
        self._fusion = [arrays.to_device(part) for part in _parts(block)]

    def split(self, of_inputs: Floats) -> list[Floats]:
        """Divide an array that is of all of the cell's inputs into one for each."""
        return np.split(of_inputs, self.kind.inputs)

    def project(self, x: Any) -> tuple[Inputs, Any]:
        """Return the cell's inputs W_x x + b, and the output gate's logits W_o x + b_o or None."""
        inputs = [affine.forward(x, weight, bias) for weight, bias in self._inputs]
        if not self.settings.output_gate:
            return inputs, None
        weight, bias = self._tensors["output_weight"], self._tensors["output_bias"]
        return inputs, affine.forward(x, weight, bias)

    def run(self, x: Any, inputs: Inputs, logits: Any, starts: Ints) -> tuple[Any, Any]:
        """Return v [N, D] and r [N] of x [N, D]."""
        h = self._states(inputs, starts)
        c, received = self._attend(h, x, starts)
        y = h if logits is None else output_gate.forward(h, logits)
        v, tensors = self._fuse(x, y, c), self._tensors
        if self.settings.normalised:
            v = layer_norm.forward(v, tensors["norm_gain"], tensors["norm_bias"])
        return v, received

    def _states(self, inputs: Inputs, starts: Ints) -> Any:
        initial, tensors = arrays.zeros(len(starts) - 1, self.settings.states), self._tensors
        u, z = inputs[0], inputs[-1]
        if self.settings.cell == "linear":
            return linear_recurrence.forward(u, tensors["decay"], starts, initial, "both")[0]
        if self.settings.cell == "gated":
            return gated_recurrence.forward(u, z, starts, initial, "both")[0]
        weight = tensors["recurrent_weight"]
        return tanh_recurrence.forward(u, weight, starts, initial, "both", "tanh")[0]

    def _attend(self, h: Any, x: Any, starts: Ints) -> tuple[Any, Any]:
        if not self.settings.heads:
            lengths = np.diff(starts)
            even = np.repeat(1 / np.maximum(lengths, 1), lengths).astype(np.float32)
            return arrays.zeros(*x.shape), arrays.to_device(even)
        query, key = self._tensors["query"], self._tensors["key"]
        c, received, _ = bilinear_attention.forward(h, x, starts, query, key, *self._view)
        return c, received

    def _fuse(self, x: Any, y: Any, c: Any) -> Any:
        if self.settings.fusion == "gate":
            return fusion.forward(x, y, c, self._fusion[0], self._tensors["fusion_gate"])
        of_x, of_y, of_c, none, one, nothing = self._fusion
        joined = affine.forward(x, of_x, self._tensors["fusion_bias"])
        for of, part in ((of_y, y), (of_c, c)):  # joined + W part + 0 * part
            joined = fusion.forward(joined, part, c, of, none)
        bent = elementwise.tanh(joined)
        return fusion.forward(x, arrays.empty(len(x), 0), bent, nothing, one)


def _parts(block: Block) -> list[Floats]:
    """W_f; for concat its columns for x, y and c, the gates 0 and 1, and an empty weight."""
    weight, states = block.tensors["fusion_weight"], block.settings.states
    if block.settings.fusion == "gate":
        return [weight]
    width = len(weight)
    columns = np.split(weight, [width, width + states], axis=1)
    zeros = np.zeros(width, dtype=np.float32)
    return [*map(np.ascontiguousarray, columns), zeros, zeros + 1, np.zeros((width, 0), np.float32)]
