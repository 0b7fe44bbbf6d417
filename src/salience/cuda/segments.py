"""Long documents in segments, which are worked on side by side.

How a document is divided depends on its length alone, so that its result does
not depend on its neighbours.
"""

from typing import Any, NamedTuple

import numpy as np

from ..types import Ints, starts_of
from .plans import Plan

SEGMENT = 256
"""Steps of a segment: about a thousand segments keep a large GPU busy."""

WHOLE = 512
"""Steps up to which a document is one segment: it then needs one pass over its rows, not two."""


class Segments(NamedTuple):
    """K segments of B documents.

    rows [K, 3] on the device: a segment's first row, one past its last, and its
    document. ends [B + 1] on the device: where each document's segments begin.
    divided says whether any document has several.
    """

    rows: Any
    ends: Any
    divided: bool

    def __len__(self) -> int:
        """K."""
        return int(self.rows.shape[0])


def segments_of(starts: Ints) -> Segments:
    """Divide the documents; an empty one has one segment, which is empty."""
    rows, ends = plan(starts)
    return Segments(rows, ends, len(rows) > len(starts) - 1)


@Plan
def plan(starts: Ints) -> tuple[Ints, Ints]:
    """The rows and the ends of Segments."""
    lengths = np.diff(starts)
    counts = np.where(lengths <= WHOLE, 1, -(-lengths // SEGMENT))
    ends = starts_of(counts)
    document = np.repeat(np.arange(len(lengths)), counts)
    first = starts[:-1][document] + SEGMENT * (np.arange(ends[-1]) - ends[:-1][document])
    last = np.minimum(
        first + np.where(counts == 1, lengths, SEGMENT)[document], starts[1:][document]
    )
    return np.stack([first, last, document], axis=1), ends
