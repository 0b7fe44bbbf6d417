"""A pipeline that ends its worker process once, and what `run` writes with it."""

import json
import os
from pathlib import Path

import pytest
from spacy.util import import_file

from ..conftest import ROWS, table, written

CODE = """
import os, signal
from pathlib import Path
from spacy.language import Language

DIED = Path(__file__).with_name("died")

@Language.component("ends_once")
def ends_once(doc):
    if "dog" in doc.text and not DIED.exists():
        blocked = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        DIED.write_text(f"{os.getpid()} {blocked}")
        os.kill(os.getpid(), signal.SIGKILL)
    if "Warm" in doc.text:
        raise ValueError("too warm")
    return doc
"""

OPTIONS = {"chunk_size": 2, "columns": "vector,keywords,tokens"}


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == Path(__file__).parent and os.name == "nt":
            item.add_marker(pytest.mark.skip(reason="a signal that cannot be caught is POSIX's"))


@pytest.fixture
def mortal(run, nlp, tmp_path):
    """`run` of this test's folder, by a pipeline that ends the process that first meets a dog.

    In this process none has to, as the file `died` is there already.
    """
    code = tmp_path / "code.py"
    code.write_text(CODE)
    import_file("python_code", code)
    nlp.add_pipe("ends_once")
    nlp.to_disk(tmp_path / "pipeline")
    written(tmp_path / "more.jsonl", [{**row, "id": row["id"] * 2} for row in ROWS])

    def mortal(out, **options):
        named = {"pipeline": "pipeline", "code": "code.py"}
        return run(["rows.jsonl", "more.jsonl"], out, **named, **OPTIONS, **options)

    return mortal


@pytest.fixture
def same_as_here(mortal, rows, tmp_path):
    """Checks that an engine whose worker dies writes what one process writes.

    It returns whether Ctrl-C, which a terminal sends to workers too, does not reach that one.
    """

    def same_as_here(**options):
        died = tmp_path / "died"
        died.write_text("")
        assert mortal("here") == (10, 5, 2, 0, 10, True)
        died.unlink()
        assert mortal("there", **options) == (10, 5, 2, 0, 10, True)
        pid, blocked = died.read_text().split()
        assert int(pid) != os.getpid(), "no worker died"
        assert names("there") == names("here")
        assert table("there") == table("here")
        assert said("there") == said("here")
        assert errors("there") == errors("here")
        assert mortal("there").now == 0, "another engine goes on where this one ended"
        return blocked == "True"

    return same_as_here


def names(out):
    return sorted(str(path.relative_to(out)) for path in Path(out).rglob("*"))


def said(out):
    return json.loads(Path(out, "manifest.json").read_text())


def errors(out):
    from pyarrow.parquet import read_table

    return read_table(Path(out, "errors.parquet")).to_pylist()
