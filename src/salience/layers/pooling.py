"""Pooling: d = sum_t s_t v_t, with s = softmax over the document of u'v_t."""

from collections.abc import Callable
from typing import Any

from thinc.api import Model

from ..ops import backprop_pooling, pooling
from ..types import Batch, Floats
from .gradients import learn


def Pooling(nI: int | None = None) -> Model[Batch, Floats]:
    """Join a document's token vectors v [N, nI] to one [B, nI], by their salience.

    s = softmax over the document of u'v_t, d = sum_t s_t v_t, with u [nI]

    An empty document is zeros. At the start u = 0, the mean.
    """
    return Model("pooling", forward, init=init, dims={"nI": nI, "nO": nI}, params={"u": None})


def forward(model: Any, X: Batch, is_train: bool) -> tuple[Floats, Callable[[Floats], Batch]]:
    """The document vectors, and the gradients of token vectors and u."""
    starts, query = X.starts, model.get_param("u")
    weights = model.ops.alloc1f(len(X.data))
    salience, documents = pooling(X.data, query, weights, starts)

    def backprop(d_documents: Floats) -> Batch:
        d_vectors, d_query, _ = backprop_pooling(d_documents, salience, X.data, query, starts)
        learn(model, u=d_query)
        return Batch(d_vectors, X.starts)

    return documents, backprop


def salience_of(model: Any, X: Batch) -> Floats:
    """Return s [N], each token's weight in its document."""
    weights = model.ops.alloc1f(len(X.data))
    salience, _ = pooling(X.data, model.get_param("u"), weights, X.starts)
    return salience


def init(model: Any, X: Batch | None = None, Y: Floats | None = None) -> None:
    """Take the width from the token vectors; u = 0."""
    if X is not None:
        for dim in ("nI", "nO"):
            model.set_dim(dim, X.data.shape[1])
    model.set_param("u", model.ops.alloc1f(model.get_dim("nI")))
