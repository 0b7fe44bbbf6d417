"""Losses for a student of sentence vectors, each with its gradient.

B sentences, D the student's width, K the teacher's. Directions are rows of
length 1. A loss is a mean over the batch, comparable between batch sizes. Products
are those of ops, whose bits do not depend on a number of threads as BLAS's do.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..errors import RangeError
from ..ops import affine, backprop_affine
from ..types import Floats, Ints

LEAST = 1e-12
"""A shorter row has no direction: the result and its gradient are zeros."""

PAIRS_OF_A_WORD = 4
"""Pairs of places of one word in a batch: common words have many, and would outweigh all others."""

NEVER = np.float32(-1e9)
"""A finite score whose probability is 0."""


class Objective(NamedTuple):
    """How much each loss counts, and the temperature of `neighbours`.

    tokens is of the direction of token vectors, and counts with contexts where the teacher
    gives any: their defaults are those of a trial, and were not tuned. The other defaults
    were measured on en_small (see its model card).
    """

    direction: float = 4.0
    similarity: float = 5.0
    neighbours: float = 0.5
    tokens: float = 2.0
    contexts: float = 4.0
    temperature: float = 0.05


def directions(rows: Floats) -> tuple[Floats, Floats]:
    """Return rows / |rows| [B, D] and the lengths [B, 1] they were divided by."""
    lengths = np.sqrt(np.einsum("bd,bd->b", rows, rows))[:, None]
    lengths = np.where(lengths < LEAST, np.float32(np.inf), lengths).astype(np.float32)
    return rows / lengths, lengths


def backprop_directions(d_units: Floats, units: Floats, lengths: Floats) -> Floats:
    """dL/drow = (dL/du - (dL/du . u) u) / |row|."""
    along = np.einsum("bd,bd->b", d_units, units)[:, None]
    return np.asarray((d_units - along * units) / lengths, dtype=np.float32)


def direction(units: Floats, readout: Floats, teacher: Floats) -> tuple[float, Floats, Floats]:
    """The loss of the teacher's direction, read out of the student's by R [K, D].

    L = mean_b (1 - cos(R u_b, t_b))

    Returns L, dL/du [B, D] and dL/dR [K, D].
    """
    read, lengths = directions(affine(units, readout))
    cosines = np.einsum("bk,bk->b", read, teacher)
    d_read = backprop_directions(teacher / np.float32(-max(len(units), 1)), read, lengths)
    d_units, d_readout, _ = backprop_affine(d_read, units, readout)
    return float(1 - cosines.mean()), d_units, d_readout


def all_similarities(units: Floats) -> Floats:
    """Return s_ij = u_i . u_j of the whole batch [B, B]."""
    return affine(units, units)


def backprop_all_similarities(d_scores: Floats, units: Floats) -> Floats:
    """dL/du_i = sum_j (dL/ds_ij + dL/ds_ji) u_j."""
    return affine(d_scores + d_scores.T, units.T)


def similarities(scores: Floats, teacher: Floats) -> tuple[float, Floats]:
    """The loss of the teacher's similarity of every pair of the batch.

    L = mean over i != j of (s_ij - t_ij)^2

    Takes all similarities within the batch, the student's s and the teacher's t
    [B, B]; returns L and dL/ds [B, B].
    """
    pairs = max(len(scores) * (len(scores) - 1), 1)
    apart = scores - teacher
    np.fill_diagonal(apart, 0)
    return float(np.vdot(apart, apart) / pairs), apart * np.float32(2 / pairs)


def neighbours(scores: Floats, teacher: Floats, temperature: float) -> tuple[float, Floats]:
    """The loss of the same neighbours as the teacher's, the nearest first.

    L = mean_i KL(p_i || q_i), p_i = softmax over j != i of t_ij / T and q_i the
    same of the student's s

    Takes and returns what `similarities` does. Raises RangeError where T is not
    above 0. Source: Hinton et al., Distilling the Knowledge in a Neural
    Network, 2015; Tejankar et al., ISD, 2021 (of similarities).
    """
    if len(scores) < 2:
        return 0.0, np.zeros_like(scores)
    log_p, log_q = _log_softmax(teacher, temperature), _log_softmax(scores, temperature)
    p = np.exp(log_p)
    loss = np.vdot(p, log_p - log_q) / len(scores)
    return float(loss), (np.exp(log_q) - p) * np.float32(1 / (temperature * len(scores)))


def contexts(units: Floats, teacher: Floats, pairs: tuple[Ints, Ints]) -> tuple[float, Floats]:
    """The loss of how alike a word is in two places, as the teacher has it.

    L = mean over pairs of tokens (i, j) of (u_i . u_j - t_i . t_j)^2

    Takes directions of tokens, the student's u [N, D] and the teacher's t [N, K], and
    pairs in which a token is first at most once, and second at most once. Returns L and
    dL/du [N, D].
    """
    i, j = pairs
    d_units = np.zeros_like(units)
    if not len(i):
        return 0.0, d_units
    apart = _dots(units[i], units[j]) - _dots(teacher[i], teacher[j])
    slope = (apart * np.float32(2 / len(i)))[:, None]
    d_units[i] += slope * units[j]
    d_units[j] += slope * units[i]
    return float(np.mean(apart**2)), d_units


def pairs_of_words(words: Ints, seed: Sequence[int]) -> tuple[Ints, Ints]:
    """Return pairs of places [P] that have the same word, by the words' numbers [N].

    In a random order, a word's first place is paired with its second, that with the
    third, and so on to at most PAIRS_OF_A_WORD pairs a word.
    """
    order = np.lexsort((np.random.default_rng(seed).random(len(words)), words))
    ranked = words[order]
    begins = np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)]
    places = np.arange(len(ranked))
    rank = places - np.maximum.accumulate(np.where(begins, places, 0))
    second = np.flatnonzero((rank > 0) & (rank <= PAIRS_OF_A_WORD))
    return order[second - 1], order[second]


def _dots(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("nd,nd->n", a, b), dtype=np.float32)


def _log_softmax(scores: Floats, temperature: float) -> Floats:
    """Row by row without the diagonal, whose probability is 0."""
    if not temperature > 0:
        raise RangeError(f"objectives: expected a temperature above 0, got {temperature}")
    scores = scores / np.float32(temperature)
    np.fill_diagonal(scores, NEVER)
    scores -= scores.max(axis=1, keepdims=True)
    normalised: Floats = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return normalised
