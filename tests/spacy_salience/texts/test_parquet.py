import gzip
import io
import sys
import tracemalloc
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salience.errors import MissingPackageError
from spacy_salience.texts import FileError, documents

COLUMNS = {"id": [1, 2, 3, 4], "text": ["the cat", None, " ", "天气\nwarm"], "score": [0.5] * 4}


@pytest.fixture
def parquet(tmp_path):
    """Write a table; packed once more where its name ends in .gz."""

    def write(name="a.parquet", columns=COLUMNS, **options):
        buffer = io.BytesIO()
        pq.write_table(pa.table(columns), buffer, **options)
        data = buffer.getvalue()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return tmp_path / name

    return write


@pytest.mark.parametrize("name", ["a.parquet", "a.parquet.gz"])
def test_rows_of_a_column(parquet, name):
    found = documents(parquet(name))
    assert list(found) == ["the cat", "天气\nwarm"]
    assert found.skipped == 2
    with pytest.raises(FileError, match=rf"{name}, row 2: expected something in 'text', got noth"):
        list(documents(parquet(name), strict=True))


def test_the_column_may_be_named_or_the_only_one_of_strings(parquet):
    one = {"id": [1], "body": pa.array(["warm"]).dictionary_encode(), "when": [2.5]}
    assert list(documents(parquet(columns=one))) == ["warm"]
    assert list(documents(parquet(columns=one), field="when")) == ["2.5"]
    large = {"a.b": pa.array(["x y"], pa.large_string())}
    assert list(documents(parquet(columns=large))) == ["x y"]
    with pytest.raises(FileError, match="one column of texts, got the columns a, b; name one of"):
        list(documents(parquet(columns={"a": ["x"], "b": ["y"]})))
    with pytest.raises(FileError, match=r"row 1: expected a text .*'b', got a list"):
        list(documents(parquet(columns={"a": ["x"], "b": [["y"]]}), field="b"))


def test_standard_input_may_be_one(parquet, monkeypatch):
    given = SimpleNamespace(buffer=io.BytesIO(parquet().read_bytes()))
    monkeypatch.setattr(sys, "stdin", given)
    assert list(documents("-", format="parquet")) == ["the cat", "天气\nwarm"]


@pytest.mark.parametrize("content", [b"", b"text\nthe cat\n", b"PAR1" * 9])
def test_what_is_none_is_refused(tmp_path, content):
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"a\.parquet: expected a parquet file, could not read it"):
        list(documents(path))
    with pytest.raises(FileError, match=r"b\.parquet: expected a parquet file"):
        list(documents(tmp_path / "b.parquet"))


def test_damaged_rows_are_refused(parquet):
    path = parquet(columns={"text": [f"the cat {n}" for n in range(5000)]}, compression="zstd")
    data = bytearray(path.read_bytes())
    data[1000:2000] = bytes(1000)
    path.write_bytes(data)
    with pytest.raises(FileError, match=r"a\.parquet: expected a parquet file"):
        list(documents(path))


def test_bytes_that_are_no_text_are_refused(parquet):
    wrong = pa.array([b"a", b"\xff"], pa.binary()).view(pa.string())
    with pytest.raises(FileError, match=r"a\.parquet, row 2: expected valid Unicode"):
        list(documents(parquet(columns={"text": wrong})))


def test_without_pyarrow_it_is_named_with_how_to_get_it(parquet, monkeypatch):
    path = parquet()
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingPackageError, match=r"pyarrow, .*pip install 'salience\[tables\]'"):
        list(documents(path))


def test_a_batch_of_rows_is_in_memory(parquet):
    path = parquet(columns={"text": [f"{n} the cat" * 20 for n in range(50_000)]})
    tracemalloc.start()
    assert sum(1 for _ in documents(path)) == 50_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3_000_000
