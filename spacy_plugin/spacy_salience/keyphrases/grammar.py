"""Which words may be one phrase: told by tags and noun chunks, or else by English endings."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from spacy.tokens import Doc, Span, Token

from .coded_tokens import Word
from .sequences import WordSequence


class Grammar:
    """The rules where nothing is known: any words that follow each other may be a phrase."""

    def allowed(self, sequences: list[WordSequence]) -> list[WordSequence]:
        """Return sequences of those words alone that may be in a phrase."""
        return sequences

    def apart(self, words: Sequence[Word]) -> Sequence[float]:
        """Return for each pair of neighbours how much they look like two phrases, from 0 to 1."""
        return [0.0] * (len(words) - 1)

    def may_end(self, word: Word, token: int) -> bool:  # noqa: ARG002
        """Say whether a phrase may end with a word, whose last token is `token`."""
        return True


class Endings(Grammar):
    """The rules for English without tags: no phrase ends with a participle or an adverb."""

    def apart(self, words: Sequence[Word]) -> Sequence[float]:
        """Return 1 at each bar of "networks | learn", "bank | raised | rates", "widely | used".

        It is 0.5 after a participle that comes first: "raised rates", "distributed systems".
        """
        endings = [word.ending for word in words]
        apart = [1.0 if left or right in ("d", "y") else 0.0 for left, right in pairwise(endings)]
        if endings[0] == "d" and endings[1:2] not in (["d"], ["y"]):
            apart[:1] = [0.5] * len(apart[:1])
        return apart

    def may_end(self, word: Word, token: int) -> bool:  # noqa: ARG002
        """Say whether a word is no participle and no adverb."""
        return word.ending not in ("d", "y")


class Tags(Grammar):
    """The rules for tagged text: a phrase is adjectives and nouns, and ends with a noun.

    Where a parser was in the pipeline, it lies within one noun chunk.
    """

    def __init__(self, item: Doc | Span) -> None:
        self._tags = [_tag(token) for token in item]
        self._noun_chunks = _noun_chunks(item)

    @property
    def has_nouns(self) -> bool:
        """Whether any tag is known to be that of a noun."""
        return "noun" in self._tags

    def allowed(self, sequences: list[WordSequence]) -> list[WordSequence]:
        """Return the adjectives and nouns of each noun chunk, where one of them is a noun."""
        return [found for sequence in sequences for found in self._allowed_in(sequence)]

    def may_end(self, word: Word, token: int) -> bool:
        """Say whether a word is a noun or a number."""
        return word.number or self._tags[token] == "noun"

    def _allowed_in(self, sequence: WordSequence) -> Iterator[WordSequence]:
        tokens = [end - 1 for end in sequence.ends]
        kinds = [
            (word.number or self._tags[token] != "", self._noun_chunks[token])
            for word, token in zip(sequence.words, tokens, strict=True)
        ]
        for (kept, _), places in groupby(range(len(kinds)), kinds.__getitem__):
            first, *others = places
            last = (others or [first])[-1] + 1
            if kept and any(self._tags[token] == "noun" for token in tokens[first:last]):
                yield sequence.between(first, last)


def grammar_of(item: Doc | Span) -> Grammar:
    """Return the rules for a document: by its tags, else for English by endings, else none."""
    doc = item.doc if isinstance(item, Span) else item
    if doc.has_annotation("POS") or doc.has_annotation("TAG"):
        tags = Tags(item)
        if tags.has_nouns:
            return tags
    return Endings() if doc.lang_ == "en" else Grammar()


def _tag(token: Token) -> str:
    """Return "noun", "adjective" (also of participles), or "".

    The tags of many languages begin with the same letters, by which they are recognised.
    """
    tag = token.pos_ or token.tag_
    if tag.startswith(("NOUN", "PROPN", "NN", "NE", "NR")):
        return "noun"
    morph = token.morph
    past = "Part" in morph.get("VerbForm", []) and "Prog" not in morph.get("Aspect", [])
    return "adjective" if tag.startswith(("ADJ", "JJ")) or token.tag_ == "VBN" or past else ""


def _noun_chunks(item: Doc | Span) -> list[int]:
    """Return the number of each token's noun chunk, counted from 1; 0 outside of noun chunks."""
    doc, start = (item.doc, item.start) if isinstance(item, Span) else (item, 0)
    numbers = [0] * len(item)
    if doc.has_annotation("DEP") and doc.vocab.get_noun_chunks is not None:
        for number, noun_chunk in enumerate(item.noun_chunks, start=1):
            first, last = max(start, noun_chunk.start), min(start + len(item), noun_chunk.end)
            for token in range(first, last):
                numbers[token - start] = number
    return numbers
