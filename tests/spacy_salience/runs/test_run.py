"""Files in, tables out: what is read, what is written, and what is done again."""

import gzip
import io
import sys
from pathlib import Path

import numpy as np
import pytest

from salience import files
from salience.errors import MissingPackageError, RangeError
from spacy_salience.runs import run as module
from spacy_salience.runs.folder import LOCK, held
from spacy_salience.texts import FileError

from .conftest import ROWS, Here, same_vectors, table, written

pytest.importorskip("pyarrow", reason="the extra salience[tables] is not installed")

TEXTS = [row["text"] for row in ROWS]


def test_a_row_is_a_document_with_its_id_and_its_other_columns(run, rows, nlp):
    outcome = run(rows, chunk_size=2)
    assert outcome == (5, 3, 0, 0, 5, True)
    found = table()
    assert [row["id"] for row in found] == ["a", "b", "c", "d", "e"]
    assert [row["stars"] for row in found] == [3, 4, None, 1, 5]
    assert list(found[0]) == ["id", "stars", "vector"]
    same_vectors(found, nlp, TEXTS)
    names = sorted(path.name for path in Path("out").iterdir())
    assert names == [*(f"chunk-{n:06}.parquet" for n in range(3)), "manifest.json", "run.log"]


def test_the_vector_has_a_fixed_width(run, rows, nlp):
    from pyarrow import float32
    from pyarrow.parquet import read_schema

    run(rows)
    kind = read_schema("out/chunk-000000.parquet").field("vector").type
    assert (kind.value_type, kind.list_size) == (float32(), len(nlp("a").vector))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "The cat sat\non the mat.\n\nIt was warm.\n"),
        ("a.csv", 'text,more\n"The cat sat\non the mat.",1\nIt was warm.,2\n'),
        ("a.tsv", "more\ttext\n1\tThe cat sat on the mat.\n2\tIt was warm.\n"),
        ("a.jsonl", '"The cat sat on the mat."\n"It was warm."\n'),
        ("a.json", '["The cat sat on the mat.", "It was warm."]'),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_format_is_read_packed_or_not(run, tmp_path, name, content, packed):
    data = content.encode()
    path = tmp_path / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(data) if packed else data)
    assert run(path.name, columns="text").documents == 2
    found = table()
    assert [" ".join(row["text"].split()) for row in found] == [
        "The cat sat on the mat.", "It was warm."
    ]  # fmt: skip
    assert all(row["id"].startswith(f"{path.name}:") for row in found)


def test_a_folder_is_read_by_the_names_of_its_files(run, tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    written(tmp_path / "in" / "deep" / "b.jsonl", ROWS[:1])
    (tmp_path / "in" / "a.txt").write_text("a cat\n")
    (tmp_path / "in" / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "in" / ".hidden.txt").write_text("no\n")
    run("in")
    assert [row["id"] for row in table()] == ["in/a.txt:1", "a"]


def test_standard_input_is_read_and_its_copy_removed(run, monkeypatch):
    class Stream:
        buffer = io.BytesIO(b"a cat\n\na dog\n")

    monkeypatch.setattr(sys, "stdin", Stream)
    assert run("-").documents == 2
    assert [row["id"] for row in table()] == ["-:1", "-:2"]
    assert not list(Path("out").glob(".*"))


def test_rows_without_a_text_are_skipped_or_refused(run, tmp_path):
    written(tmp_path / "a.jsonl", [{"text": "a cat"}, {"text": " "}, {"text": None}])
    assert run("a.jsonl", "one").skipped == 2
    with pytest.raises(FileError, match=r"a\.jsonl, line 2: expected something in 'text'"):
        run("a.jsonl", "two", strict=True)


def test_no_documents_are_one_empty_table(run, tmp_path):
    (tmp_path / "a.txt").write_text("\n\n")
    assert run("a.txt")[:3] == (0, 1, 0)
    assert table() == []
    assert Path("out/chunk-000000.parquet").exists()


def test_other_columns_of_texts_and_ids(run, tmp_path):
    rows = [{"key": 7, "body": "a cat", "text": "x"}, {"key": 8, "body": "a dog", "text": "y"}]
    written(tmp_path / "a.jsonl", rows)
    run("a.jsonl", field="body", id="key")
    assert [(row["id"], row["key"], row["text"]) for row in table()] == [
        ("7", 7, "x"),
        ("8", 8, "y"),
    ]
    with pytest.raises(FileError, match="expected a column 'none' of ids, found none"):
        run("a.jsonl", "two", field="body", id="none")


def test_json_lines_have_the_same_numbers(run, rows):
    run(rows, "one")
    run(rows, "two", form="jsonl", chunk_size=2)
    assert table("two", "jsonl") == table("one")


def test_npy_has_the_vectors_and_json_lines_all_else(run, rows):
    run(rows, "one")
    run(rows, "two", form="npy", columns=["vector", "keywords"])
    vectors = np.load("two/chunk-000000.npy", mmap_mode="r")
    assert np.array_equal(vectors, np.float32([row["vector"] for row in table("one")]))
    assert [list(row) for row in table("two", "jsonl")] == [["id", "stars", "keywords"]] * 5
    with pytest.raises(RangeError, match="got npy, which holds document vectors"):
        run(rows, "three", form="npy", columns="keywords")


def test_what_is_missing_is_done_and_nothing_else(run, rows):
    run(rows, chunk_size=2)
    before, Here.asked = table(), 0
    assert run(rows, chunk_size=2).now == 0
    assert Here.asked == 0
    Path("out/chunk-000001.parquet").unlink()
    outcome = run(rows, chunk_size=2)
    assert (Here.asked, outcome.now, outcome.documents) == (1, 2, 5)
    assert table() == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": "vector,text"}, r'columns was \["vector"\], now \["vector", "text"\]'),
        ({"chunk_size": 3}, "chunk_size was 2000, now 3"),
        ({"form": "jsonl"}, 'form was "parquet", now "jsonl"'),
        ({"field": "text"}, 'reading.field was null, now "text"'),
        ({"pipeline": "en_small"}, 'pipeline.name was ".*; pipeline.sha256 .*pipeline.models'),
    ],
)
def test_what_differs_is_refused_by_name(run, rows, changes, message):
    run(rows)
    with pytest.raises(RangeError, match=f"out: expected what its manifest.json.*{message}"):
        run(rows, **changes)


