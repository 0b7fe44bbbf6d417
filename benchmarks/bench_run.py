"""`salience run` beside bare nlp.pipe: its rate by jobs, what a job takes, the share of Parquet."""

import json
import shutil
import tempfile
from pathlib import Path
from time import perf_counter

import spacy

from spacy_salience import run
from spacy_salience.runs.chunks import DOCUMENTS, Chunk
from spacy_salience.runs.layout import Form, Layout
from spacy_salience.runs.process import Work, try_rows, write_chunk
from spacy_salience.runs.rows import Row

from . import memory
from .common import Benchmark, pin, texts


class Rate(Benchmark):
    """Words a second, with the start of processes and the reading of files in it."""

    unit = "words/s"
    params = ((300, 100_000),)
    param_names = ("documents",)

    def setup(self, documents):
        pin()
        self.folder = Path(tempfile.mkdtemp())
        self.texts = [texts(1000)[number % 1000] for number in range(documents)]
        rows = ({"id": number, "text": text} for number, text in enumerate(self.texts))
        (self.folder / "texts.jsonl").write_text("\n".join(map(json.dumps, rows)))
        tokenizer = spacy.blank("en").tokenizer
        self.words = sum(map(len, tokenizer.pipe(texts(1000)))) * documents / 1000
        pipeline()("Compile.")

    def teardown(self, documents):  # noqa: ARG002
        shutil.rmtree(self.folder)

    def track_one_job(self, documents):  # noqa: ARG002
        return self.rate_of(1)

    def track_two_jobs(self, documents):  # noqa: ARG002
        return self.rate_of(2)

    def track_bare_pipe(self, documents):  # noqa: ARG002
        begin, nlp = perf_counter(), pipeline()
        for doc in nlp.pipe(self.texts):
            doc.vector  # noqa: B018
        return self.words / (perf_counter() - begin)

    def rate_of(self, jobs):
        out = self.folder / f"out{jobs}"
        begin = perf_counter()
        run(self.folder / "texts.jsonl", out, jobs=jobs)
        seconds = perf_counter() - begin
        shutil.rmtree(out)
        return self.words / seconds


class Job(Benchmark):
    """What a job takes beyond the loaded libraries and model, in MB, over this many documents."""

    unit = "MB"
    params = ((2000, 20_000, 100_000),)
    param_names = ("documents",)

    def track_peak(self, documents):
        loaded, peak = memory.in_a_process(peak_of_a_job, documents)
        return peak - loaded

    def track_resident(self, documents):
        """After all of them, the model included."""
        return memory.in_a_process(resident_of_a_job, documents)[1]


class Parquet(Benchmark):
    """The share of a chunk's time that is not the pipeline's: its table, on the disk."""

    unit = "of the time"

    def track_share(self):
        pin()
        nlp, rows = pipeline(), rows_of(DOCUMENTS)
        layout = layout_of(nlp)
        with tempfile.TemporaryDirectory() as folder:
            write = least(lambda: write_chunk(nlp, layout, Path(folder), Work(Chunk(0, rows))))
        return max(1e-9, 1 - least(lambda: try_rows(nlp, layout, rows)) / write)


def peak_of_a_job(documents):
    """Return the MB of a process that has written one document, and the most over all chunks."""
    return _job(documents, "VmHWM")


def resident_of_a_job(documents):
    return _job(documents, "VmRSS")


def _job(documents, status):
    pin()
    nlp = pipeline()
    layout = layout_of(nlp)
    with tempfile.TemporaryDirectory() as folder:
        write_chunk(nlp, layout, Path(folder), Work(Chunk(0, rows_of(1))))
        loaded = memory.status("VmRSS")
        for number in range(documents // DOCUMENTS):
            write_chunk(nlp, layout, Path(folder), Work(Chunk(0, rows_of(DOCUMENTS, number))))
    return loaded, memory.status(status)


def pipeline():
    nlp = spacy.blank("en")
    nlp.add_pipe("salience")
    return nlp


def rows_of(documents, number=0):
    """Rows that have a word that no other chunk has."""
    some = [texts(1000)[each % 1000] for each in range(documents)]
    return [Row(str(each), f"{text} new{number}", {}) for each, text in enumerate(some)]


def layout_of(nlp):
    return Layout(Form.parquet, ("vector",), {"vector": len(nlp("A text.").vector)}, [])


def least(function):
    laps = []
    for _ in range(3):
        begin = perf_counter()
        function()
        laps.append(perf_counter() - begin)
    return min(laps)
