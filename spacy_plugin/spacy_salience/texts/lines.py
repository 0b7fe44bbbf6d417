"""Lines of text files: their encodings, their line ends, and where a byte is none of them."""

import codecs
from collections.abc import Iterator
from functools import partial
from io import IncrementalNewlineDecoder
from itertools import chain
from typing import BinaryIO

from .errors import FileError
from .sources import Source

BYTES_AT_ONCE = 2**16
"""Bytes that are decoded at once."""

BYTE_ORDER_MARK = "\ufeff"
"""The byte order mark; inside of a file where files were put together."""

_ENCODINGS = {
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16's, which it begins with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}

_BY_ZEROS = {b"\1\0\1\0": "utf-16-le", b"\0\1\0\1": "utf-16-be"}
"""UTF-16 without its mark, by which of the first bytes are not zero, as of no text in UTF-8."""

_STAND_IN = "salience.stand_in"
_SHIFT = 0xDC00
"""A byte that cannot be decoded is a surrogate, this much higher, until its line is known."""


def lines(source: Source) -> Iterator[str]:
    r"""Yield the lines of a file, without their ends: \n, \r\n or \r.

    UTF-8, or UTF-16 and UTF-32 by their byte order mark, which is dropped
    from the start of every line. Raises FileError, which names the line, where
    a byte belongs to no character.
    """
    with source.open() as file:
        for number, line in enumerate(_decoded(file), start=1):
            if not line.isascii():
                _check(source, number, line)
            yield line.lstrip(BYTE_ORDER_MARK)


def _check(source: Source, number: int, line: str) -> None:
    try:
        line.encode()
    except UnicodeEncodeError as error:
        raise FileError(
            f"{source.line(number)}: expected UTF-8 text (or UTF-16 that begins with its byte "
            f"order mark), got the byte 0x{ord(line[error.start]) - _SHIFT:02X}; save the file as "
            "UTF-8"
        ) from error


def _decoded(file: BinaryIO) -> Iterator[str]:
    start = file.read(4)
    decode = codecs.getincrementaldecoder(_encoding(start))(_STAND_IN)
    translate = IncrementalNewlineDecoder(decode, translate=True)
    contents = chain([start], iter(partial(file.read, BYTES_AT_ONCE), b""))
    begun: list[str] = []  # of a line that goes on in the next bytes
    for text in chain(map(translate.decode, contents), _last(translate)):
        first, *others = text.split("\n")
        begun.append(first)
        if others:
            yield "".join(begun)
            yield from others[:-1]
            begun = others[-1:]
    if last := "".join(begun):
        yield last


def _last(decoder: IncrementalNewlineDecoder) -> Iterator[str]:
    yield decoder.decode(b"", final=True)


def _encoding(start: bytes) -> str:
    for mark, name in _ENCODINGS.items():
        if start.startswith(mark):
            return name
    return _BY_ZEROS.get(bytes(map(bool, start)), "utf-8")


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return chr(_SHIFT + error.object[error.start]), error.end


codecs.register_error(_STAND_IN, _stand_in)
