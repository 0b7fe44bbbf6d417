"""Documents that fail: they are named, others are not touched, and no text is quoted."""

import json
from pathlib import Path

import pytest
from spacy.util import import_file

from spacy_salience.runs.failures import failure_of

from .conftest import ROWS, same_vectors, table, written

pytest.importorskip("pyarrow", reason="the extra salience[tables] is not installed")

CODE = """
from spacy.language import Language

@Language.component("fails")
def fails(doc):
    if "sick" in doc.text:
        raise ValueError(f"{len(doc)} words, of which one is {doc[-1].text!r}")
    return doc
"""


@pytest.fixture
def failing(tmp_path, nlp):
    """Options of a pipeline that fails at texts with the word sick."""
    (tmp_path / "code.py").write_text(CODE)
    import_file("python_code", tmp_path / "code.py")
    nlp.add_pipe("fails")
    nlp.to_disk(tmp_path / "pipeline")
    return {"pipeline": str(tmp_path / "pipeline"), "code": "code.py"}


def test_documents_that_fail_are_named_and_others_are_as_ever(run, failing, tmp_path, nlp):
    from pyarrow.parquet import read_table

    rows = [*ROWS[:2], {"id": "x", "text": "sick mice"}, *ROWS[2:], {"text": "a sick bird"}]
    written(tmp_path / "a.jsonl", rows)
    outcome = run("a.jsonl", chunk_size=4, **failing)
    assert (outcome.documents, outcome.failed) == (7, 2)
    assert [row["id"] for row in table()] == ["a", "b", "c", "d", "e"]
    same_vectors(table(), nlp, [row["text"] for row in ROWS])
    assert read_table("out/errors.parquet").to_pylist() == [
        {"id": "x", "error": "ValueError", "reason": "2 words, of which one is '...'"},
        {"id": "a.jsonl:7", "error": "ValueError", "reason": "3 words, of which one is '...'"},
    ]
    written_files = [path for path in Path("out").rglob("*") if path.is_file()]
    assert not [path for path in written_files if b"sick" in path.read_bytes()]


def test_errors_stay_when_more_is_done_and_go_with_their_chunk(run, failing, tmp_path):
    rows = [{"id": "x", "text": "sick"}, {"id": "y", "text": "well"}, {"id": "z", "text": "sick"}]
    written(tmp_path / "a.jsonl", rows)
    options = {"chunk_size": 1, "form": "jsonl", **failing}
    assert run("a.jsonl", **options).failed == 2
    Path("out/chunk-000002.jsonl").unlink()
    outcome = run("a.jsonl", **options)
    assert (outcome.now, outcome.failed) == (1, 2)
    lines = Path("out/errors.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["x", "z"]


HIDDEN = "(not shown, as it quotes the text)"


@pytest.mark.parametrize(
    ("text", "message", "reason"),
    [
        ("a", "too long", "too long"),
        ("my secret", "no key 'secret', nor \"other\"", "no key '...', nor \"other\""),
        ("secret", "found secret here", HIDDEN),
        (
            "I live in Long Street 5",
            "near live in Long Street",
            "(not shown, as it quotes the text)",
        ),
        ("我住在長街五號", "壞：我住在長街五號", HIDDEN),
        ("", "x" * 1000, "x" * 300),
        ("a b", "two\nlines", "two lines"),
    ],
)
def test_a_reason_has_nothing_of_the_text(text, message, reason):
    assert failure_of("1", text, ValueError(message)) == ("1", "ValueError", reason)
