"""What a task is."""

from collections.abc import Iterable
from typing import Protocol, TypeAlias, runtime_checkable

from spacy.language import Language

from .token_vectors import Words
from .vectors import Vectors

Scores: TypeAlias = dict[str, float]
"""Figures by their names, in the order they are shown in."""


class Task(Protocol):
    """A task that was read from its file."""

    @property
    def name(self) -> str:
        """What was asked for, as TASK=FILE."""

    @property
    def items(self) -> str:
        """The number and kind of items that are judged, such as "100 pairs"."""

    def texts(self) -> Iterable[str]:
        """Return the texts whose vectors the task needs."""

    def scores(self, vectors: Vectors, nlp: Language | None) -> Scores:
        """Return the figures of a model that has these vectors.

        Without a pipeline there are none where the task needs one.
        """


@runtime_checkable
class TokenTask(Task, Protocol):
    """A task that needs token vectors."""

    def word_lists(self) -> Iterable[Words]:
        """Return the sentences, as words, whose token vectors the task needs."""
