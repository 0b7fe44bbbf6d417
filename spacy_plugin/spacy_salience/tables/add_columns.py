"""What a pipeline says of the texts in a table, as further columns of it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from spacy.language import Language

from salience.errors import DtypeError, RangeError

from ..runs.columns import Values, check_pipeline, checked, widths_of
from ..runs.failures import Failure
from ..runs.layout import Form, Layout
from ..runs.loaded import lent
from ..runs.loading import Named
from ..runs.process import outcomes_of
from ..runs.rows import Row
from ..runs.writers import record_batch
from ..texts.tables import listed, text_of
from .kinds import Kind, kind_of

Table = TypeVar("Table")

WHERE = "add_columns"

ERROR = "error"
"""The column that says why a document failed; null where it did not."""


def add_columns(
    table: Table, field: str = "text", columns: str | Iterable[str] = ("vector",), *,
    pipeline: str | Path | None = None, lang: str | None = None, code: str | Path | None = None,
    strict: bool = False,
) -> Table:  # fmt: skip
    """Return the table with columns of what a pipeline says of its texts; rows stay as they are.

    A worker process loads the pipeline by its name, at the first call, and keeps it. Its
    threads take turns. Columns are as `run` writes them: a vector is float32 [D]. A row
    without a text has nulls.

    Args:
        table: a pandas.DataFrame, polars.DataFrame, pyarrow.Table or .RecordBatch, or a dict
            of lists.
        field: the column of texts.
        columns: those of `run`, with commas between them or as a list; and error, which says
            why a document failed.
        pipeline: an embedded model, a .safetensors file, or a spaCy pipeline's folder or name;
            by default a blank pipeline with salience.
        lang: the texts' language; by default the model's.
        code: a file of Python that registers what the pipeline needs.
        strict: refuse rows without a text.

    Raises:
        DtypeError: this is no such table, or a value of the column is no text.
        RangeError: something is asked for that there is not; the table has a column of a new
            one's name; a row has no text, with strict; or a document fails and no column error
            is asked for.
        MissingPackageError: polars without pyarrow.
    """
    kind, wanted = kind_of(table), _checked(columns)
    _check_names(kind.names(table), field, wanted)
    texts = _texts(kind, table, field, strict)
    taken = tuple(name for name in wanted if name != ERROR)
    named = Named(_path(pipeline), lang, _path(code), "sentence_vectors" in taken)
    with lent(named) as nlp, nlp.memory_zone():
        check_pipeline(nlp, taken)
        found = _outcomes(nlp, texts, taken)
        layout = Layout(Form.parquet, taken, widths_of(nlp, taken), ())
    new = _columns(found, wanted)
    joined: Table = kind.joined(table, new, lambda: _arrays(layout, new))
    return joined


def _checked(columns: str | Iterable[str]) -> tuple[str, ...]:
    """The names of columns, each once."""
    names = columns.split(",") if isinstance(columns, str) else list(columns)
    others = [name for name in names if name.strip() != ERROR]
    return (*checked(others), *((ERROR,) if len(others) < len(names) else ()))


def _check_names(names: Sequence[str], field: str, wanted: Sequence[str]) -> None:
    if names.count(field) != 1:
        raise RangeError(
            f"{WHERE}: expected one column {field!r:.60} of texts, got the columns "
            f"{listed([str(name) for name in names])}; name another one by field="
        )
    for name in wanted:
        if name in names:
            raise RangeError(
                f"{WHERE}: expected a table without a column {name}, which is to be added, got "
                "one with it; rename or drop it"
            )


def _texts(kind: Kind, table: Any, field: str, strict: bool) -> list[str | None]:
    """The texts of a table; None for each row without one."""
    found = []
    for place, value in enumerate(kind.values(table, field)):
        try:
            found.append(text_of(value))
        except (TypeError, UnicodeEncodeError) as error:
            got = "a lone surrogate" if isinstance(value, str) else f"a {type(value).__name__}"
            raise DtypeError(
                f"{WHERE}: expected texts of valid Unicode in {field!r:.60}, got {got} in row "
                f"{place}, counted from 0; name another column by field=, or make it text"
            ) from error
        if strict and found[-1] is None:
            raise RangeError(
                f"{WHERE}: expected something in {field!r:.60}, got nothing in row {place}, "
                "counted from 0; drop such rows, or leave strict out for nulls"
            )
    return found


def _path(name: str | Path | None) -> str | None:
    if isinstance(name, Language):
        raise DtypeError(
            f"{WHERE}: expected the name of a pipeline, which a worker process can load, got a "
            "pipeline; store it with nlp.to_disk(FOLDER), and give that folder"
        )
    return None if name is None else str(name)


def _outcomes(
    nlp: Language, texts: Sequence[str | None], taken: Sequence[str]
) -> list[Values | Failure]:  # fmt: skip
    """What is taken of each text, or why it failed; nothing of rows without a text."""
    rows = [Row(str(place), text, {}) for place, text in enumerate(texts) if text is not None]
    found: list[Values | Failure] = [{} for _ in texts]
    for row, outcome in zip(rows, outcomes_of(nlp, taken, rows), strict=True):
        found[int(row.id)] = outcome
    return found


def _columns(found: Sequence[Values | Failure], wanted: Sequence[str]) -> dict[str, list[Any]]:
    """The values of new columns, None where there are none."""
    lines = [_line(each, ERROR in wanted) for each in found]
    return {name: [line.get(name) for line in lines] for name in wanted}


def _line(found: Values | Failure, with_errors: bool) -> Values:
    if not isinstance(found, Failure):
        return found
    if with_errors:
        return {ERROR: f"{found.error}: {found.reason}"}
    raise RangeError(
        f"{WHERE}: expected texts that the pipeline processes, but the one in row {found.id}, "
        f"counted from 0, failed: {found.error}: {found.reason}; add {ERROR!r} to the columns, "
        "which says so of each row, or drop the row"
    )


def _arrays(layout: Layout, new: Any) -> Any:
    """The new columns as pyarrow's RecordBatch."""
    import pyarrow as pa

    fields = [*list(layout.schema())[1:], *([pa.field(ERROR, pa.string())] if ERROR in new else [])]
    lines = [dict(zip(new, values, strict=True)) for values in zip(*new.values(), strict=True)]
    return record_batch(pa.schema(fields), lines)
