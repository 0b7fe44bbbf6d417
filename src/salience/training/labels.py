"""The loss of labels that a linear layer reads of texts, or of words, with its gradient."""

from typing import NamedTuple

import numpy as np

from ..ops import affine, backprop_affine
from ..types import Floats, Ints


class Labelled(NamedTuple):
    """Texts, by their numbers in a corpus, with labels by people.

    texts [P]: the texts. labels: those of all the corpus's texts [B], or of all its words
    [N], from 0; what has no label is never looked up. classes: C, how many labels there
    are. of_words: whether labels are those of words.
    """

    texts: Ints
    labels: Ints
    classes: int
    of_words: bool


class Head(NamedTuple):
    """A linear layer that reads C labels of directions: W [C, D] and b [C]."""

    weight: Floats
    bias: Floats


def new_head(classes: int, width: int) -> Head:
    """Return a head of zeros, to which all labels are equally likely."""
    return Head(np.zeros((classes, width), np.float32), np.zeros(classes, np.float32))


def classification(units: Floats, head: Head, labels: Ints) -> tuple[float, Floats, Head]:
    """The loss of the labels.

    L = mean_p -log softmax(W sqrt(D) u_p + b)[y_p]

    Takes directions u [P, D] and labels y [P]; sqrt(D) u has numbers of about 1, whatever
    the length of a model's vectors. Returns L, dL/du [P, D], and dL/dW and dL/db.
    """
    count, width = max(len(units), 1), np.float32(units.shape[1] ** 0.5)
    rows = units * width
    scores = affine(rows, *head)
    scores -= scores.max(axis=1, keepdims=True, initial=-np.inf)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    places = np.arange(len(units)), labels
    d_scores = np.exp(log_p)
    d_scores[places] -= 1
    d_rows, d_weight, d_bias = backprop_affine(d_scores / np.float32(count), rows, head.weight)
    return float(-log_p[places].sum() / count), d_rows * width, Head(d_weight, d_bias)
