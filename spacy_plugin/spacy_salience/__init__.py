"""salience for spaCy: `nlp.add_pipe("salience")`.

Importing this package registers nothing, and imports neither numba nor the kernels.
The first component registers the attributes under `doc._` and `token._`; where none is
made and documents are read, `register` does, and so does `attach`.
"""

from importlib import import_module
from typing import Any

from .annotations.attach import attach
from .annotations.similarity import similarity, vector_of

_LATER = {
    "Index": "search.index",
    "Nearest": "search.nearest",
    "explain": "explanations.explain",
    "freeze": "component.freeze",
    "keywords": "keyphrases.keywords",
    "nearest": "search.nearest",
    "reasons": "explanations.reasons",
    "register": "annotations.register",
    "render": "explanations.render",
    "save": "component.save",
    "similarity_matrix": "search.similarity_matrix",
    "to_json": "annotations.to_json",
}
"""The modules of names that are imported when first used; no module may have such a name."""

__all__ = [
    "Index",
    "Nearest",
    "attach",
    "explain",
    "freeze",
    "keywords",
    "nearest",
    "reasons",
    "register",
    "render",
    "save",
    "similarity",
    "similarity_matrix",
    "to_json",
    "vector_of",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for, and numba with it where it needs numba."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LATER[name]}", __name__), name)
