"""What a search finds: passages with their scores, and the reasons for them."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Hit(NamedTuple):
    """A passage that was found, the best of its document.

    score: what it is ranked by: of cosine and share as `fused` says, or one of them alone.
    cosine: how alike the question's vector and the passage's are. share: of the question's
    words, by BM25. text: characters [start, end) of the document `id`. sentences: the ends of
    its sentences, in characters of text. values: the input's columns.
    """

    id: str
    score: float
    cosine: float
    share: float
    text: str
    start: int
    end: int
    sentences: Sequence[int]
    values: dict[str, Any]


class Match(NamedTuple):
    """A word of the question and one of the passage, and what the two add to the cosine."""

    asked: str
    found: str
    contribution: float


class Why(NamedTuple):
    """Why a passage was found.

    sentence: characters [start, end) of the passage, of the sentence that answers best.
    matches: pairs of words, strongest first. places: characters [start, end) of the passage,
    of the words of matches.
    """

    sentence: tuple[int, int]
    matches: Sequence[Match]
    places: Sequence[tuple[int, int]]
