"""Each distinct text is encoded once, however many tasks need it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from tqdm import tqdm

from salience import checks
from salience.types import Floats

from ..pictures.labels import harmless
from .token_vectors import TokenVectors

Encode: TypeAlias = Callable[[Sequence[str]], Any]
"""Texts to one vector each [len(texts), D]."""

TEXTS_AT_ONCE = 1024
"""Texts that a model is given at once."""


class Vectors:
    """The vectors of many texts, by the texts.

    tokens: the token vectors of sentences, by their kind.
    """

    def __init__(
        self, encode: Encode, texts: Iterable[str], name: str = "texts",
        tokens: Mapping[str, TokenVectors] | None = None,
    ) -> None:  # fmt: skip
        """Encode the distinct texts in batches, in their order.

        Raises ShapeError, DtypeError or RangeError where encode does not return
        one finite vector a text, all of one width.
        """
        self.tokens = tokens or {}
        distinct = list(dict.fromkeys(texts))
        self._rows = {text: row for row, text in enumerate(distinct)}
        self._vectors = np.zeros((0, 0), dtype=np.float32)
        with tqdm(total=len(distinct), desc=harmless(name), unit=" texts", disable=None) as bar:
            for first in range(0, len(distinct), TEXTS_AT_ONCE):
                batch = distinct[first : first + TEXTS_AT_ONCE]
                found = self._checked(name, encode(batch), len(batch))
                if not first:
                    self._vectors = np.empty((len(distinct), found.shape[1]), dtype=np.float32)
                self._vectors[first : first + len(batch)] = found
                bar.update(len(batch))

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return the vectors of texts [len(texts), D]."""
        return self._vectors[[self._rows[text] for text in texts]]

    def _checked(self, name: str, given: Any, count: int) -> Floats:
        width = self._vectors.shape[1] or "D"
        found = checks.floats(name, "the vectors of texts", given, (count, width))
        checks.finite(name, "the vectors of texts", found)
        return found
