"""One step of learning, in NumPy: what the kernels compute."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]


def loss(inputs: Numbers, targets: Numbers) -> float:
    """-log s(h y_0) - sum over k > 0 of log s(-h y_k), h the mean of inputs [M, D].

    targets y [1 + K, D]: the row of the word that is predicted, then of K that are not there.
    Mikolov et al. (2013), Distributed Representations of Words and Phrases.
    """
    signs = np.where(np.arange(len(targets)) == 0, 1.0, -1.0)
    return float(np.log1p(np.exp(-signs * (targets @ inputs.mean(axis=0)))).sum())


def step(inputs: Numbers, targets: Numbers, rate: float) -> tuple[Numbers, Numbers]:
    """Return inputs and targets after one step.

    targets move by -rate times their gradient; each of M inputs by -rate M times its own, as in
    word2vec and fastText, so that their mean moves by what each of them moves by.
    """
    hidden = inputs.mean(axis=0)
    factors = -rate / (1 + np.exp(-(targets @ hidden)))
    factors[0] += rate
    return inputs + factors @ targets, targets + np.outer(factors, hidden)
