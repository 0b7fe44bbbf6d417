"""salience: contextual token vectors, explained similarity and readable attention."""

from .threads import get_num_threads, set_num_threads

__all__ = ["__version__", "get_num_threads", "set_num_threads"]

__version__ = "0.1.0"
