"""Special cases of spaCy's tokenizer that it may find across white space.

The tokenizer reads each stretch between white space by itself, but for its last step: it looks
for the tokens of special cases among those of the whole text, wherever white space is.
"""

from collections.abc import Sequence
from itertools import pairwise
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
        self._pairs = [(first, second, 1 << bit) for bit, (first, second) in enumerate(pairs)]
        self._firsts = tuple({first for first, _ in pairs})
        self._seconds = tuple({second for _, second in pairs})

    def edges(self, stretch: str) -> Edges:
        """Return the pairs that may lie across the ends of a stretch."""
        ends = begins = 0
        if stretch.endswith(self._firsts):
            ends = sum(bit for first, _, bit in self._pairs if stretch.endswith(first))
        if stretch.startswith(self._seconds):
            begins = sum(bit for _, second, bit in self._pairs if stretch.startswith(second))
        return Edges(ends, begins)


def joined(edges: Sequence[Edges]) -> bool:
    """Say whether a special case may lie across two neighbouring stretches."""
    return any(left.ends & right.begins for left, right in pairwise(edges))