def test_changed_files_are_refused_by_name(run, rows, tmp_path):
    run(rows)
    content = Path(rows).read_text()
    Path(rows).write_text(content.replace("cat", "dog"))
    with pytest.raises(RangeError, match=r"inputs rows\.jsonl\.sha256 was"):
        run(rows)
    Path(rows).write_text(content + '"more"\n')
    with pytest.raises(RangeError, match=r"rows\.jsonl\.bytes was \d+, now \d+; .*sha256"):
        run(rows)
    with pytest.raises(RangeError, match=r'inputs were \["rows.jsonl"\], now \["more.txt"\]'):
        run(tmp_path.joinpath("more.txt").write_text("a\n") and "more.txt")


def test_a_changed_model_is_refused(run, rows, model_file, tmp_path):
    from salience.model.weights import save
    from salience.testing import random_weights

    path = tmp_path / "model.safetensors"
    path.write_bytes(model_file.read_bytes())
    run(rows, pipeline=str(path))
    save(random_weights(["the", "cat"]), path)
    with pytest.raises(RangeError, match=r"something else: pipeline\.models\.salience was"):
        run(rows, pipeline=str(path))


def test_a_folder_of_other_things_is_left_alone(run, rows, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("Dear")
    with pytest.raises(RangeError, match=r"expected a new or empty folder.*found 'letter\.txt'"):
        run(rows)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["letter.txt"]
    (tmp_path / "out" / "manifest.json").write_text("[]")
    with pytest.raises(RangeError, match="expected the manifest of a run"):
        run(rows)
    with pytest.raises(RangeError, match="expected a folder for results, got a file"):
        run(rows, rows)


@pytest.mark.skipif(files.fcntl is None, reason="no locks")
def test_two_runs_do_not_write_to_one_folder(run, rows, tmp_path):
    with held(tmp_path / "out"), pytest.raises(RangeError, match="no other run writes to"):
        run(rows)
    assert run(rows).finished
    assert not Path("out", LOCK).exists()


@pytest.mark.skipif(files.fcntl is None, reason="no locks")
def test_what_killed_workers_left_is_removed_and_no_more(run, rows, tmp_path):
    run(rows)
    (tmp_path / "out" / "errors").mkdir()
    names = ("out/.chunk-000000.parquet", "out/.manifest.json", "out/errors/.chunk-000000.jsonl")
    left = [tmp_path / f"{name}.{'0f' * 8}{files.UNFINISHED}" for name in names]
    for path in (*left, tmp_path / "out" / ".mine.part"):
        path.touch()
    assert run(rows).now == 0
    assert not any(path.exists() for path in left)
    assert (tmp_path / "out" / ".mine.part").exists()


@pytest.mark.parametrize(
    ("texts", "options", "error", "message"),
    [
        ([], {}, RangeError, "expected files or folders to read, got nothing"),
        ("none.txt", {}, FileError, "found none of this name"),
        (["rows.jsonl", "rows.jsonl"], {}, RangeError, r"got rows\.jsonl twice"),
        (".", {"out": "./out"}, FileError, "got one that contains the folder of results"),
        ("rows.jsonl", {"columns": "colour"}, RangeError, "columns: expected some of .*'colour'"),
        ("rows.jsonl", {"columns": []}, RangeError, "columns: expected some of .*'none'"),
        ("rows.jsonl", {"form": "xlsx"}, RangeError, "form: expected one of parquet, jsonl, npy"),
        ("rows.jsonl", {"jobs": 0}, RangeError, "jobs: expected at least 1, got 0"),
        ("rows.jsonl", {"chunk_size": 0}, RangeError, "chunk size: expected at least 1"),
        ("rows.jsonl", {"pipeline": "none"}, RangeError, "expected an embedded model"),
        (
            "rows.jsonl",
            {"code": "none.py"},
            RangeError,
            "code: expected a file .* FileNotFound",
        ),
        ("rows.jsonl", {"columns": "entities"}, RangeError, "a component that assigns doc.ents"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    run, rows, tmp_path, texts, options, error, message
):
    with pytest.raises(error, match=message):
        run(texts, **options)
    assert not list(tmp_path.glob("out/*"))


def test_parquet_needs_pyarrow(run, rows, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingPackageError, match=r"salience\[tables\]', or add --form jsonl"):
        run(rows)
    assert run(rows, form="jsonl").finished


def test_a_file_that_changes_meanwhile_is_noticed(run, rows, tmp_path, monkeypatch):
    def change(*given):
        written(tmp_path / "last.jsonl", ROWS[:2])
        return real(*given)

    written(tmp_path / "last.jsonl", ROWS)
    real = Here.ask
    monkeypatch.setattr(Here, "ask", change)
    with pytest.raises(FileError, match=r"last\.jsonl: expected a file that stays as it is"):
        run([rows, "last.jsonl"], "one", chunk_size=1)
    real = module.planned
    monkeypatch.setattr(module, "planned", change)
    with pytest.raises(FileError, match=r"last\.jsonl: expected a file that stays as it is"):
        run([rows, "last.jsonl"], "two")
    assert not list(tmp_path.glob("two/*"))
