"""What the first call costs, in fresh processes."""

import json
import os
import subprocess
import sys
import tempfile
from functools import cache

from .common import Benchmark

SCRIPT = """
import json, time
laps, last = {}, time.perf_counter()

def lap(name):
    global last
    now = time.perf_counter()
    laps[name], last = now - last, now

import numba, spacy
lap("spacy_and_numba")
import spacy_salience.component.component
lap("spacy_salience")
nlp = spacy.blank("en")
lap("blank")
nlp.add_pipe("salience")
lap("add_pipe")
nlp("The first document waits for the kernels.")
lap("first_document")
print(json.dumps(laps))
"""


class Startup(Benchmark):
    """Seconds to import spaCy and numba, what our package adds to them, and add_pipe."""

    unit = "s"

    def track_import_spacy_and_numba(self):
        return seconds("warm")["spacy_and_numba"]

    def track_import_spacy_salience(self):
        return seconds("warm")["spacy_salience"]

    def track_add_pipe(self):
        return seconds("warm")["add_pipe"]


class FirstDocument(Benchmark):
    """Seconds of the first nlp(text): kernels cached on disk, or none."""

    params = (("warm", "empty"),)
    param_names = ("cache",)
    unit = "s"

    def track_first_document(self, cache):
        return seconds(cache)["first_document"]


@cache
def seconds(kernels):
    """Return the seconds of each step, the fastest of three processes."""
    if kernels == "empty":
        with tempfile.TemporaryDirectory() as folder:
            return in_a_process(NUMBA_CACHE_DIR=folder)  # compiles for long enough
    in_a_process()  # fills the cache where it is not full yet
    runs = [in_a_process() for _ in range(3)]
    return {step: min(run[step] for run in runs) for step in runs[0]}


def in_a_process(**environment):
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)
