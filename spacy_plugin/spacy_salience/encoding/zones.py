"""spaCy's memory zones, for threads that share a pipeline."""

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from spacy.language import Language

_all: "weakref.WeakSet[Zone]" = weakref.WeakSet()


class Zone:
    """A pipeline's memory zone: new words of texts that are read in it do not stay in the vocab."""

    def __init__(self, nlp: Language) -> None:
        self._nlp, self.lock = nlp, threading.Lock()
        _all.add(self)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Enter the zone, which one thread at a time can."""
        with self.lock, self._nlp.memory_zone():
            yield


def _after_fork() -> None:
    for each in list(_all):
        each.lock = threading.Lock()  # a thread of the parent may hold it


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
