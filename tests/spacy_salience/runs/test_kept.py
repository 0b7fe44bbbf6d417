"""The input's columns among the results: types, names, and what no table has."""

import datetime
from pathlib import Path

import pytest

from spacy_salience.texts import FileError

from .conftest import table, written

pyarrow = pytest.importorskip("pyarrow", reason="the extra salience[tables] is not installed")
parquet = pytest.importorskip("pyarrow.parquet")


def schema():
    return {
        field.name: str(field.type) for field in parquet.read_schema("out/chunk-000000.parquet")
    }


def test_a_column_has_the_type_of_all_its_values(run, tmp_path):
    rows = [
        {"text": "a", "whole": 1, "number": 1, "said": True, "some": "x", "none": None, "any": 1},
        {"text": "b", "whole": 2, "number": 0.5, "said": False, "any": {"deep": [1]}},
        {"text": "c", "large": 2**70, "odd": "\ud83d"},
    ]
    run(written(tmp_path / "a.jsonl", rows).name, columns="text", chunk_size=1)
    assert schema() == {
        "id": "string", "whole": "int64", "number": "double", "said": "bool", "some": "string",
        "none": "string", "any": "string", "large": "string", "odd": "string", "text": "string",
    }  # fmt: skip
    found = table()
    assert [row["number"] for row in found] == [1.0, 0.5, None]
    assert [row["any"] for row in found] == ["1", '{"deep": [1]}', None]
    assert found[2]["large"] == str(2**70)
    assert found[2]["odd"] == "?"


def test_a_column_that_is_called_like_a_result_keeps_its_values(run, tmp_path):
    rows = [{"body": "a", "id": 5, "vector": 1, "input_vector": 2}]
    run(written(tmp_path / "a.jsonl", rows).name, field="body")
    (row,) = table()
    assert (row["id"], row["input_id"], row["input_input_vector"], row["input_vector"]) == (
        "5", 5, 1, 2
    )  # fmt: skip


def in_parquet(path, **columns):
    parquet.write_table(pyarrow.table(columns), path)
    return Path(path).name


def test_columns_of_parquet_keep_their_types(run, tmp_path):
    day = datetime.date(2026, 11, 30)
    name = in_parquet(
        tmp_path / "a.parquet", text=["a cat", "a dog"], day=[day, None],
        small=pyarrow.array([1, 2], pyarrow.int8()), many=[["x"], []],
    )  # fmt: skip
    run(name, columns="text")
    assert list(schema().items())[1:4] == [
        ("day", "date32[day]"), ("small", "int8"), ("many", "list<element: string>")
    ]  # fmt: skip
    assert [(row["day"], row["many"]) for row in table()] == [(day, ["x"]), (None, [])]
    run(name, "lines", form="jsonl")
    assert table("lines", "jsonl")[0]["day"] == "2026-11-30"


def test_types_that_do_not_fit_are_refused(run, tmp_path):
    names = [in_parquet(tmp_path / f"{n}.parquet", text=["a"], n=[n]) for n in (1, "x")]
    with pytest.raises(FileError, match=r"x\.parquet: expected the column 'n' to have the type"):
        run(names)


def test_a_column_of_parquet_and_of_json_is_json(run, tmp_path):
    names = [in_parquet(tmp_path / "a.parquet", text=["a"], n=[1])]
    run([*names, written(tmp_path / "b.jsonl", [{"text": "b", "n": "x"}]).name])
    assert [row["n"] for row in table()] == ["1", '"x"']
