"""`salience run IN... --out DIR`: files of texts to a folder of tables, in worker processes."""

import sys
import warnings
from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option

from ..runs.chunks import DOCUMENTS
from ..runs.clusters import EngineName
from ..runs.columns import TAKEN
from ..runs.layout import Form
from ..runs.run import Outcome
from ..runs.run import run as run_to
from .files import Field, Strict, tell_skipped
from .show import FormatName, Lang

SOME_FAILED = 3
"""The exit status where some documents failed."""

INTERRUPTED = 130
"""The exit status after Ctrl-C, as in shells: 128 + SIGINT."""

Inputs = Annotated[
    list[str],
    Argument(
        metavar="IN...",
        help="Files of texts, as for `salience show`; folders, of which every file is read whose "
        "name says a format; or -, standard input.",
    ),
]
Out = Annotated[
    Path, Option(help="The folder of results: new, or of this command before, which goes on.")
]
PipelineName = Annotated[
    str | None,
    Option(
        metavar="NAME_OR_PATH",
        help="A spaCy pipeline's folder or name, an embedded model, or a .safetensors file; by "
        "default a blank pipeline with salience.",
    ),
]
Code = Annotated[
    str | None,
    Option(metavar="FILE", help="A file of Python that registers what the pipeline needs."),
]
Columns = Annotated[
    str,
    Option(help=f"What to write of each document, with commas between: {', '.join(TAKEN)}."),
]
FormName = Annotated[
    Form,
    Option(
        help="The results' format: tables in Parquet, an object a line, or document vectors in "
        ".npy with all else in .jsonl."
    ),
]
IdColumn = Annotated[
    str | None,
    Option(
        metavar="NAME",
        help="The column of ids: `id` by default; where there is none, an id is FILE:LINE.",
    ),
]
Jobs = Annotated[
    int | None,
    Option(help="Worker processes; by default one a core, or for fewer where memory is short."),
]
Engine = Annotated[
    EngineName,
    Option(help="What does the work: processes on this machine, or the workers of Dask or Ray."),
]
Address = Annotated[
    str | None,
    Option(
        help="The address of Dask's scheduler or Ray's cluster; by default one is started on "
        "this machine."
    ),
]
ChunkSize = Annotated[int, Option(help="Documents of a result file, at most.", min=1)]


def run(
    inputs: Inputs,
    out: Out,
    pipeline: PipelineName = None,
    lang: Lang = None,
    code: Code = None,
    columns: Columns = "vector",
    form: FormName = Form.parquet,
    jobs: Jobs = None,
    field: Field = None,
    id: IdColumn = None,  # noqa: A002
    format: FormatName = None,  # noqa: A002
    strict: Strict = False,
    chunk_size: ChunkSize = DOCUMENTS,
    engine: Engine = EngineName.processes,
    address: Address = None,
) -> None:
    """Process files of texts by any pipeline, and write a folder of tables.

    A row is a document: its id, the other columns of the input, and what --columns
    says. The same command again does what is missing, and refuses where something
    else was asked before. Documents that fail are in errors.parquet, and the exit
    status is 3 then; it is 1 where nothing can be done. Ctrl-C ends the command
    after the result files in hand, with status 130.
    """
    warnings.filterwarnings("ignore", message=r"\[W109\]")
    try:
        outcome = run_to(
            inputs, out, pipeline=pipeline, lang=lang, code=code, columns=columns, form=form,
            field=field, id=id, format=format, strict=strict, jobs=jobs, chunk_size=chunk_size,
            engine=engine, address=address,
        )  # fmt: skip
    except KeyboardInterrupt as error:
        print("salience: ended at once; the same command goes on", file=sys.stderr)
        raise Exit(INTERRUPTED) from error
    tell(out, form, outcome)
    if not outcome.finished:
        raise Exit(INTERRUPTED)
    if outcome.failed:
        raise Exit(SOME_FAILED)


def tell(out: Path, form: Form, outcome: Outcome) -> None:
    """Print what was done; failures and skipped rows on standard error."""
    before = outcome.documents - outcome.now
    if not outcome.finished:
        print(f"interrupted after {outcome.now} documents; the same command goes on from there")
        return
    print(
        f"{outcome.documents} documents, {outcome.chunks} result files in {out}"
        + (f"; {before} documents were done before" if before else "")
    )
    tell_skipped(outcome.skipped)
    if outcome.failed:
        print(
            f"salience: {outcome.failed} of {outcome.documents} documents failed; "
            f"{out / f'errors{form.of_tables}'} says which, and why",
            file=sys.stderr,
        )
