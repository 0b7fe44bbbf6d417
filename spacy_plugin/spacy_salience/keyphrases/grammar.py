"""Which words belong to one phrase: by tags and noun chunks, by English endings, or any."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from spacy.tokens import Doc, Span, Token

from .coded_tokens import Word
from .runs import Run


class Grammar:
    """Any words that follow each other may be a phrase."""

    def parts(self, runs: list[Run]) -> list[Run]:
        """Return what of runs may be in a phrase."""
        return runs

    def apart(self, words: Sequence[Word]) -> Sequence[float]:
        """Return how much neighbours look like words of two phrases, up to 1."""
        return [0.0] * (len(words) - 1)

    def may_end(self, word: Word, token: int) -> bool:  # noqa: ARG002
        """Say whether a phrase may end in a word, of which that is the last token."""
        return True


class Endings(Grammar):
    """English without tags: participles and adverbs end no phrase, plurals do."""

    def apart(self, words: Sequence[Word]) -> Sequence[float]:
        """Return it for "networks | learn", "bank | raised | rates", "widely | used".

        It is a half behind a first participle: "raised rates", "distributed systems".
        """
        endings = [word.ending for word in words]
        apart = [1.0 if left or right in ("d", "y") else 0.0 for left, right in pairwise(endings)]
        if endings[0] == "d" and endings[1:2] not in (["d"], ["y"]):
            apart[:1] = [0.5] * len(apart[:1])
        return apart

    def may_end(self, word: Word, token: int) -> bool:  # noqa: ARG002
        """Say so of all but participles and adverbs."""
        return word.ending not in ("d", "y")


class Tags(Grammar):
    """Adjectives and nouns of which the last is a noun, in one noun chunk if there are any."""

    def __init__(self, item: Doc | Span) -> None:
        self._tags = [_tag(token) for token in item]
        self._chunks = _chunks(item)

    @property
    def has_nouns(self) -> bool:
        """Whether there are tags of nouns that are known here."""
        return "noun" in self._tags

    def parts(self, runs: list[Run]) -> list[Run]:
        """Return what is of one chunk and has tags that a phrase may have."""
        return [part for run in runs for part in self._parts(run)]

    def may_end(self, word: Word, token: int) -> bool:
        """Say so of nouns and of numbers."""
        return word.number or self._tags[token] == "noun"

    def _parts(self, run: Run) -> Iterator[Run]:
        tokens = [end - 1 for end in run.ends]
        kinds = [
            (word.number or self._tags[token] != "", self._chunks[token])
            for word, token in zip(run.words, tokens, strict=True)
        ]
        for (kept, _), places in groupby(range(len(kinds)), kinds.__getitem__):
            first, *others = places
            last = (others or [first])[-1] + 1
            if kept and any(self._tags[token] == "noun" for token in tokens[first:last]):
                yield run.part(first, last)


def grammar_of(item: Doc | Span) -> Grammar:
    """Return what there is: tags, or endings where the language is English, or nothing."""
    doc = item.doc if isinstance(item, Span) else item
    if doc.has_annotation("POS") or doc.has_annotation("TAG"):
        tags = Tags(item)
        if tags.has_nouns:
            return tags
    return Endings() if doc.lang_ == "en" else Grammar()


def _tag(token: Token) -> str:
    """Return "noun", "adjective" of what is used like one, or ""; tagsets begin alike."""
    tag = token.pos_ or token.tag_
    if tag.startswith(("NOUN", "PROPN", "NN", "NE", "NR")):
        return "noun"
    morph = token.morph
    past = "Part" in morph.get("VerbForm", []) and "Prog" not in morph.get("Aspect", [])
    return "adjective" if tag.startswith(("ADJ", "JJ")) or token.tag_ == "VBN" or past else ""


def _chunks(item: Doc | Span) -> list[int]:
    """Return the number of each token's noun chunk, from 1 on; 0 outside of one."""
    doc, start = (item.doc, item.start) if isinstance(item, Span) else (item, 0)
    numbers = [0] * len(item)
    if doc.has_annotation("DEP") and doc.vocab.get_noun_chunks is not None:
        for number, chunk in enumerate(item.noun_chunks, start=1):
            for token in range(max(start, chunk.start), min(start + len(item), chunk.end)):
                numbers[token - start] = number
    return numbers
