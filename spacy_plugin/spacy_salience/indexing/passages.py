"""Cutting a document into passages: whole sentences, of about so many words, which overlap."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from spacy.tokens import Doc

from ..annotations.segments import words_in
from ..explanations.groups import words_of

OVERLAP = 4
"""A passage begins with sentences of the one before, of at most 1/OVERLAP of its words."""


class Passage(NamedTuple):
    """Characters [start, end) of a document.

    sentences: the ends of its sentences, in characters from its start. words: the normal
    forms of its content words, in their order.
    """

    start: int
    end: int
    sentences: list[int]
    words: list[str]


class _Sentence(NamedTuple):
    """Words [first, last) of a document, of which `size` have a letter or a digit."""

    first: int
    last: int
    size: int


def passages_of(doc: Doc, size: int) -> Iterator[Passage]:
    """Yield the passages of a document whose sentences are known, each of about `size` words.

    A passage takes sentences up to `size` words. A longer sentence is cut, and what would
    be left over, if it is less than 1/OVERLAP of a passage, belongs to the last one.
    """
    places, forms = words_in(doc), words_of(doc)
    sentences = list(_sentences(doc, places, size))
    if not sentences:
        yield Passage(0, len(doc.text), [len(doc.text)], [])
    for some in _packed(sentences, size):
        start = doc[places[some[0].first][0]].idx
        ends = [_end(doc, places[each.last - 1]) - start for each in some]
        firsts = [first for first, _ in places[some[0].first : some[-1].last]]
        words = [form for form in map(forms.__getitem__, firsts) if form is not None]
        yield Passage(start, start + ends[-1], ends, words)


def content_words(doc: Doc) -> list[str]:
    """Return the normal forms of a text's content words, in their order."""
    forms = words_of(doc)
    return [form for form in (forms[first] for first, _ in words_in(doc)) if form is not None]


def _sentences(doc: Doc, places: Sequence[tuple[int, int]], most: int) -> Iterator[_Sentence]:
    """The sentences, in words; one of more than `most` words is cut."""
    first = size = 0
    for number, (begin, end) in enumerate(places):
        counts = any(map(str.isalnum, doc[begin:end].text))
        if number > first and (doc[begin].is_sent_start or (counts and size == most)):
            yield _Sentence(first, number, size)
            first, size = number, 0
        size += counts
    if places:
        yield _Sentence(first, len(places), size)


def _packed(sentences: Sequence[_Sentence], size: int) -> Iterator[Sequence[_Sentence]]:
    first = last = 0
    while last < len(sentences):
        last, words = first, 0
        while last < len(sentences) and (words + sentences[last].size <= size or last == first):
            words += sentences[last].size
            last += 1
        if sum(each.size for each in sentences[last:]) * OVERLAP < size:
            last = len(sentences)
        yield sentences[first:last]
        first = _overlapping(sentences, first, last, size // OVERLAP)


def _overlapping(sentences: Sequence[_Sentence], first: int, last: int, most: int) -> int:
    """The first sentence of the next passage, which repeats at most so many words."""
    begin, words = last, 0
    while begin - 1 > first and words + sentences[begin - 1].size <= most:
        begin -= 1
        words += sentences[begin].size
    return begin


def _end(doc: Doc, word: tuple[int, int]) -> int:
    token = doc[word[1] - 1]
    return int(token.idx + len(token))
