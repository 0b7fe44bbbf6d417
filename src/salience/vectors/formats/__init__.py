"""Files of word vectors in the usual formats, and folders of our own."""

from codecs import getincrementaldecoder
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias, get_args

from ... import checks
from ...errors import RangeError
from ..word_vectors import WordVectors
from .binary import read_binary, write_binary
from .fasttext import MAGIC, read_fasttext
from .floret import is_floret, read_floret, write_floret
from .gathered import BadWords, Wanted
from .source import Source, opened, write_file
from .text import has_header, read_glove, read_word2vec, write_glove, write_word2vec

__all__ = ["Format", "format_of_file", "format_of_name", "read_vectors", "write_vectors"]

Format: TypeAlias = Literal[
    "folder", "word2vec", "word2vec-binary", "glove", "fasttext", "floret"
]  # fmt: skip
READERS: dict[str, Callable[[Source, Wanted], WordVectors]] = {
    "word2vec": read_word2vec,
    "word2vec-binary": read_binary,
    "glove": read_glove,
    "fasttext": read_fasttext,
    "floret": read_floret,
}
WRITERS: dict[str, Callable[[WordVectors, BinaryIO], None]] = {
    "word2vec": write_word2vec,
    "word2vec-binary": write_binary,
    "glove": write_glove,
    "floret": write_floret,
}
ENDINGS: dict[str, Format] = {
    ".vec": "word2vec", ".txt": "word2vec", ".w2v": "word2vec", ".bin": "word2vec-binary",
    ".glove": "glove", ".floret": "floret", "": "folder",
}  # fmt: skip


def read_vectors(
    path: str | Path, format: Format | None = None, *, most: int | None = None,  # noqa: A002
    bad_words: BadWords = "refuse",
) -> WordVectors:  # fmt: skip
    """Read a file or folder of word vectors; a file may be gzipped.

    Args:
        path: the file or folder.
        format: its format; found out by its content where None.
        most: words that are read, the first ones; all where None.
        bad_words: whether words that are no valid UTF-8, empty or there twice are refused, or
            skipped and counted in a warning.

    Raises WeightsError, which names the line (of text) or the byte that is not as expected,
    where the file is missing or damaged, and RangeError where an argument is not valid.
    """
    path, wanted = Path(path), Wanted(most, bad_words)
    wanted.check()
    if format is not None:
        checks.one_of("read_vectors", "format", format, get_args(Format))
    if format == "folder" or (format is None and path.is_dir()):
        return _first(WordVectors.from_disk(path), most)
    with opened(path) as source:
        return READERS[format or _format_of(source)](source, wanted)


def write_vectors(vectors: WordVectors, path: str | Path, format: Format | None = None) -> None:  # noqa: A002
    """Write word vectors, whole or not at all, in a format or that of the name's ending.

    word2vec's and GloVe's have the vectors of known words alone.

    Raises RangeError where the format is not written, or cannot hold these.
    """
    path = Path(path)
    format = format or format_of_name(path)  # noqa: A001
    if format == "folder":
        vectors.to_disk(path)
        return
    checks.one_of("write_vectors", "format", format, ("folder", *WRITERS))
    if vectors.ngrams is not None and not len(vectors) and format != "floret":
        raise RangeError(
            f"{format}: expected known words, got rows of n-grams alone; write a folder or floret"
        )
    write_file(path, lambda file: WRITERS[format](vectors, file))


def format_of_name(path: str | Path) -> Format:
    """Return the format that a name's ending stands for, with or without .gz.

    .vec, .txt and .w2v are word2vec's text, .bin its binary form, .glove and .floret theirs;
    a name without an ending is a folder. Raises RangeError where it is another.
    """
    name = Path(path).name.lower()
    ending = Path(name.removesuffix(".gz")).suffix or Path(name).suffix
    if ending not in ENDINGS:
        raise RangeError(
            f"{path}: expected a name that ends with {', '.join(filter(None, ENDINGS))}, or has "
            f"no ending, got {ending}; name the format: {', '.join(get_args(Format))}"
        )
    return ENDINGS[ending]


def format_of_file(path: Path) -> Format:
    """Return the format of a file by its content; WeightsError where it cannot be read."""
    with opened(path) as source:
        return _format_of(source)


def _format_of(source: Source) -> Format:
    begin = source.peek(2**16)
    first, _, after = begin.partition(b"\n")
    if begin.startswith(MAGIC):
        return "fasttext"
    if is_floret(first):
        return "floret"
    if not has_header(first):
        return "glove"
    width = int(first.split()[1])
    fields = after.partition(b"\n")[0].rstrip(b" \r").split(b" ")
    numbers = fields[-width:] if len(fields) > width > 0 else []
    return "word2vec" if not after or (numbers and all(map(_is_number, numbers))) else \
        _binary_or_damaged(after)  # fmt: skip


def _binary_or_damaged(content: bytes) -> Format:
    """Tell binary numbers from lines of text: they are no UTF-8, or have control characters."""
    try:
        text = getincrementaldecoder("utf-8")().decode(content)  # its end may be cut
    except UnicodeDecodeError:
        return "word2vec-binary"
    acting = any(character < "\t" or "\r" < character < " " for character in text)
    return "word2vec-binary" if acting else "word2vec"


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _first(vectors: WordVectors, most: int | None) -> WordVectors:
    """The first words alone."""
    if most is None or most >= len(vectors):
        return vectors
    counts = None if vectors.counts is None else vectors.counts[:most]
    rows, row_of = vectors.rows[:most], None
    if vectors.row_of is not None:
        rows, row_of = vectors.rows, vectors.row_of[:most]
    return WordVectors(vectors.words[:most], rows, counts, vectors.ngrams, row_of)
