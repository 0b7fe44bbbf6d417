"""Processing the documents of a chunk, and writing its result file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacy.language import Language

from salience.files import write_whole

from . import failures
from .chunks import Chunk, name_of
from .columns import TAKEN, Values
from .failures import Failure, failure_of
from .layout import Form, Layout
from .rows import Row
from .writers import WRITERS, Lines, Npy

TEXTS_AT_ONCE = 256
"""Documents that are processed together."""

CHARACTERS_AT_ONCE = 120_000
"""Characters after which a batch is closed."""

WORDS_OF = "words"
"""The number of a document's words, among the values taken of it."""


WORDS_THAT_STAY = 30_000
"""Words that a pipeline may know for good. It meets most of them in its first chunks, and to make
them anew in each chunk takes a third of the time."""


@dataclass
class Counts:
    """What a chunk had: documents, their words, and the ones that failed."""

    documents: int = 0
    words: int = 0
    failed: int = 0


@dataclass
class Work:
    """A chunk to process: its documents, those that are known to fail by their place.

    batch: documents that are processed together at most.
    """

    chunk: Chunk
    known: Mapping[int, Failure] = field(default_factory=dict)
    batch: int = TEXTS_AT_ONCE


def write_chunk(nlp: Language, layout: Layout, out: Path, work: Work) -> Counts:
    """Process a chunk and write its errors, then its result file, each whole or not at all.

    Raises OSError where a file cannot be written.
    """
    counts, failed = Counts(), list[Failure]()
    path = out / name_of(work.chunk.number)
    batches = _batches(nlp, layout, work, counts, failed)
    if layout.form is Form.npy:
        _write_npy(path, layout, batches, lambda: failures.write(out, work.chunk.number, failed))
        return counts

    def write(file: Any) -> None:
        WRITERS[layout.form](file, layout, batches)
        failures.write(out, work.chunk.number, failed)

    write_whole(path.with_suffix(layout.form.ending), write)
    return counts


def try_rows(nlp: Language, layout: Layout, rows: Sequence[Row]) -> None:
    """Process documents and write nothing: to find the one that ends its process."""
    with _zone(nlp):
        for some in _cut(rows, TEXTS_AT_ONCE):
            outcomes(nlp, layout.columns, some)


def _zone(nlp: Language) -> AbstractContextManager[object]:
    """A memory zone, in which new words are forgotten; none where the pipeline knows few."""
    return nullcontext() if len(nlp.vocab) < WORDS_THAT_STAY else nlp.memory_zone()


def outcomes(
    nlp: Language, columns: Sequence[str], rows: Sequence[Row]
) -> list[Values | Failure]:  # fmt: skip
    """Return what is taken of each document, or why it failed.

    Where one of several fails they are halved, down to the one that does.
    """
    if not rows:
        return []
    try:
        found: list[Values | Failure] = [
            {WORDS_OF: len(doc), **{name: TAKEN[name](doc) for name in columns}}
            for doc in nlp.pipe([row.text for row in rows])
        ]
        if len(found) != len(rows):  # an error handler of the pipeline dropped some
            raise ValueError(f"the pipeline returned {len(found)} documents of {len(rows)}")
    except Exception as error:
        if len(rows) == 1:
            return [failure_of(rows[0].id, rows[0].text, error)]
        half = len(rows) // 2
        return [*outcomes(nlp, columns, rows[:half]), *outcomes(nlp, columns, rows[half:])]
    return found


def outcomes_of(
    nlp: Language, columns: Sequence[str], rows: Sequence[Row]
) -> Iterator[Values | Failure]:  # fmt: skip
    """Yield what `outcomes` returns, of documents in batches."""
    for some in _cut(rows, TEXTS_AT_ONCE):
        yield from outcomes(nlp, columns, some)


def _batches(
    nlp: Language, layout: Layout, work: Work, counts: Counts, failed: list[Failure]
) -> Iterator[Lines]:
    failed += work.known.values()
    rows = [row for place, row in enumerate(work.chunk.rows) if place not in work.known]
    with _zone(nlp):
        for some in _cut(rows, work.batch):
            lines = []
            for row, found in zip(some, outcomes(nlp, layout.columns, some), strict=True):
                if isinstance(found, Failure):
                    failed.append(found)
                    continue
                counts.words += found.pop(WORDS_OF)
                lines.append(layout.line(row, found))
            yield lines
    counts.documents, counts.failed = len(work.chunk.rows), len(failed)


def _write_npy(path: Path, layout: Layout, batches: Iterator[Lines], before_last: Any) -> None:
    """Write the vectors as .npy, and all else as .jsonl, which is there before."""

    def write(file: Any) -> None:
        vectors = Npy(file, layout.widths["vector"])

        def rest() -> Iterator[Lines]:
            for lines in batches:
                if lines:
                    vectors.add([line.pop("vector") for line in lines])
                yield lines

        others = path.with_suffix(Form.jsonl.ending)
        write_whole(others, lambda beside: WRITERS[Form.jsonl](beside, layout, rest()))
        vectors.close()
        before_last()

    write_whole(path.with_suffix(Form.npy.ending), write)


def _cut(rows: Sequence[Row], most: int) -> Iterator[list[Row]]:
    some, characters = list[Row](), 0
    for row in rows:
        if len(some) == most or (some and characters + len(row.text) > CHARACTERS_AT_ONCE):
            yield some
            some, characters = [], 0
        some.append(row)
        characters += len(row.text)
    if some:
        yield some
