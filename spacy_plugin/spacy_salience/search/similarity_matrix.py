"""Comparing many items with many: the whole matrix, or the nearest of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast, overload

from salience import checks, room
from salience.errors import RangeError
from salience.types import Floats, Metric

from ..annotations.stamps import OneModel
from .nearest import Nearest, of_each
from .stored import METRICS
from .vectors import Many, fitted, moved, vectors_of

MUCH = 2**26
"""Bytes of scores above which the free memory is looked up, which takes time."""


@overload
def similarity_matrix(
    docs_a: Many, docs_b: Many | None = None, *, top_k: None = None, metric: Metric = "cosine",
    exclude_self: bool = False,
) -> Floats: ...  # fmt: skip


@overload
def similarity_matrix(
    docs_a: Many, docs_b: Many | None = None, *, top_k: int, metric: Metric = "cosine",
    exclude_self: bool = False,
) -> Nearest: ...  # fmt: skip


def similarity_matrix(
    docs_a: Many, docs_b: Many | None = None, *, top_k: int | None = None,
    metric: Metric = "cosine", exclude_self: bool = False,
) -> Floats | Nearest:  # fmt: skip
    """Compare many documents, spans or tokens with many, on all threads.

    s_ij = a_i'b_j / (|a_i| |b_j|), or a_i'b_j, or |a_i - b_j|

    Args:
        docs_a, docs_b: any iterable of Doc, Span, Token or vector [D], or an array
            [N, D] of floating-point numbers, which may be a list, a tensor, or a table
            or column of pandas, polars or pyarrow. Indices count places from 0,
            whatever index a table has. Where docs_b is None, docs_a is compared with
            itself, and with top_k each item comes before others of the same score (by
            "dot" others may still score higher). Where the model ends in a
            projection, all are compared in the document space, or in the token space
            where all are Tokens; an array is taken as it is.
        top_k: return only the top_k nearest of each, or all of docs_b where it
            has fewer; the whole matrix is then never in memory.
        metric: "cosine", "dot", or "euclidean", for which the smallest is nearest.
        exclude_self: with top_k, leave each item itself out of its nearest, but not
            others that are equal to it.

    Returns:
        s [A, B]; with top_k, Nearest(indices [A, k], scores [A, k]), where items of
        equal scores are in the order of docs_b. Equal vectors have a cosine of exactly 1
        and a distance of 0; a vector of zeros, such as an empty document's, has a cosine
        of 0 with all.

    Raises:
        AnnotationError: an item was not processed, items are of two models, or their
            model's projection is not known in this process.
        ShapeError, DtypeError: vectors have another width, or hold no floats.
        RangeError: a number is not finite, or so large that a score might not
            be; top_k is below 1, or the metric is unknown; exclude_self is given
            with docs_b or without top_k; the whole matrix does not fit into
            the free memory.
    """
    where = "similarity_matrix"
    checks.one_of(where, "metric", metric, METRICS)
    k = None if top_k is None else checks.at_least(where, "top_k", top_k, 1)
    if exclude_self:
        _check_excludes(docs_b, k)
    models = OneModel(where)
    a = vectors_of(where, "docs_a", docs_a, metric, models)
    space = models.space
    # A generator that is given twice can be read once only.
    same = docs_b is None or docs_b is docs_a
    b = a if same else vectors_of(where, "docs_b", cast(Many, docs_b), metric, models)
    if b is not a:
        a = moved(where, "docs_a", a, space, metric, models)
        a = a if len(a) else fitted(where, "docs_a", a, b.shape[1])
        b = fitted(where, "docs_b", b, a.shape[1])
    from salience.ops.cosine import cpu  # numba is imported when it is needed

    from .exact import Exact

    columns = len(b) if k is None else min(k, len(b))
    with _in_memory(len(a), columns, 4 if k is None else 12):
        if k is None:
            return cpu.matrix(a, b, metric)
        if docs_b is None:
            return of_each(Exact(a, metric), len(a), k, metric, exclude_self)
        return Nearest(*cpu.top_k(a, b, columns, metric))


@contextmanager
def _in_memory(rows: int, columns: int, size: int) -> Iterator[None]:
    """Raise RangeError before an allocation for which the system would kill the process."""
    needed = rows * columns * size
    free = room.free() if needed > MUCH else None
    advice = (
        f"similarity_matrix: {rows} x {columns} scores need {needed / 1e9:,.1f} GB of memory, more "
        "than is free; ask for the nearest of each only, top_k=10, or search part after part, "
        "Index(docs_b).nearest(part, k)"
    )
    if free is not None and needed > free:
        raise RangeError(advice)
    try:
        yield
    except MemoryError as error:
        raise RangeError(advice) from error


def _check_excludes(docs_b: Many | None, k: int | None) -> None:
    if docs_b is not None:
        raise RangeError(
            "similarity_matrix: exclude_self needs one collection that is compared with itself, "
            "got docs_b, whose items are none of docs_a's; leave out docs_b or exclude_self"
        )
    if k is None:
        raise RangeError(
            "similarity_matrix: exclude_self leaves each item out of its nearest and needs "
            "top_k; of the whole matrix, numpy.fill_diagonal sets what is on the diagonal"
        )
