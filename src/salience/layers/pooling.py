"""Pooling: d = P sum_t s_t v_t, with s = softmax over the document of u'v_t + w_t."""

from collections.abc import Callable
from typing import Any, TypeAlias

from thinc.api import Model, glorot_uniform_init

from ..ops import affine, backprop_affine, backprop_pooling, pooling
from ..types import Batch, Floats
from .gradients import learn

Pooled: TypeAlias = tuple[Floats, Floats]


def Pooling(nI: int | None = None, nO: int | None = None) -> Model[Batch, Floats]:
    """Pool token vectors v [N, nI] to document vectors [B, nI], or [B, nO], by salience.

    s = softmax over the document of u'v_t + w_t, d = P sum_t s_t v_t, with u [nI]

    Where nO is None there is no P [nO, nI]; w_t is 0, unless `pool` is given it. An empty
    document has zeros. At the start u = 0, which is the mean, and P as in Glorot and Bengio, 2010.
    """
    params: dict[str, Any] = {"u": None} if nO is None else {"u": None, "P": None}
    return Model("pooling", forward, init=init, dims={"nI": nI, "nO": nO or nI}, params=params)


def forward(model: Any, X: Batch, is_train: bool) -> tuple[Floats, Callable[[Floats], Batch]]:
    """The document vectors, and the gradients of token vectors, u and P."""
    (_, documents), backprop_pool = pool(model, X, model.ops.alloc1f(len(X.data)))

    def backprop(d_documents: Floats) -> Batch:
        return Batch(backprop_pool(d_documents)[0], X.starts)

    return documents, backprop


def pool(
    model: Any, X: Batch, weights: Floats
) -> tuple[Pooled, Callable[[Floats], tuple[Floats, Floats]]]:
    """Return s [N] and d, with w [N] given; and the gradients of token vectors and w."""
    starts, query = X.starts, model.get_param("u")
    salience, sums = pooling(X.data, query, weights, starts)
    project = model.get_param("P") if model.has_param("P") else None
    documents = sums if project is None else affine(sums, project)

    def backprop(d_documents: Floats) -> tuple[Floats, Floats]:
        d_sums = d_documents
        if project is not None:
            d_sums, d_project, _ = backprop_affine(d_documents, sums, project)
            learn(model, P=d_project)
        d_vectors, d_query, d_weights = backprop_pooling(d_sums, salience, X.data, query, starts)
        learn(model, u=d_query)
        return d_vectors, d_weights

    return (salience, documents), backprop


def salience_of(model: Any, X: Batch) -> Floats:
    """Return s [N], each token's weight in its document."""
    weights = model.ops.alloc1f(len(X.data))
    salience, _ = pooling(X.data, model.get_param("u"), weights, X.starts)
    return salience


def init(model: Any, X: Batch | None = None, Y: Floats | None = None) -> None:
    """Take the width from the token vectors; u = 0."""
    if X is not None:
        model.set_dim("nI", X.data.shape[1])
        if not model.has_dim("nO"):
            model.set_dim("nO", X.data.shape[1])
    model.set_param("u", model.ops.alloc1f(model.get_dim("nI")))
    if "P" in model.param_names:
        shape = model.get_dim("nO"), model.get_dim("nI")
        model.set_param("P", glorot_uniform_init(model.ops, shape))
