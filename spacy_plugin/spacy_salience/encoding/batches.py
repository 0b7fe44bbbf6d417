"""Texts as they are given, and batches of them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from salience.errors import DtypeError
from salience.types import Floats

BATCH_CHARACTERS = 2**17
"""A batch ends when it has so many characters, however few texts these are."""


def texts_of(where: str, texts: Any) -> list[str]:
    """Return an iterable of texts as a list; DtypeError where it is none, or one is no string."""
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise DtypeError(
            f"{where}: expected an iterable of texts, got {type(texts).__name__}; give texts as a "
            "list of str, and decode bytes"
        )
    found = list(texts)
    for place, text in enumerate(found):
        if not isinstance(text, str):
            raise DtypeError(
                f"{where}: expected texts, got {type(text).__name__} at place {place}; leave it "
                'out, or give "" for a missing text'
            )
    return found


def batches_of(texts: Sequence[str], batch_size: int) -> Iterator[list[str]]:
    """Yield batches of at most so many texts."""
    batch: list[str] = []
    characters = 0
    for text in texts:
        batch.append(text)
        characters += len(text)
        if len(batch) >= batch_size or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def of_length_one(vectors: Floats) -> Floats:
    """Divide vectors [B, D] by their lengths, in place, and return them; zeros stay zeros."""
    lengths = np.sqrt(np.square(vectors, dtype=np.float64).sum(axis=1, keepdims=True))
    np.divide(vectors, lengths, where=lengths > 0, out=vectors, casting="same_kind")
    return vectors
