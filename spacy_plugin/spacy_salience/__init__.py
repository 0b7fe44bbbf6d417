"""salience for spaCy: `nlp.add_pipe("salience")`.

Importing this package registers the attributes under `doc._` and `token._`.
It imports neither numba nor the kernels: those come with the first component.
"""

from typing import Any

from . import extensions
from .similarity import attach, similarity, vector_of

__all__ = ["attach", "reasons", "similarity", "vector_of"]

extensions.register()


def __getattr__(name: str) -> Any:
    """Import `reasons` when it is asked for, and numba with it."""
    if name != "reasons":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .pooled import reasons

    return reasons
