"""Letters of dimensions, types of arrays, and how batches are stored.

B documents, N tokens of all documents end to end, T tokens of one document,
D width of a token vector, H recurrent states, V rows of a table, R rank of an
attention head, M rows named by all bags end to end.
"""

from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]

Device: TypeAlias = Literal["cpu", "cuda", "reference"]
Direction: TypeAlias = Literal["forward", "backward", "both"]
Metric: TypeAlias = Literal["cosine", "dot", "euclidean"]


def starts_of(sizes: ArrayLike) -> Ints:
    """Return where owners of these sizes begin [B + 1]: the running sum after a 0."""
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def on_gpu(array: object) -> bool:
    """Say whether an array lives on a GPU: one of numba's, CuPy's, PyTorch's or alike."""
    return hasattr(array, "__cuda_array_interface__") or hasattr(array, "__cuda_ndarray__")


class Batch(NamedTuple):
    """Token vectors of B documents end to end; document b has data[starts[b]:starts[b + 1]].

    data [N, D] and starts [B + 1]. An empty document is a repeated start.
    """

    data: Floats
    starts: Ints

    def documents(self) -> list[Floats]:
        """Return each document's rows, which are not copied."""
        return [self.data[first:last] for first, last in pairwise(self.starts.tolist())]


class Encoded(NamedTuple):
    """The encoder's results for a batch of B documents with N tokens.

    vectors v [N, D], salience s [N], received attention r [N] and documents
    d [B, D]; s and r sum to 1 over a document.
    """

    vectors: Floats
    salience: Floats
    received: Floats
    documents: Floats


class Ragged(NamedTuple):
    """Items of many owners end to end; owner b has data[starts[b]:starts[b + 1]].

    data [N, ...] and starts [B + 1] int64. An owner of nothing is a repeated
    start. A batch of documents is such a pair, and so are the table rows whose
    mean is a token's embedding.
    """

    data: Ints
    starts: Ints


class Tokens(NamedTuple):
    """What the embedding of U different tokens is computed from.

    words: the rows of the word table of each (bags), or the word vectors themselves
    [U, M], or None. attributes: the rows of the attribute table of each, or None.
    """

    words: Ragged | Floats | None
    attributes: Ragged | None = None
