"""Files of words that texts without spaces are composed of, and of spellings."""

from collections.abc import Iterator
from pathlib import Path

from spacy.language import Language

from salience.errors import RangeError
from salience.model.forms import is_compound
from salience.training.lexicon import Lexicon

from ..texts import FileError, source_of
from ..texts.lines import lines


def read_lexicon(words: Path, spellings: Path | None = None) -> Lexicon:
    """Read words and their counts, and characters and what each is read as.

    Both are a line each, divided by a tab. Raises FileError, which names the line, where one
    is not as expected or a file cannot be read.
    """
    counts: dict[str, int] = {}
    for place, word, count in _pairs(words):
        if not (is_compound(word) and count.isdecimal()):
            raise FileError(
                f"{place}: expected a word of several characters, a tab and its count, got "
                f"{word[:20]!r} and {count[:20]!r}; correct the line"
            )
        counts[word] = int(count)
    if not counts:
        raise FileError(f"{words}: expected at least one word, found none; give another file")
    read_as: dict[str, str] = {}
    for place, character, other in _pairs(spellings) if spellings else ():
        if len(character) != 1 or len(other) != 1:
            raise FileError(
                f"{place}: expected a character, a tab and the character it is read as, got "
                f"{character[:20]!r} and {other[:20]!r}; correct the line"
            )
        read_as[character] = other
    return Lexicon(counts, read_as)


def check_tokenizer(nlp: Language, lexicon: Lexicon) -> None:
    """Raise RangeError where a pipeline's tokens are not characters, which words are made of."""
    word = next(iter(lexicon.counts))
    tokens = [token.text for token in nlp.make_doc(word)]
    if tokens != list(word):
        raise RangeError(
            "distil: expected a tokenizer of characters, such as spaCy's for zh, as a lexicon's "
            f"words are found in its tokens, got one that finds {tokens} in {word!r}; give the "
            "texts' language with --lang, or leave the lexicon out"
        )


def _pairs(path: Path) -> Iterator[tuple[str, str, str]]:
    """The place of each line that is not blank, and its two fields."""
    for number, line in enumerate(lines(source_of(path, "txt")), start=1):
        if line.strip():
            first, _, second = line.rstrip("\r\n").partition("\t")
            yield f"{path}, line {number}", first, second
