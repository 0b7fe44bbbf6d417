"""salience for spaCy: `nlp.add_pipe("salience")`.

Importing this package registers the attributes under `doc._` and `token._`.
It imports neither numba nor the kernels: those come with the first component.
"""

from . import extensions
from .similarity import attach, similarity, vector_of

__all__ = ["attach", "similarity", "vector_of"]

extensions.register()
