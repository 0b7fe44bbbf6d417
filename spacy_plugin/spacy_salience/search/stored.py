"""The state of an Index, which is pickled, or saved to a file.

The file has the format of weights (salience.model.weights): arrays and a JSON header with a
digest, without pickle. It is the same on all processors.
"""

from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from salience import checks
from salience.errors import SalienceError, WeightsError
from salience.model import weights
from salience.types import Floats, Metric

from ..annotations.stamps import Space

KIND = "index"
METRICS = ("cosine", "dot", "euclidean")
BACKENDS = ("exact", "usearch")

Collection: TypeAlias = Any
"""An Exact or a Graph."""


class State(NamedTuple):
    """What an Index is restored from: its size [rows, width], and the `array` of its collection.

    model is the fingerprint of the vectors' model, where it is known, and space the space
    that they are in, where the model ends in a projection.
    """

    metric: Metric
    backend: str
    rows: int
    width: int
    array: NDArray[Any]
    model: str | None
    space: Space | None = None


def collection_of_vectors(vectors: Floats, metric: Metric, backend: str) -> Collection:
    """Return an Exact or a Graph of vectors [B, D]."""
    if backend == "usearch":
        from .ann import Graph

        return Graph(vectors, metric)
    from .exact import Exact  # numba is imported when it is needed

    return Exact(vectors, metric)


def collection_of(state: State) -> Collection:
    """Return the Exact or the Graph that this state is of."""
    if state.backend == "usearch":
        from .ann import Graph

        return Graph.restored(state.array, state.metric, state.rows, state.width)
    from .exact import Exact

    return Exact.restored(state.array, state.metric)


def write(state: State, path: Path) -> None:
    """Write the file, whole or not at all."""
    settings = {"kind": KIND, **state._asdict()}
    del settings["array"]
    weights.save(weights.Weights({"array": state.array}, settings), path)


def read(path: Path) -> State:
    """Read the file; WeightsError names it where it is missing, damaged or no Index."""
    found = weights.load(path)
    if found.settings.get("kind") != KIND or set(found.tensors) != {"array"}:
        raise WeightsError(
            f"{path}: expected an Index, as Index.to_disk writes it, got another file of salience, "
            "such as a model; give the file that the Index was saved to"
        )
    try:
        return _checked(State(array=found.tensors["array"], **_own(found.settings)))
    except (SalienceError, KeyError) as error:
        raise WeightsError(
            f"{path}: expected an Index, could not use it ({error}); make it again from its "
            "documents, Index(docs).to_disk(path)"
        ) from error


def _own(settings: Any) -> dict[str, Any]:
    names = ("metric", "backend", "rows", "width", "model")
    # Older files state no space: their models end in no projection.
    return {**{name: settings[name] for name in names}, "space": settings.get("space")}


def _checked(state: State) -> State:
    """Check all that kernels rely on."""
    where = "Index.from_disk"
    checks.one_of(where, "metric", state.metric, METRICS)
    checks.one_of(where, "backend", state.backend, BACKENDS)
    for name in ("rows", "width"):
        checks.at_least(where, name, getattr(state, name), 0)
    if not (state.model is None or isinstance(state.model, str)):
        raise WeightsError(f"{where}: expected a model's fingerprint, got {state.model!r:.40}")
    checks.one_of(where, "space", state.space, (None, "token", "document"))
    if state.backend == "exact":
        shape = (state.rows, state.width)
        vectors = checks.floats(where, "its vectors", state.array, shape)
        checks.comparable(where, "its vectors", vectors, state.metric)
        return state._replace(array=vectors)
    if state.array.dtype != np.uint8:
        raise WeightsError(f"{where}: expected the bytes of a graph, got {state.array.dtype}")
    return state
