"""salience for spaCy: `nlp.add_pipe("salience")`.

Importing this package registers nothing, and imports neither numba nor the kernels.
Making a component registers the attributes under `doc._` and `token._`. A process that
makes no component but reads processed documents calls `register` or `attach` instead.
"""

from importlib import import_module
from typing import Any

from .annotations.attach import attach
from .annotations.similarity import similarity, vector_of

_MODULES = {
    "Index": "search.index",
    "Nearest": "search.nearest",
    "TextEncoder": "encoding.text_encoder",
    "TextIndex": "indexing.text_index",
    "duplicates": "near_duplicates.duplicates",
    "explain": "explanations.explain",
    "freeze": "component.freeze",
    "keywords": "keyphrases.keywords",
    "nearest": "search.nearest",
    "reasons": "explanations.reasons",
    "register": "annotations.register",
    "render": "explanations.render",
    "run": "runs.run",
    "save": "component.save",
    "similarity_matrix": "search.similarity_matrix",
    "to_json": "annotations.to_json",
}
"""Public names and their modules, which are imported at first use. No module of this package may
have one of these names, as importing it would replace the function by the module."""

__all__ = [
    "Index",
    "Nearest",
    "TextEncoder",
    "TextIndex",
    "attach",
    "duplicates",
    "explain",
    "freeze",
    "keywords",
    "nearest",
    "reasons",
    "register",
    "render",
    "run",
    "save",
    "similarity",
    "similarity_matrix",
    "to_json",
    "vector_of",
]


def __getattr__(name: str) -> Any:
    """Import the module of a public name when the name is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
