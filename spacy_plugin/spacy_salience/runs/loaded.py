"""The pipelines of this process: each is loaded once, and lent to one thread at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from spacy.language import Language

from .loading import Named, load

MOST_LOADED = 2
"""Pipelines that a process keeps."""

_LOADING = Lock()


class _Loaded(NamedTuple):
    nlp: Language
    lock: Lock


@contextmanager
def lent(named: Named) -> Iterator[Language]:
    """Lend the pipeline of this name; other threads wait, as they cannot share one.

    Raises what loading.load raises.
    """
    with _LOADING:
        loaded = _loaded(named)
    with loaded.lock:
        yield loaded.nlp


@lru_cache(maxsize=MOST_LOADED)
def _loaded(named: Named) -> _Loaded:
    return _Loaded(load(named), Lock())
