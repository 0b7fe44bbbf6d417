"""bilinear_attention: a_ti = softmax over i of h_t' W_a h_i, and c_t = sum_i a_ti x_i."""

from typing import NamedTuple

from numpy.typing import ArrayLike

from ... import checks
from ...errors import ShapeError
from ...types import Device, Floats, Ints
from ..devices import choose
from . import cpu, reference

__all__ = [
    "attention_weights",
    "backprop_bilinear_attention",
    "backprop_step_attention",
    "bilinear_attention",
    "step_attention",
]


def bilinear_attention(
    states: ArrayLike,
    values: ArrayLike,
    starts: ArrayLike,
    query: ArrayLike,
    key: ArrayLike | None = None,
    *,
    window: int | None = None,
    causal: bool = False,
    temperature: float = 1.0,
    device: Device | None = None,
) -> tuple[Floats, Floats]:
    """Attend from every token to the tokens of its document.

    a_ti = exp(h_t' W_a h_i / T) / sum_j exp(h_t' W_a h_j / T),  W_a = Q' K
    c_t = sum_i a_ti x_i
    r_i = mean over t and heads of a_ti

    Each head has its own Q and K and attends over its own slice of the values'
    columns. The weights are formed a few rows at a time, never all at once. A
    full W_a is Q = W_a' [heads, H, H] without a K. Values must be finite: what
    is not may reach the tokens next to it, also past the window, in its own
    document.

    Args:
        states: h [N, H], all documents' tokens end to end.
        values: x [N, D]; D a multiple of the number of heads.
        starts: where each document begins [B + 1].
        query: Q [heads, R, H]; R is the rank of W_a.
        key: K [heads, R, H]; where None it is the identity, and R is H.
        window: attend at most this many tokens to either side; no limit where None.
        causal: attend to the token itself and those before it only.
        temperature: T, from 1e-6 to 1e6; above 1 the weights are more even, below 1 less.
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        context c [N, D], and received r [N]: the attention each token receives,
        which sums to 1 over a document.

    Raises:
        RangeError: starts do not fit, or window or temperature is out of range.
        ShapeError, DtypeError: an array does not fit the others.

    Source: Luong et al., Effective Approaches to Attention-based Neural Machine
    Translation, 2015 (the "general" score).
    """
    where = "bilinear_attention"
    given = _checked(where, states, values, starts, query, key)
    view = _view(where, window, causal, temperature)
    forward = choose(where, device, cpu.forward, reference.forward)
    context, received, _ = forward(*given, *view)
    return context, received


def backprop_bilinear_attention(
    d_context: ArrayLike,
    states: ArrayLike,
    values: ArrayLike,
    starts: ArrayLike,
    query: ArrayLike,
    key: ArrayLike | None = None,
    *,
    d_received: ArrayLike | None = None,
    window: int | None = None,
    causal: bool = False,
    temperature: float = 1.0,
    device: Device | None = None,
) -> tuple[Floats, Floats, Floats, Floats | None]:
    """Return the gradients of bilinear_attention, whose weights are computed again in blocks.

    With p_ti = dL/dc_t' x_i + dL/dr_i / (heads T) of each head and
    z_ti = a_ti (p_ti - sum_j a_tj p_tj) / temperature: dL/dx_i = sum_t a_ti dL/dc_t,
    dL/d(Q h_t) = sum_i z_ti K h_i and dL/d(K h_i) = sum_t z_ti Q h_t

    Args:
        d_context: dL/dc [N, D].
        states, values, starts, query, key, window, causal, temperature, device:
            as given to bilinear_attention.
        d_received: dL/dr [N]; zeros where None.

    Returns:
        d_states [N, H], d_values [N, D], d_query and d_key [heads, R, H]; d_key
        is None where key is.

    Raises:
        RangeError, ShapeError, DtypeError: as bilinear_attention.

    Source: Dao et al., FlashAttention, 2022 (recomputing in blocks).
    """
    where = "backprop_bilinear_attention"
    given = _checked(where, states, values, starts, query, key)
    d_context = checks.floats(where, "d_context", d_context, given.values.shape)
    tokens = (len(d_context),)
    d_received = checks.floats_or_zeros(where, "d_received", d_received, tokens, d_context)
    view = _view(where, window, causal, temperature)
    backprop = choose(where, device, cpu.backprop, reference.backprop)
    return backprop(d_context, d_received, checks.zeros(tokens, d_context), *given, *view)


def step_attention(
    states: ArrayLike,
    starts: ArrayLike,
    query: ArrayLike,
    key: ArrayLike | None = None,
    *,
    window: int | None = None,
    causal: bool = False,
    temperature: float = 1.0,
    device: Device | None = None,
) -> Floats:
    """Return one weight a step: how much of its attention each token keeps for itself.

    a_t = exp(h_t' W_a h_t / T) / sum_i exp(h_t' W_a h_i / T),  W_a = Q' K

    Args and Raises: as bilinear_attention.

    Returns:
        a [N], between 0 and 1, the mean over heads.
    """
    where = "step_attention"
    given = _without_values(where, states, starts, query, key)
    view = _view(where, window, causal, temperature)
    forward = choose(where, device, cpu.forward, reference.forward)
    own: Floats = forward(*given, *view)[2]
    return own


