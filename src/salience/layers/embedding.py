"""EmbeddingBags: x_t = sum of the rows that a token's features are hashed to."""

from collections.abc import Callable
from typing import Any

from thinc.api import Model, uniform_init

from ..ops import backprop_embedding_bags, embedding_bags
from ..types import Floats, Ragged
from .gradients import learn


def EmbeddingBags(nO: int, nV: int) -> Model[Ragged, Floats]:
    """Look up the mean of each bag's rows of a table E [nV, nO] that learns.

    x_t = mean over the rows i of token t of E[i]

    Takes salience's Ragged: ids [M] and where each token's begin [N + 1].
    Raises RangeError where an id is that of no row. Rows start uniform in +-0.1.
    """
    return Model(
        "embedding_bags", forward, init=init, dims={"nO": nO, "nV": nV}, params={"E": None}
    )


def forward(model: Any, X: Ragged, is_train: bool) -> tuple[Floats, Callable[[Floats], Ragged]]:
    """x_t = mean of E[i], and the gradient of E."""
    ids = model.ops.asarray(X.data)
    x = embedding_bags(model.get_param("E"), ids, X.starts)

    def backprop(d_x: Floats) -> Ragged:
        d_table = backprop_embedding_bags(d_x, ids, X.starts, model.get_dim("nV"))
        learn(model, E=d_table)
        return X  # ids have no gradient

    return x, backprop


def init(model: Any, X: Ragged | None = None, Y: Floats | None = None) -> None:
    """Uniform in +-0.1, as spaCy's hashed rows."""
    shape = model.get_dim("nV"), model.get_dim("nO")
    model.set_param("E", uniform_init(model.ops, shape))
