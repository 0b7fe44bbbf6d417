"""spaCy's listeners: they take doc.tensor, which has to be their own upstream's.

On a GPU they need there what the component gives on the host.
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
    """Forward of spacy.Tok2VecListener.v1, whose vectors are where its ops compute.

    Raises PipelineError where it would read another component's vectors, or none.
    """
    if not is_train or model._batch_id is None:  # else its upstream has handed them over
        for doc in docs:
            check_vectors(model, doc, is_train)
    vectors, backprop = forward(model, docs, is_train)
    return placed(model.ops, vectors), backprop


def watch(listener: Any, component_name: str | None = None) -> None:
    """Have a listener check from now on whose vectors it takes, whoever its upstream is."""
    if listener._func is forward:  # one of another class may have its own
        listener._func = listen
    if component_name is not None:
        listener.read_in = component_name


def look_again(component: Annotator) -> None:
    """Watch the listeners of a pipeline whose components were enabled or disabled since.

    spaCy tells a component of what stands behind it, but not while it is disabled.
    """
    nlp = changed(component)
    for name, pipe in nlp.pipeline if nlp else ():
        for listener in listeners_of(pipe):
            watch(listener, name)


def placed(ops: Ops, arrays: list[Any]) -> list[Any]:
    """Return arrays [T, D] as the ops have them; those of the host go to a GPU in one copy."""
    here = [array for array in arrays if isinstance(array, np.ndarray)]
    if ops.xp is np or not here:
        return arrays
    there: Any = ops.asarray2f(np.concatenate(here))  # type: ignore[arg-type]
    moved = iter(Batch(there, starts_of([len(array) for array in here])).documents())
    return [next(moved) if isinstance(array, np.ndarray) else array for array in arrays]