def backprop_step_attention(
    d_weights: ArrayLike,
    states: ArrayLike,
    starts: ArrayLike,
    query: ArrayLike,
    key: ArrayLike | None = None,
    *,
    window: int | None = None,
    causal: bool = False,
    temperature: float = 1.0,
    device: Device | None = None,
) -> tuple[Floats, Floats, Floats | None]:
    """Return the gradients of step_attention.

    As backprop_bilinear_attention, with p_tt = dL/da_t / heads and p_ti = 0 elsewhere

    Args:
        d_weights: dL/da [N].
        states, starts, query, key, window, causal, temperature, device: as
            given to step_attention.

    Returns:
        d_states [N, H], d_query and d_key [heads, R, H]; d_key is None where key is.

    Raises:
        RangeError, ShapeError, DtypeError: as step_attention.
    """
    where = "backprop_step_attention"
    given = _without_values(where, states, starts, query, key)
    d_weights = checks.floats(where, "d_weights", d_weights, (len(given.states),))
    view = _view(where, window, causal, temperature)
    backprop = choose(where, device, cpu.backprop, reference.backprop)
    d_states, _, d_query, d_key = backprop(
        given.values, checks.zeros(d_weights.shape, d_weights), d_weights, *given, *view
    )
    return d_states, d_query, d_key


def attention_weights(
    states: ArrayLike,
    query: ArrayLike,
    key: ArrayLike | None = None,
    *,
    window: int | None = None,
    causal: bool = False,
    temperature: float = 1.0,
    rows: tuple[int, int] | None = None,
    device: Device | None = None,
) -> Floats:
    """Return the attention weights of one document, for reading.

    a_ti = exp(h_t' W_a h_i / T) / sum_j exp(h_t' W_a h_j / T),  W_a = Q' K

    Args:
        states: h [T, H] of one document.
        query, key, window, causal, temperature, device: as of bilinear_attention.
        rows: the tokens t to return weights for, first and one past the last;
            all where None.

    Returns:
        a [heads, rows, T]; every row sums to 1.

    Raises:
        RangeError: rows are not within the document, or window or temperature
            is out of range.
        ShapeError, DtypeError: an array does not fit the others.
    """
    where = "attention_weights"
    query, key = _matrices(where, query, key)
    states = checks.floats(where, "states", states, ("T", query.shape[2]))
    view = _view(where, window, causal, temperature)
    first, last = checks.rows_of(where, rows, len(states))
    weights = choose(where, device, cpu.weights, reference.weights)
    return weights(states, query, key, *view, first, last)


class _Given(NamedTuple):
    states: Floats
    values: Floats
    starts: Ints
    query: Floats
    key: Floats | None


def _checked(
    where: str, states: ArrayLike, values: ArrayLike, starts: ArrayLike,
    query: ArrayLike, key: ArrayLike | None,
) -> _Given:  # fmt: skip
    query, key = _matrices(where, query, key)
    states = checks.floats(where, "states", states, ("N", query.shape[2]))
    values = checks.floats(where, "values", values, (len(states), "D"))
    starts = checks.starts(where, "starts", starts, len(states))
    checks.multiple(where, "the width of values", values.shape[1], "heads", len(query))
    return _Given(states, values, starts, query, key)


def _without_values(
    where: str, states: ArrayLike, starts: ArrayLike, query: ArrayLike, key: ArrayLike | None
) -> _Given:
    states = checks.floats(where, "states", states, ("N", "H"))
    nothing = checks.zeros((len(states), 0), states)
    return _checked(where, states, nothing, starts, query, key)


def _matrices(where: str, query: ArrayLike, key: ArrayLike | None) -> tuple[Floats, Floats | None]:
    query = checks.floats(where, "query", query, ("heads", "R", "H"))
    checks.at_least(where, "the number of heads", len(query), 1)
    if key is not None:
        return query, checks.floats(where, "key", key, query.shape)
    heads, rank, states = query.shape
    if rank != states:
        raise ShapeError(
            f"{where}: without a key, query must be a full W_a' of the shape [heads, H, H], "
            f"got [{heads}, {rank}, {states}]; give a key of that shape too"
        )
    return query, None


def _view(
    where: str, window: int | None, causal: bool, temperature: float
) -> tuple[int | None, bool, float]:
    checked = None if window is None else checks.at_least(where, "window", window, 0)
    checks.one_of(where, "causal", causal, (True, False))
    return checked, bool(causal), checks.between(where, "temperature", temperature, 1e-6, 1e6)
