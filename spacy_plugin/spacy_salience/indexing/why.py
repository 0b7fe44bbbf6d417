"""The reasons for a hit: the sentence that answers best, and the words that matched."""

from itertools import pairwise

import numpy as np
from spacy.tokens import Doc, Span

from ..annotations.segments import words_in
from ..annotations.similarity import similarity
from ..explanations.explain import explain
from ..explanations.groups import words_of
from .found import Hit, Match, Why
from .fusion import fused
from .words import Words

MOST_MATCHES = 5
"""Pairs of words that are shown, at most."""

LEAST_SHARE = 0.25
"""The least contribution of a pair that is shown, as a share of the largest."""


def why(question: Doc, passage: Doc, hit: Hit, words: Words) -> Why:
    """Return the best sentence of a passage and the words that matched.

    A sentence is scored as a passage is: by its cosine with the question, and by the share of
    the question's words that it has. Words match where a pair adds much to the cosine of
    question and passage (see explain), or they are the same.
    """
    asked = set(filter(None, words_of(question)))
    rarity = {word: words.rarity(word) for word in asked}
    sentences = _sentences(passage, hit)
    best = max(sentences, key=lambda each: _score(question, each, rarity), default=passage[:])
    matches = matches_of(question, passage)
    found = {each.found for each in matches}
    forms = words_of(passage)
    places = [
        (passage[first].idx, passage[last - 1].idx + len(passage[last - 1]))
        for first, last in words_in(passage) if forms[first] in found
    ]  # fmt: skip
    return Why((best.start_char, best.end_char), matches, places)


def _sentences(passage: Doc, hit: Hit) -> list[Span]:
    found = [passage.char_span(start, end, alignment_mode="expand")
             for start, end in pairwise([0, *hit.sentences]) if end > start]  # fmt: skip
    return [_stripped(each) for each in found if each is not None and len(each)]


def _stripped(sentence: Span) -> Span:
    """The sentence without white space around it, if anything is left."""
    start, end = sentence.start, sentence.end
    while start < end - 1 and sentence.doc[start].is_space:
        start += 1
    while end > start + 1 and sentence.doc[end - 1].is_space:
        end -= 1
    return sentence.doc[start:end]


def _score(question: Doc, sentence: Span, rarity: dict[str, float]) -> float:
    has = set(words_of(sentence))
    total = sum(rarity.values())
    share = sum(weight for word, weight in rarity.items() if word in has) / (total or 1)
    both = np.float32(similarity(question, sentence)), np.float32(share)
    return float(fused(*both))


def matches_of(question: Doc, passage: Doc) -> list[Match]:
    """The strongest pairs of content words, and all words that are the same."""
    if not (len(question) and len(passage)):
        return []
    explained = explain(question, passage, by="word")
    rows, columns = explained.content.shape
    pairs = [
        Match(explained.labels[0][i], explained.labels[1][j], float(explained.content[i, j]))
        for i in range(rows) for j in range(columns)
    ]  # fmt: skip
    pairs.sort(key=lambda each: -each.contribution)
    least = LEAST_SHARE * pairs[0].contribution if pairs else 0
    return [
        each for place, each in enumerate(pairs)
        if each.contribution > 0
        and ((place < MOST_MATCHES and each.contribution >= least) or each.asked == each.found)
    ]  # fmt: skip
