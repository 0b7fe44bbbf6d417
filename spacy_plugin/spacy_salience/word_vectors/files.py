"""Files of word vectors by any name that a command is given, and files to judge them by."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from spacy.language import Language
from spacy.util import get_installed_models

from salience import checks
from salience.errors import RangeError
from salience.vectors.evaluation import Analogy, WordPair
from salience.vectors.formats import Format, format_of_name, read_vectors, write_vectors
from salience.vectors.formats.gathered import BadWords
from salience.vectors.word_vectors import WordVectors

from ..component.pipelines import installed
from ..component.save import save
from ..models.languages import blank
from ..texts import FileError, source_of
from ..texts.lines import lines
from .vocabs import from_vocab, to_vocab

AnyFormat: TypeAlias = Literal[Format, "spacy"]
NAMES_OF_PAIRS = ("word1", "word2")
"""How the first line of a file of word pairs begins, where it names columns."""


def read_any(
    name: str, format: str | None = None, *, most: int | None = None,  # noqa: A002
    bad_words: BadWords = "refuse",
) -> WordVectors:  # fmt: skip
    """Read word vectors from a file, a folder, or a spaCy pipeline by its folder or name.

    Raises as salience.vectors.formats.read_vectors, and RangeError where a pipeline has none.
    """
    path = Path(name)
    is_pipeline = (path / "meta.json").is_file() or (
        not path.exists() and name in get_installed_models()
    )
    _check_format(format)
    if format == "spacy" or (format is None and is_pipeline):
        return from_vocab(installed(name).vocab)
    return read_vectors(path, format, most=most, bad_words=bad_words)  # type: ignore[arg-type]


def write_any(
    vectors: WordVectors, path: Path, format: str | None = None, *,  # noqa: A002
    lang: str = "xx", attr: str = "ORTH",
) -> str:  # fmt: skip
    """Write word vectors in a format, or that of the name's ending; return the format.

    "spacy" is a pipeline of the language with nothing but vectors, which
    `spacy train --initialize.vectors` takes. Its folder keeps another attr than ORTH for
    floret's form alone (spaCy 3.8): RangeError refuses it for others.
    """
    _check_format(format)
    chosen = format or format_of_name(path)
    if chosen == "spacy":
        is_floret = vectors.ngrams is not None and vectors.ngrams.hashing == "floret"
        if attr != "ORTH" and not is_floret:
            raise RangeError(
                f"attr: expected ORTH, as spaCy's folders keep no other for vectors by word, got "
                f"{attr!r:.40}; use to_vocab in Python, which does, or floret's form"
            )
        save(pipeline_of(vectors, lang, attr), path)
    else:
        write_vectors(vectors, path, chosen)  # type: ignore[arg-type]
    return chosen


def pipeline_of(vectors: WordVectors, lang: str, attr: str = "ORTH") -> Language:
    """Return a blank pipeline whose vocab has the vectors."""
    checks.one_of("convert", "attr", attr, ("ORTH", "LOWER", "NORM"))
    nlp = blank(lang)
    to_vocab(vectors, nlp.vocab, name=f"{lang}_salience.vectors", attr=attr)
    return nlp


def read_pairs(path: Path) -> list[WordPair]:
    """Read word pairs with scores: word1, word2, score, between tabs, commas or spaces.

    A first line may name the columns. Raises FileError, which names the line, where it is none.
    """
    found: list[WordPair] = []
    for number, fields in _fields(path, "\t,; "):
        if number == 1 and fields[0].lower().replace(" ", "") in (*NAMES_OF_PAIRS, "word"):
            continue
        try:
            first, second, score = fields[0], fields[1], float(fields[2])
        except (IndexError, ValueError) as error:
            raise _bad(path, number, "two words and a score") from error
        found.append((first, second, score))
    return found


def read_analogies(path: Path) -> dict[str, list[Analogy]]:
    """Read analogies, four words a line, by sections.

    A section begins with a line ": name", as in word2vec's questions-words.txt, or is the
    first of five columns; a first line may name the columns. Raises FileError, which names the
    line, where it is none of these.
    """
    sections: dict[str, list[Analogy]] = {}
    name = path.name
    for number, fields in _fields(path, "\t, "):
        if fields[0].startswith(":"):
            name = " ".join(fields).lstrip(": ") or path.name
        elif number == 1 and fields[-1].lower() in ("d", "word4"):
            continue
        elif len(fields) in (4, 5):
            section = fields[0] if len(fields) == 5 else name
            a, b, c, d = fields[-4:]
            sections.setdefault(section, []).append((a, b, c, d))
        else:
            raise _bad(path, number, "four words, or a section and four words")
    if not sections:
        raise FileError(f"{path}: expected at least one analogy, found none; give another file")
    return sections


def read_counts(path: Path) -> dict[str, int]:
    """Read a word and its count a line, with a tab or a space between them.

    Raises FileError, which names the line, where it is not so.
    """
    counts: dict[str, int] = {}
    for number, line in enumerate(lines(source_of(path, "txt")), start=1):
        if line.strip():
            word, separator, count = line.rstrip().rpartition("\t" if "\t" in line else " ")
            if not (word and separator and count.isdecimal()):
                raise _bad(path, number, "a word and its count")
            counts[word] = counts.get(word, 0) + int(count)
    if not counts:
        raise FileError(f"{path}: expected at least one word, found none; give another file")
    return counts


def _fields(path: Path, separators: str) -> Iterator[tuple[int, list[str]]]:
    """The numbers of lines that are not blank, and their fields, at the first separator found."""
    for number, line in enumerate(lines(source_of(path, "txt")), start=1):
        if line.strip():
            separator = next((each for each in separators if each in line.strip()), " ")
            fields = [field.strip() for field in line.strip().split(separator)]
            yield number, [field for field in fields if field]


def _bad(path: Path, number: int, expected: str) -> FileError:
    return FileError(f"{path}, line {number}: expected {expected}, got another; mend or remove it")


def _check_format(format: str | None) -> None:  # noqa: A002
    known = (*get_args(Format), "spacy")
    if format is not None and format not in known:
        raise RangeError(f"expected a format of {', '.join(known)}, got {format!r:.40}")
