"""Resident memory during a stream, and the peak of a long document: python -m benchmarks.memory."""

import random
import subprocess
import sys
from contextlib import nullcontext
from itertools import islice
from pathlib import Path

import spacy

from .common import long_text, sentence

ROOT = Path(__file__).parent.parent
STATUS = Path("/proc/self/status")
STREAMS = ("few words", "new words", "new words, in zones")
PIPELINES = ("salience", "Encoder.v1", "tokenizer")
ZONE = 1000
"""Documents of one memory zone."""


def growth(stream, pipeline, documents):
    """Return resident MB after a tenth of the documents, and after all of them."""
    nlp, texts = pipeline_of(pipeline), stream_of(stream)
    readings = []
    for count in (documents // 10, documents - documents // 10):
        for first in range(0, count, ZONE):
            some = islice(texts, min(ZONE, count - first))
            with nlp.memory_zone() if stream.endswith("zones") else nullcontext():
                exhaust(nlp.pipe(some))
        readings.append(status("VmRSS"))
    return readings


def long_document(pipeline, tokens):
    """Return the MB that a document's component takes at its peak, and those of doc.tensor."""
    nlp = pipeline_of(pipeline)
    nlp("Compile, so that no kernel is compiled meanwhile. " * 200)
    doc = nlp.make_doc(long_text(tokens))
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts afresh
    for _, component in nlp.pipeline:
        doc = component(doc)
    return status("VmHWM") - before, doc.tensor.nbytes / 1e6


def stream_of(name):
    """Yield texts of some 30 words for ever; of new words, each has two that no other has."""
    choice = random.Random(0)
    number = 0
    while True:
        text = " ".join(sentence(choice) for _ in range(3))
        if name.startswith("new"):
            text += f" word{number}x and word{number}y."
        yield text
        number += 1


def pipeline_of(name):
    nlp = spacy.blank("en")
    nlp.max_length = 10**9
    if name != "tokenizer":
        model = {"model": {"@architectures": "salience.Encoder.v1"}} if name[0] == "E" else {}
        nlp.add_pipe("salience", config=model)
        nlp.initialize()
    return nlp


def status(name):
    """Return one of Linux's counters of this process, in MB; asv skips where there is none."""
    if not STATUS.exists():
        raise NotImplementedError("only Linux has /proc")
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1e3


def exhaust(docs):
    for _ in docs:
        pass


def in_a_process(*call):
    """Call a function of a benchmark in a fresh process, and return its two numbers."""
    status("VmRSS")  # where this cannot be read, asv is to skip
    module = Path(call[0].__code__.co_filename).stem
    script = f"import sys; from benchmarks.{module} import *; print(*eval(sys.argv[1]))"
    text = f"{call[0].__name__}(*{call[1:]!r})"
    command = [sys.executable, "-c", script, text]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    return [float(number) for number in done.stdout.split()]


def main(documents=100_000, tokens=1_000_000):
    for stream in STREAMS:
        for pipeline in PIPELINES:
            early, late = in_a_process(growth, stream, pipeline, documents)
            print(
                f"{stream}, {pipeline}: {early:.0f} MB after {documents // 10} documents, "
                f"{late:.0f} MB after {documents}: {late / early:.3f}",
                flush=True,
            )
    for pipeline in PIPELINES[:2]:
        peak, tensor = in_a_process(long_document, pipeline, tokens)
        print(
            f"one document, {pipeline}: {peak:.0f} MB at its peak, "
            f"{peak / tensor:.2f} times doc.tensor"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
