"""spaCy's listeners: on a GPU they need there what the component gives on the host."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from spacy.pipeline.tok2vec import Tok2VecListener, forward
from spacy.tokens import Doc
from thinc.api import Ops

from salience.types import Batch, starts_of


def listen(
    model: Tok2VecListener, docs: Sequence[Doc], is_train: bool
) -> tuple[list[Any], Callable[[Any], Any]]:
    """Forward of spacy.Tok2VecListener.v1, whose vectors are where its ops compute."""
    vectors, backprop = forward(model, docs, is_train)
    return placed(model.ops, vectors), backprop


def placed(ops: Ops, arrays: list[Any]) -> list[Any]:
    """Return arrays [T, D] as the ops have them; those of the host go to a GPU in one copy."""
    here = [array for array in arrays if isinstance(array, np.ndarray)]
    if ops.xp is np or not here:
        return arrays
    there: Any = ops.asarray2f(np.concatenate(here))  # type: ignore[arg-type]
    moved = iter(Batch(there, starts_of([len(array) for array in here])).documents())
    return [next(moved) if isinstance(array, np.ndarray) else array for array in arrays]
