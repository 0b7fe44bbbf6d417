"""Worker processes that end when a command does."""

import warnings
from collections.abc import Generator, Iterable, Iterator
from multiprocessing import active_children

from spacy.language import Language
from spacy.tokens import Doc

from salience.errors import SalienceError


def piped(nlp: Language, texts: Iterable[str], processes: int) -> Generator[Doc, None, None]:
    """Yield what nlp.pipe does, in this many processes.

    spaCy's generator waits for its workers to end, and they may wait for
    somebody who reads what they send. So where texts end in an error, it is
    raised after the last document; and where documents are wanted no more, the
    workers are ended first.
    """
    if processes == 1:
        yield from nlp.pipe(texts)
        return
    faults: list[SalienceError] = []
    docs = nlp.pipe(_up_to_a_fault(texts, faults), n_process=processes)
    try:
        for doc in docs:  # noqa: UP028  (`yield from` would close docs first)
            yield doc
    except GeneratorExit:
        _end_workers(docs)
        raise
    if faults:
        raise faults[0]


def _up_to_a_fault(texts: Iterable[str], faults: list[SalienceError]) -> Iterator[str]:
    try:
        yield from texts
    except SalienceError as error:
        faults.append(error)


def _end_workers(docs: Iterator[Doc]) -> None:
    for worker in active_children():
        worker.terminate()
    assert isinstance(docs, Generator)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that they were ended
        docs.close()
