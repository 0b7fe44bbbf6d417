"""bilinear_attention: a_ti = softmax over i of h_t' W_a h_i, and c_t = sum_i a_ti x_i."""

from numpy.typing import ArrayLike

from ... import checks
from ...errors import RangeError
from ...types import Device, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["attention_weights", "bilinear_attention"]


def bilinear_attention(
    states: ArrayLike,
    values: ArrayLike,
    starts: ArrayLike,
    query: ArrayLike,
    key: ArrayLike,
    *,
    window: int | None = None,
    causal: bool = False,
    device: Device = "cpu",
) -> tuple[Floats, Floats]:
    """Attend from every token to the tokens of its document.

    a_ti = exp(h_t' W_a h_i) / sum_j exp(h_t' W_a h_j),  W_a = Q' K
    c_t = sum_i a_ti x_i
    r_i = mean over t and heads of a_ti

    Each head has its own Q and K and attends over its own slice of the values'
    columns. The weights are formed a few rows at a time, never T x T.

    Args:
        states: h [N, H], all documents' tokens end to end.
        values: x [N, D]; D a multiple of the number of heads.
        starts: where each document begins [B + 1].
        query: Q [heads, R, H]; R is the rank of W_a.
        key: K [heads, R, H].
        window: attend at most this many tokens to either side; no limit where None.
        causal: attend to the token itself and those before it only.
        device: "cpu", or "reference" for the NumPy loops.

    Returns:
        context c [N, D], and received r [N]: the attention each token receives,
        which sums to 1 over a document.

    Raises:
        RangeError: starts do not fit, or the window is negative.
        ShapeError, DtypeError: an array does not fit the others.

    Source: Luong et al., Effective Approaches to Attention-based Neural Machine
    Translation, 2015 (the "general" score).
    """
    where = "bilinear_attention"
    query = checks.floats(where, "query", query, ("heads", "R", "H"))
    key = checks.floats(where, "key", key, query.shape)
    states = checks.floats(where, "states", states, ("N", query.shape[2]))
    values = checks.floats(where, "values", values, (len(states), "D"))
    starts = checks.starts(where, "starts", starts, len(states))
    checks.multiple(where, "the width of values", values.shape[1], "heads", len(query))
    if window is not None:
        window = checks.at_least(where, "window", window, 0)
    backend = choose(where, device, cpu, reference)
    context, received = backend.forward(states, values, starts, query, key, window, causal)
    return context, received


def attention_weights(
    states: ArrayLike,
    query: ArrayLike,
    key: ArrayLike,
    *,
    window: int | None = None,
    causal: bool = False,
    rows: tuple[int, int] | None = None,
    device: Device = "cpu",
) -> Floats:
    """Return the attention weights of one document, for reading.

    a_ti = exp(h_t' W_a h_i) / sum_j exp(h_t' W_a h_j),  W_a = Q' K

    Args:
        states: h [T, H] of one document.
        query: Q [heads, R, H].
        key: K [heads, R, H].
        window: attend at most this many tokens to either side; no limit where None.
        causal: attend to the token itself and those before it only.
        rows: the tokens t to return weights for, first and one past the last;
            all where None.
        device: "cpu", or "reference" for the NumPy loops.

    Returns:
        a [heads, rows, T]; every row sums to 1.

    Raises:
        RangeError: rows are not within the document, or the window is negative.
        ShapeError, DtypeError: an array does not fit the others.
    """
    where = "attention_weights"
    query = checks.floats(where, "query", query, ("heads", "R", "H"))
    key = checks.floats(where, "key", key, query.shape)
    checks.at_least(where, "the number of heads", len(query), 1)
    states = checks.floats(where, "states", states, ("T", query.shape[2]))
    if window is not None:
        window = checks.at_least(where, "window", window, 0)
    first, last = rows or (0, len(states))
    if not 0 <= first <= last <= len(states):
        raise RangeError(
            f"{where}: rows must lie within the document's {len(states)} tokens, "
            f"got {first}..{last}"
        )
    backend = choose(where, device, cpu, reference)
    weights: Floats = backend.weights(states, query, key, window, causal, first, last)
    return weights
