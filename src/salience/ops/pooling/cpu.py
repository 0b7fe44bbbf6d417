"""pooling on the CPU."""

import numpy as np

from ...jit import F1, F2, I1, OUT1, OUT2, kernel
from ...types import Floats, Ints
from ..products import add_transposed_product
from ..reductions import dot
from ..simd import LANES
from ..softmax import softmax


def forward(vectors: Floats, query: Floats, weights: Floats, starts: Ints) -> tuple[Floats, Floats]:
    """s = softmax(u'v + w) and d = sum_t s_t v_t."""
    salience = np.empty((len(vectors), 1), dtype=np.float32)
    documents = np.zeros((len(starts) - 1, vectors.shape[1]), dtype=np.float32)
    pool(vectors, query, weights, starts, np.empty(LANES, np.float32), salience, documents)
    return salience[:, 0], documents


@kernel(F2, F1, F1, I1, OUT1, OUT2, OUT2)
def pool(
    vectors: Floats, query: Floats, weights: Floats, starts: Ints,
    lanes: Floats, salience: Floats, documents: Floats,
) -> None:  # fmt: skip
    """Salience = softmax(u'v + w), documents += salience' v."""
    width = vectors.shape[1]
    for b in range(len(starts) - 1):
        first, last = starts[b], starts[b + 1]
        for t in range(first, last):
            salience[t, 0] = dot(query, vectors[t]) + weights[t]
        softmax(salience[first:last].reshape(last - first), lanes)
        add_transposed_product(
            salience, (first, last), (0, 1), vectors, first, (0, width), documents, b, 0
        )  # fmt: skip
