"""`run`: files in, tables out, by worker processes; what is done stays done."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import NamedTuple, TypeAlias

from spacy.language import Language

from salience import __version__
from salience.errors import RangeError
from salience.interrupts import interrupted

from . import failures, inputs, loading, manifest
from .chunks import DOCUMENTS, Chunk, is_done
from .clusters import CLUSTERS, EngineName
from .columns import check_pipeline, widths_of
from .engines import Engine, completed
from .folder import held
from .inputs import Input
from .jobs import jobs_of
from .manifest import Said
from .plan import Plan, chunks_in, plan_of, planned
from .progress import Progress
from .request import Request, requested
from .rows import Reading
from .worker import Order
from .workers import Workers, prepare

Start: TypeAlias = Callable[[Order], Engine]
"""Starts an engine whose workers have what the order says."""


NOTICE = "interrupted: what is in hand is finished; Ctrl-C again ends at once"


class Outcome(NamedTuple):
    """What is in the folder of results, and what this call did of it.

    documents: in the inputs. chunks: result files of them. failed: documents that failed, which
    are in the file of errors. skipped: rows without a text. now: documents that this call
    processed; others were done before. finished: whether nothing is missing.
    """

    documents: int
    chunks: int
    failed: int
    skipped: int
    now: int
    finished: bool


def run(
    texts: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    pipeline: str | None = None,
    lang: str | None = None,
    code: str | None = None,
    columns: str | Iterable[str] = "vector",
    form: str = "parquet",
    field: str | None = None,
    id: str | None = None,  # noqa: A002
    format: str | None = None,  # noqa: A002
    strict: bool = False,
    jobs: int | None = None,
    chunk_size: int = DOCUMENTS,
    engine: str = "processes",
    address: str | None = None,
) -> Outcome:
    """Process files of texts in worker processes, or on a cluster, and write a folder of tables.

    Results are files `chunk-NNNNNN.parquet` of a row a document, in order: its id, the input's
    other columns, and what `columns` says. Each is whole or absent, and `manifest.json` says
    what was asked. The same call again does what is missing. Documents that fail are in
    `errors.parquet`. A script calls it below `if __name__ == "__main__":`, as Python starts
    the processes anew. Ctrl-C ends it after the chunks in hand; pressed twice, at once.

    Args:
        texts: files, folders of them, or - for standard input, as `documents` reads them.
        out: the folder of results, new or of the same call before.
        pipeline: an embedded model, a .safetensors file, or a spaCy pipeline's folder or name;
            by default a blank pipeline with salience.
        lang: the texts' language; by default the model's.
        code: a file of Python that registers what the pipeline needs.
        columns: some of vector, keywords, tokens, entities, categories, sentence_vectors,
            token_vectors and text, with commas between them or as a list.
        form: parquet, jsonl, or npy for vectors, with all else in a .jsonl beside them.
        field: the column of texts, as for `documents`.
        id: the column of ids; by default `id`, else an id is FILE:LINE.
        format: the files' format, where their names do not say it.
        strict: refuse rows without a text, which are skipped otherwise.
        jobs: worker processes; by default one a core, or as many as there is memory for.
        chunk_size: documents of a result file, at most.
        engine: processes, dask or ray: worker processes here, or those of a cluster.
        address: of the cluster; by default the one that this process is connected to, or, where
            there is none, one that is started here.

    Raises:
        FileError: a file of texts is not as expected.
        RangeError: something is asked for that there is not; or the folder holds results of
            something else, and then the text says what differs.
        WorkerError: worker processes go on dying, and not of single documents.
        MissingPackageError: Parquet without pyarrow, or an engine without its package.
        OSError: a file cannot be written.
    """
    folder = Path(out)
    given = [texts] if isinstance(texts, (str, Path)) else texts
    named = {"pipeline": pipeline, "lang": lang, "code": code}
    reading = Reading(field, id, strict)
    request = requested(given, folder, columns, form, named, reading, format, chunk_size)
    return carried_out(request, folder, _start(engine, jobs, address))


def _start(engine: str, jobs: int | None, address: str | None) -> Start:
    """Return what starts an engine, of which some is begun; RangeError where none has the name."""
    at_once = jobs_of(jobs)
    if engine == EngineName.processes:
        prepare()
        return lambda order: Workers(order, at_once)
    if engine not in list(EngineName):
        known = ", ".join(each.value for each in EngineName)
        raise RangeError(f"engine: expected one of {known}, got {engine!r:.60}")
    return lambda order: CLUSTERS[EngineName(engine)](order, jobs, address)


def carried_out(request: Request, out: Path, start: Start) -> Outcome:
    """Do what is missing of what is asked for, with an engine of one's own; raises as `run`."""
    nlp = loading.load(request.named)
    check_pipeline(nlp, request.columns)
    with held(out):
        before = manifest.read(out)
        with inputs.copied(request.inputs, out) as files, inputs.unchanged(files):
            plan = _agreed(request, nlp, files, out, before)
            order = Order(request.named, plan.layout(request), out)
            return _done(plan, chunks_in(request, files), order, start)


def _agreed(
    request: Request, nlp: Language, files: Sequence[Input], out: Path, before: Said | None
) -> Plan:
    """Return the plan that the manifest before has for the same request, or make both."""
    asked = {
        "salience": __version__,
        "inputs": [inputs.described(each) for each in files],
        "pipeline": loading.described(nlp, request.named),
        **request.said(),
    }
    if before is not None:
        manifest.check_same(out, before["asked"], asked)
        return plan_of(before["found"])
    with inputs.unchanged(files):
        plan = planned(request, files, widths_of(nlp, request.columns))
    manifest.write(out, asked, plan.said())
    return plan


def _done(plan: Plan, chunks: Iterator[Chunk], order: Order, start: Start) -> Outcome:
    """Have missing chunks completed, and put the errors of all together in any case."""
    with Progress(order.out, plan.documents) as progress, interrupted() as stop:
        try:
            with closing(start(order)) as engine:
                for counts in completed(engine, _missing(chunks, order, progress, stop)):
                    progress.add(counts)
                    if stop.is_set():
                        progress.tell_once(NOTICE)
        finally:
            failed = failures.gather(order.out, order.layout.form, plan.chunks)
    now, finished = progress.counts.documents, progress.done == plan.documents
    return Outcome(plan.documents, plan.chunks, failed, plan.skipped, now, finished)


def _missing(
    chunks: Iterator[Chunk], order: Order, progress: Progress, stop: Event
) -> Iterator[Chunk]:
    for chunk in chunks:
        if stop.is_set():
            return
        if is_done(order.out, chunk.number, order.layout.form.ending):
            progress.pass_over(len(chunk.rows))
        else:
            yield chunk
