"""JSON files: one object or string in each line, or a list of them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from salience.model.forms import is_blank

from .errors import FileError
from .lines import lines
from .records import Record
from .sources import Source

TEXT = "text"
"""The column of rows that are plain strings, and the default column of texts."""

_WANTED = f'a JSON object with a "{TEXT}" (or another column), or a string'


def json_lines(source: Source) -> Iterator[Record]:
    """Yield the records of a file with one JSON value in each line; blank lines are skipped."""
    for number, line in enumerate(lines(source), start=1):
        if line[:1] != "{" and is_blank(line):
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise source.bad(number, _WANTED, _fault(error)) from error
        yield Record(number, _values(source, number, value))


def json_list(source: Source) -> Iterator[Record]:
    """Yield the records of a file that is one JSON list, which is read into memory."""
    try:
        found = json.loads("\n".join(lines(source)))
    except (ValueError, RecursionError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(
            f"{source.line(getattr(error, 'lineno', 1))}: expected a JSON list, got "
            f"{_fault(error)}; mend it, or name it .jsonl where it has an object a line"
        ) from error
    if not isinstance(found, list):
        raise FileError(
            f"{source.name}: expected a JSON list of objects or strings, got {named(found)}; "
            "write the list alone, or one object a line in a .jsonl"
        )
    for number, value in enumerate(found, start=1):
        yield Record(number, _values(source, number, value))


def named(value: object) -> str:
    """Return the kind of a JSON value in words, without its content."""
    kinds = {bool: "true or false", dict: "an object", list: "a list", type(None): "null"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def _values(source: Source, number: int, value: object) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    if value is None or isinstance(value, str):
        return {} if value is None else {TEXT: value}
    raise source.bad(number, _WANTED, named(value))


def _fault(error: Exception) -> str:
    """What is wrong with JSON, in its parser's words, which have no text of the file."""
    return f"what is no JSON ({getattr(error, 'msg', type(error).__name__)})"
