"""Documents in chunks, which run side by side along time.

How a document is divided depends on its length alone, so that its result does
not depend on its neighbours.
"""

from typing import Any, NamedTuple

import numpy as np

from ..types import Ints, starts_of
from .plans import Plan

CHUNK = 256
"""Steps of a chunk: a thousand chunks of a long document keep a large GPU busy."""

WHOLE = 512
"""Steps of a document that is one chunk: many such need one pass over their rows, not two."""


class Chunks(NamedTuple):
    """What of which document a chunk is; K chunks of B documents.

    rows [K, 3] on the device: a chunk's first row, one past its last, and its
    document. ends [B + 1] on the device: where each document's chunks begin.
    divided says whether any document has several.
    """

    rows: Any
    ends: Any
    divided: bool

    def __len__(self) -> int:
        """K."""
        return int(self.rows.shape[0])


def chunks_of(starts: Ints) -> Chunks:
    """Divide the documents; an empty one has one chunk, which is empty."""
    rows, ends = plan(starts)
    return Chunks(rows, ends, len(rows) > len(starts) - 1)


@Plan
def plan(starts: Ints) -> tuple[Ints, Ints]:
    """The rows and the ends of Chunks."""
    lengths = np.diff(starts)
    counts = np.where(lengths <= WHOLE, 1, -(-lengths // CHUNK))
    ends = starts_of(counts)
    document = np.repeat(np.arange(len(lengths)), counts)
    first = starts[:-1][document] + CHUNK * (np.arange(ends[-1]) - ends[:-1][document])
    last = np.minimum(first + np.where(counts == 1, lengths, CHUNK)[document], starts[1:][document])
    return np.stack([first, last, document], axis=1), ends
