"""spaCy's listeners: they read doc.tensor, which their own upstream must have written.

The component's vectors are on the host; listeners that compute on a GPU get a copy there.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from spacy.pipeline.tok2vec import Tok2VecListener, forward
from spacy.tokens import Doc
from thinc.api import Ops

from salience.types import Batch, starts_of

from ..annotations.annotator import Annotator
from .order import changed, check_vectors, listeners_of


def listen(
    model: Tok2VecListener, docs: Sequence[Doc], is_train: bool
) -> tuple[list[Any], Callable[[Any], Any]]:
    """Forward pass of spacy.Tok2VecListener.v1; its vectors are on the device of its ops.

    Raises PipelineError where it would read another component's vectors, or none.
    """
    if not is_train or model._batch_id is None:  # else its upstream passed the vectors directly
        for doc in docs:
            check_vectors(model, doc, is_train)
    vectors, backprop = forward(model, docs, is_train)
    return placed(model.ops, vectors), backprop


def watch(listener: Any, component_name: str | None = None) -> None:
    """Have a listener check from now on whose vectors it reads, whatever its upstream is."""
    if listener._func is forward:  # a listener of another class may have another function
        listener._func = listen
    if component_name is not None:
        listener.read_in = component_name


def look_again(component: Annotator) -> None:
    """Watch all listeners of a pipeline in which components were enabled or disabled.

    spaCy tells a component of the listeners after it, but not while it is disabled.
    """
    nlp = changed(component)
    for name, pipe in nlp.pipeline if nlp else ():
        for listener in listeners_of(pipe):
            watch(listener, name)


def placed(ops: Ops, arrays: list[Any]) -> list[Any]:
    """Return arrays [T, D] on the device of the ops; those on the host are copied all at once."""
    here = [array for array in arrays if isinstance(array, np.ndarray)]
    if ops.xp is np or not here:
        return arrays
    there: Any = ops.asarray2f(np.concatenate(here))  # type: ignore[arg-type]
    moved = iter(Batch(there, starts_of([len(array) for array in here])).documents())
    return [next(moved) if isinstance(array, np.ndarray) else array for array in arrays]
