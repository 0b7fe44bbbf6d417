"""nlp.pipe(n_process=...) with every way that Python starts processes."""

import subprocess
import sys

import numpy as np
import pytest
from spacy.language import Language

from ..conftest import TEXTS

SCRIPT = """
import multiprocessing, sys, warnings
import numpy as np
import spacy
from spacy.language import Language

warnings.filterwarnings("ignore", "..W109")
TEXTS = {texts!r}


@Language.component("spoil")
def spoil(doc):
    if doc.text.startswith("BAD"):
        # The hash of no string, so that the first word cannot be looked up.
        doc.from_array(["NORM"], np.full(len(doc), 12345, dtype=np.uint64))
    return doc


def note(name, component, docs, error):
    with open(sys.argv[3], "a") as file:
        file.write("|".join([name, type(error).__name__, *(doc.text for doc in docs)]) + "\\n")


def results(docs):
    return [(d.text, d.tensor, d._.salience, d._.salience_vector, d._.attention) for d in docs]


def same(found, want):
    assert len(found) == len(want)
    for some, others in zip(found, want):
        for a, b in zip(some, others):
            np.testing.assert_array_equal(a, b)


def main():
    multiprocessing.set_start_method(sys.argv[1])
    nlp = spacy.load(sys.argv[2])
    nlp.add_pipe("spoil", first=True)
    nlp.set_error_handler(note)
    other = spacy.blank("en").make_doc("a cat")
    before = list(nlp.pipe(TEXTS, n_process=2, batch_size=2))
    here = list(nlp.pipe(TEXTS))
    docs = zip(map(nlp.make_doc, TEXTS), range(99))
    pairs = list(nlp.pipe(docs, n_process=2, batch_size=3, as_tuples=True))
    assert not before[0].user_hooks
    want = results(here)
    for found in (before, [doc for doc, _ in pairs]):
        same(results(found), want)
        assert found[0].similarity(here[1]) == here[0].similarity(here[1])
    good = [place for place, text in enumerate(TEXTS) if not text.startswith("BAD")]
    assert [place for _, place in pairs] == good
    assert [doc.text for doc in here] == [TEXTS[place] for place in good]


if __name__ == "__main__":
    main()
"""
MIXED = [TEXTS[0], "BAD one", *TEXTS[1:], "BAD two", "the cat"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_return_what_the_parent_does(nlp, method, tmp_path):
    """Before and after the parent's own first call, as documents and as pairs.

    A document that fails goes alone to the error handler, in the process it fails in.
    """
    script, noted = tmp_path / "script.py", tmp_path / "noted.txt"
    script.write_text(SCRIPT.format(texts=MIXED), encoding="utf-8")
    nlp.to_disk(tmp_path / "pipeline")
    done = subprocess.run(
        [sys.executable, script, method, tmp_path / "pipeline", noted],
        capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    handed_over = sorted(noted.read_text(encoding="utf-8").splitlines())
    assert handed_over == [
        f"salience|AnnotationError|BAD {n}" for n in ("one", "two") for _ in "abc"
    ]


@Language.component("without_a_norm")
def without_a_norm(doc):
    return doc.from_array(["NORM"], np.full(len(doc), 12345, dtype=np.uint64))


@pytest.mark.filterwarnings("ignore:.*W109.*")
def test_without_a_handler_an_error_in_a_process_is_raised_here(nlp):
    nlp.add_pipe("without_a_norm", first=True)
    with pytest.raises(ValueError, match=r"(?s)E871.*AnnotationError: token\.norm: .*12345"):
        list(nlp.pipe(["the cat", "a dog"], n_process=2))
