"""The pipelines of this process: each is loaded once, and lent to one thread at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from spacy.language import Language

from ..encoding.zones import Zone
from .loading import Named, load

MOST_LOADED = 2
"""Pipelines that a process keeps."""

ONE_LOADS = Lock()


class _Loaded(NamedTuple):
    nlp: Language
    zone: Zone


@contextmanager
def lent(named: Named) -> Iterator[Language]:
    """Lend the pipeline of this name; other threads wait, as they cannot share one.

    Raises what loading.load raises.
    """
    with ONE_LOADS:
        loaded = _loaded(named)
    with loaded.zone.lock:
        yield loaded.nlp


@lru_cache(maxsize=MOST_LOADED)
def _loaded(named: Named) -> _Loaded:
    nlp = load(named)
    return _Loaded(nlp, Zone(nlp))
