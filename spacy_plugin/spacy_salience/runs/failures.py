"""Documents that failed: what is said of them, and the file of all of them."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from salience.files import remove_leftovers, write_whole

from .chunks import is_done, name_of
from .layout import Form

FOLDER = "errors"
"""The folder of the chunks' own files of errors, of which `errors.parquet` is made."""

LONGEST = 300
"""Characters of a reason."""

SHARED_BYTES = 20
"""Bytes in a row that a reason and a text have in common where the reason quotes the text."""

_QUOTED = re.compile(r"""(['"`])(.+?)\1""")


class Failure(NamedTuple):
    """A document that failed: its id, the type of the error, and the reason."""

    id: str
    error: str
    reason: str


def failure_of(row_id: str, text: str, error: BaseException) -> Failure:
    """Return the failure of a document, whose reason has nothing of its text.

    What a reason has in quotes and the text has too is left out; a reason that has more of the
    text is not shown.
    """
    reason, spaced = " ".join(str(error).split()), " ".join(text.split())
    reason = _QUOTED.sub(lambda found: "'...'" if found[2] in spaced else found[0], reason)
    reason = reason[:LONGEST]
    if (spaced and spaced in reason) or _share(reason.encode(), spaced.encode()):
        reason = "(not shown, as it quotes the text)"
    return Failure(row_id, type(error).__name__, reason)


def write(out: Path, number: int, failures: Sequence[Failure]) -> None:
    """Write, or remove, a chunk's own file of errors."""
    path = _path(out, number)
    if not failures:
        remove_leftovers(path)
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(exist_ok=True)
    lines = "".join(f"{json.dumps(each._asdict())}\n" for each in failures)
    write_whole(path, lambda file: file.write(lines.encode()))


def gather(out: Path, form: Form, chunks: int) -> int:
    """Write the file of all errors of the chunks that are done, and return how many there are.

    Where there are none, the file is removed.
    """
    path = out / f"errors{form.of_tables}"
    found = list(_of_chunks(out, form, chunks))
    if not found:
        path.unlink(missing_ok=True)
    elif form is Form.parquet:
        write_whole(path, lambda file: _write_parquet(file, found))
    else:
        lines = "".join(f"{json.dumps(each._asdict())}\n" for each in found)
        write_whole(path, lambda file: file.write(lines.encode()))
    return len(found)


def _of_chunks(out: Path, form: Form, chunks: int) -> Iterator[Failure]:
    for number in range(chunks):
        path = _path(out, number)
        if path.exists() and is_done(out, number, form.ending):
            for line in path.read_text().splitlines():
                yield Failure(**json.loads(line))


def _share(reason: bytes, text: bytes) -> bool:
    """Whether they have SHARED_BYTES in a row in common."""
    ends = range(SHARED_BYTES, len(reason) + 1)
    return any(reason[end - SHARED_BYTES : end] in text for end in ends)


def _write_parquet(file: Any, failures: Sequence[Failure]) -> None:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    schema = pa.schema([(name, pa.string()) for name in Failure._fields])
    write_table(pa.Table.from_pylist([each._asdict() for each in failures], schema), file)


def _path(out: Path, number: int) -> Path:
    return out / FOLDER / f"{name_of(number)}.jsonl"
