"""Special cases of spaCy's tokenizer that it may find across white space.

The tokenizer reads each stretch between white space by itself, but for its last step: it looks
for the tokens of special cases among those of the whole text, wherever white space is.
"""

from collections.abc import Sequence
from itertools import pairwise
from operator import and_, itemgetter
from typing import NamedTuple

from spacy.tokenizer import Tokenizer


class Edges(NamedTuple):
    """Pairs of tokens that may lie across the ends of a stretch, a bit each.

    ends: it ends as the first of the pair does. begins: it begins as the second does.
    """

    ends: int
    begins: int


class Joints:
    """Says where a special case may begin in one stretch and go on in the next."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Take the pairs of neighbouring tokens in the tokenizer's special cases."""
        without_cases = Tokenizer(
            tokenizer.vocab,
            prefix_search=tokenizer.prefix_search,
            suffix_search=tokenizer.suffix_search,
            infix_finditer=tokenizer.infix_finditer,
            token_match=tokenizer.token_match,
            url_match=tokenizer.url_match,
        )
        pairs: dict[tuple[str, str], None] = {}
        for case in tokenizer.rules:
            texts = [token.text for token in without_cases(case)]
            pairs.update(dict.fromkeys(pairwise(texts)))
        self._ends = _bits([first for first, _ in pairs])
        self._begins = _bits([second for _, second in pairs])

    def edges(self, stretch: str) -> Edges:
        """Return the pairs that may lie across the ends of a stretch."""
        ends = begins = 0
        for length, bits in self._ends.items():
            ends |= bits.get(stretch[-length:], 0)
        for length, bits in self._begins.items():
            begins |= bits.get(stretch[:length], 0)
        return Edges(ends, begins)


def _bits(texts: Sequence[str]) -> dict[int, dict[str, int]]:
    """The places of each text, a bit each, by its length and itself: few look-ups find all."""
    found: dict[int, dict[str, int]] = {}
    for place, text in enumerate(texts):
        own = found.setdefault(len(text), {})
        own[text] = own.get(text, 0) | 1 << place
    return found


def joined(edges: Sequence[Edges]) -> bool:
    """Say whether a special case may lie across two neighbouring stretches."""
    # No loop of Python's own: this is done for every word.
    return any(map(and_, map(_ENDS, edges), map(_BEGINS, edges[1:])))


_ENDS, _BEGINS = itemgetter(0), itemgetter(1)
