"""The GPU's fixtures of the core's tests, and pipelines on either side."""

import numpy as np
import spacy
from thinc.api import use_ops

from ...salience.cuda.conftest import (  # noqa: F401
    gpu_ops,
    prefer_gpu,
    unwritten_memory_is_nan,
)


def on_cpu(function, *given):
    """What a function gives that makes its layers on the CPU."""
    with use_ops("numpy"):
        return function(*given)


def close(got, want, tolerance=1e-5):
    """An array on the host, as it is on the CPU."""
    assert type(got) is np.ndarray
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


def pipeline(model, *tasks):
    """The component with a model, and tasks by their names and configs."""
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": model})
    for name, config in tasks:
        nlp.add_pipe(name, config=config)
    return nlp


def moved_to_cpu(nlp):
    """A pipeline on the CPU, with all that this one has learnt."""
    content = nlp.to_bytes()
    with use_ops("numpy"):
        return spacy.blank("en").from_config(nlp.config).from_bytes(content)
