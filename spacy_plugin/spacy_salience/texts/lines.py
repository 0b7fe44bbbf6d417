"""The lines of text files: decoding, line ends, and errors of bytes that cannot be decoded."""

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
"""It may also occur inside a file, where files were concatenated."""

_ENCODINGS = {
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16's, with which it begins
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}

_BY_ZEROS = {b"\1\0\1\0": "utf-16-le", b"\0\1\0\1": "utf-16-be"}
"""UTF-16 without a byte order mark, by which of the first four bytes are not zero. No text in UTF-8
begins so."""

_STAND_IN = "salience.stand_in"
_SHIFT = 0xDC00
"""A byte that cannot be decoded becomes the surrogate of this number plus the byte; its line is
known, and the error raised, only later."""


def lines(source: Source) -> Iterator[str]:
    r"""Yield the lines of a file, without their ends: \n, \r\n or \r.

    Files are UTF-8, or UTF-16 or UTF-32 with a byte order mark; marks at the starts of
    lines are dropped. Raises FileError, which names the line, where a byte cannot be
    decoded.
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
    begun: list[str] = []  # the beginning of a line whose end is in the next bytes
    for text in chain(map(translate.decode, contents), [translate.decode(b"", final=True)]):
        first, *others = text.split("\n")
        begun.append(first)
        if others:
            yield "".join(begun)
            yield from others[:-1]
            begun = others[-1:]
    if last := "".join(begun):
        yield last


def _encoding(start: bytes) -> str:
    for mark, name in _ENCODINGS.items():
        if start.startswith(mark):
            return name
    return _BY_ZEROS.get(bytes(map(bool, start)), "utf-8")


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return chr(_SHIFT + error.object[error.start]), error.end


codecs.register_error(_STAND_IN, _stand_in)
