"""A block on the CPU: its parameters in the kernels' layout, and each of its steps."""

from collections.abc import Callable, Mapping

import numpy as np

from .. import threads
from ..cpu.products import set_rows_times
from ..cpu.strips import pack
from ..lazy import lazy
from ..model.parameters import Block
from ..model.settings import BlockSettings, cell_of
from ..ops.bilinear_attention import cpu as bilinear_attention
from ..ops.elementwise.cpu import tanhs
from ..ops.fusion import cpu as fusion
from ..ops.gated_recurrence import cpu as gated_recurrence
from ..ops.layer_norm import cpu as layer_norm
from ..ops.linear_recurrence import cpu as linear_recurrence
from ..ops.output_gate import cpu as output_gate
from ..ops.tanh_recurrence import cpu as tanh_recurrence
from ..types import Floats, Ints

Scan = Callable[[Mapping[str, Floats], Floats, Ints, Floats], Floats]
"""Returns states of inputs u, may overwrite u, and writes each document's last states to final."""


def _linear(tensors: Mapping[str, Floats], u: Floats, starts: Ints, final: Floats) -> Floats:
    decay = tensors["decay"]
    linear_recurrence.scan(decay, starts, len(decay) // 2, u, final)
    return u


def _tanh(tensors: Mapping[str, Floats], u: Floats, starts: Ints, final: Floats) -> Floats:
    weight = tensors["recurrent_weight"]
    states, final[:] = tanh_recurrence.forward(u, weight, starts, final, "both", "tanh")
    return states


def _gated(_: Mapping[str, Floats], u: Floats, starts: Ints, final: Floats) -> Floats:
    inputs, gates = (np.ascontiguousarray(half) for half in np.split(u, 2, axis=1))
    states, final[:] = gated_recurrence.forward(inputs, gates, starts, final, "both")
    return states


SCANS: Mapping[str, Scan] = {"linear": _linear, "tanh": _tanh, "gated": _gated}


class CpuBlock:
    """One block; arrays are of one chunk of documents, on one thread."""

    def __init__(self, block: Block) -> None:
        s, t = block.settings, block.tensors
        self.settings: BlockSettings = s
        self._tensors = t
        self.inputs = cell_of(s.cell, s.states).inputs * s.states
        self.gates = s.states if s.output_gate else 0
        self.attended = s.heads * s.rank
        if s.heads:
            self._query, self._key = (pack(t[n].reshape(-1, s.states)) for n in ("query", "key"))
        self._fusion_weight = pack(t["fusion_weight"])
        self._no_bias = np.zeros(self.attended, dtype=np.float32)

    def set_inputs(self, x: Floats, u: Floats) -> None:
        """u = W_x x + b."""
        set_rows_times(x, self._input_weight, self._tensors["input_bias"], u)

    def set_logits(self, x: Floats, o: Floats) -> None:
        """o = W_o x + b_o, of an output gate."""
        set_rows_times(x, self._output_weight, self._tensors["output_bias"], o)

    def scan(self, u: Floats, starts: Ints, final: Floats | None = None) -> Floats:
        """Return the states h [N, H]; final has the initial states, and gets the final ones."""
        if final is None:
            final = np.zeros((len(starts) - 1, self.settings.states), dtype=np.float32)
        return SCANS[self.settings.cell](self._tensors, u, starts, final)

    def attend(
        self, h: Floats, x: Floats, starts: Ints, room: tuple[Floats, Floats, Floats],
        context: Floats, sums: Floats,
    ) -> None:  # fmt: skip
        """Fill c [N, D] and sum_t a_ti [N]; room is for queries, keys and one more [N]."""
        s = self.settings
        if not s.heads:
            context[:] = 0
            sums[:] = _even(starts)
            return
        queries, keys, own = room
        set_rows_times(h, self._query, self._no_bias, queries)
        set_rows_times(h, self._key, self._no_bias, keys)
        bilinear_attention.set_sums(
            queries, keys, x, starts, s.heads, s.window, s.causal, context, sums[None], own
        )  # fmt: skip

    def set_received(self, starts: Ints, sums: Floats) -> None:
        """Divide sum_t a_ti in place, so that it becomes the mean r_i."""
        if self.settings.heads:
            bilinear_attention.set_means(starts, self.settings.heads, sums)

    def fuse(self, x: Floats, h: Floats, o: Floats, context: Floats, vectors: Floats) -> None:
        """Fill v, which may be the context's array; y overwrites the output gate's logits o."""
        s, y = self.settings, h
        if s.output_gate:
            output_gate.gate(h, o)
            y = o
        if s.fusion == "gate":
            gate = self._tensors["fusion_gate"]
            fusion.fuse(x, y, context, self._fusion_weight, gate, vectors)
        else:
            for rows in threads.slices(len(x)):  # the copies stay small
                self._concat(x[rows], y[rows], context[rows], vectors[rows])
        if s.normalised:
            layer_norm.normalise(self._tensors["norm_gain"], self._tensors["norm_bias"], vectors)

    def _concat(self, x: Floats, y: Floats, context: Floats, vectors: Floats) -> None:
        joined = np.concatenate([x, y, context], axis=1)
        set_rows_times(joined, self._fusion_weight, self._tensors["fusion_bias"], vectors)
        tanhs(vectors.reshape(-1), vectors.reshape(-1))
        vectors += x

    @lazy
    def _input_weight(self) -> Floats:
        return pack(self._tensors["input_weight"])

    @lazy
    def _output_weight(self) -> Floats:
        return pack(self._tensors["output_weight"])


def _even(starts: Ints) -> Floats:
    """1 / T for each of the T tokens of a document."""
    lengths = np.diff(starts)
    return np.repeat(1 / np.maximum(lengths, 1), lengths).astype(np.float32)
