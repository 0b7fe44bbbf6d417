"""From results for the units of a text, which the encoder reads, to results for its tokens."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..cpu.jit import I1, INT, OUT2, kernel
from ..model.units import Units
from ..types import Encoded, Floats, Ints


def spread(pieces: Sequence[Encoded], units: Units) -> Iterator[Encoded]:
    """Yield the results for tokens, from those for their units.

    v_t = v_unit(t), s_t = s_unit(t) / tokens of unit(t), and received attention
    likewise, so that both sum to 1 over a document; a blank token has zeros.
    Where a piece's vectors have a row for each token already, the units' rows come
    first and are moved in place.
    """
    document = 0
    for piece in pieces:
        following = document + len(piece.documents)
        first, last = units.tokens[document], units.tokens[following]
        places = units.places[first:last] - units.starts[document]
        yield _spread(piece, places, units.shares[first:last])
        document = following


def spread_attention(weights: Floats, units: Units, asked: Ints, low: int) -> Floats:
    """Return attention weights of tokens [heads, rows, T], from those of units [heads, ., M].

    a_ti = a_unit(t)unit(i) / tokens of unit(i). asked [rows] has each row's unit, or
    less than 0 for a blank, whose row and column are zeros; the first row of weights
    is that of unit `low`.
    """
    found = np.zeros((len(weights), len(asked), len(units.places)), dtype=np.float32)
    seen = asked >= 0
    if seen.any():
        found[:, seen] = weights[:, asked[seen] - low][..., units.places] * units.shares
    return found


def _spread(piece: Encoded, places: Ints, shares: Floats) -> Encoded:
    if len(piece.salience) == len(places):
        return piece  # every token is a unit
    blank = shares == 0
    if blank.all():
        zeros = np.zeros((len(places), piece.vectors.shape[1]), dtype=np.float32)
        return Encoded(zeros, zeros[:, 0].copy(), zeros[:, 0].copy(), piece.documents)
    places = np.where(blank, 0, places)
    vectors = piece.vectors
    if len(vectors) != len(places):
        vectors = np.empty((len(places), vectors.shape[1]), dtype=np.float32)
        vectors[: len(piece.salience)] = piece.vectors
    _move_rows(vectors, places, vectors.shape[1])
    vectors[blank] = 0
    return Encoded(
        vectors, piece.salience[places] * shares, piece.received[places] * shares, piece.documents
    )


@kernel(OUT2, I1, INT)
def _move_rows(rows: Floats, places: Ints, width: int) -> None:
    """Set rows[t] = rows[places[t]] [N, width], where places [N] rise and places[t] <= t."""
    for t in range(len(places) - 1, -1, -1):
        place = places[t]
        if place == t:
            break  # all rows before are in place too
        for j in range(width):
            rows[t, j] = rows[place, j]
