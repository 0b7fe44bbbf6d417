"""Tables in, the same kind of table out: the rows stay, and the columns are those of `run`."""

import pickle
import threading
from functools import partial

import numpy as np
import pytest
from spacy.cli._util import import_code

from salience.errors import DtypeError, RangeError
from spacy_salience.runs import loaded
from spacy_salience.tables import add_columns

from ..conftest import TEXTS

KINDS = ("dict", "pandas", "polars", "pyarrow", "batch")
ROWS = {"text": [*TEXTS, None], "stars": [1, 2, 3, 4, 5, None]}
MISSING = (2, 5)
"""The rows of ROWS that have no text."""


@pytest.fixture
def add(model_file):
    return partial(add_columns, pipeline=model_file)


def table_of(kind, rows):
    if kind == "dict":
        return dict(rows)
    module = pytest.importorskip("pyarrow" if kind == "batch" else kind)
    make = {"pyarrow": "table", "batch": "record_batch"}.get(kind, "DataFrame")
    return getattr(module, make)(rows)


def plain(table):
    """A table as a dict of lists."""
    if hasattr(table, "to_pydict"):
        return table.to_pydict()
    if hasattr(table, "to_dict"):
        return table.to_dict("list") if hasattr(table, "iloc") else table.to_dict(as_series=False)
    return table


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_kind_comes_out_with_the_vectors_of_the_pipeline(add, nlp, kind):
    table = table_of(kind, ROWS)
    found = add(table)
    assert type(found) is type(table)
    columns = plain(found)
    assert list(columns) == ["text", "stars", "vector"]
    assert len(columns["stars"]) == 6
    for place, text in enumerate(ROWS["text"]):
        if place in MISSING:
            assert columns["vector"][place] is None
        else:
            assert np.array_equal(np.float32(columns["vector"][place]), nlp(text).vector)
    assert list(plain(table)) == ["text", "stars"], "the given table was changed"


EVERY = ("vector", "keywords", "tokens", "sentence_vectors", "token_vectors", "error")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [ROWS, {"text": TEXTS[:2]}, {"text": []}, {"text": [None]}])
def test_every_column_of_every_kind(add, nlp, kind, rows):
    columns = plain(add(table_of(kind, rows), columns=EVERY))
    assert list(columns) == [*rows, *EVERY]
    assert {len(column) for column in columns.values()} == {len(rows["text"])}
    if rows is ROWS:
        assert [place for place, each in enumerate(columns["tokens"]) if each is None] == [2, 5]
        shape = nlp(TEXTS[0]).tensor.shape
        assert np.float32(list(columns["token_vectors"][0])).shape == shape
        assert columns["error"] == [None] * 6


def test_pyarrow_has_the_types_that_run_writes(add, nlp):
    arrow = pytest.importorskip("pyarrow")
    schema = add(arrow.table({"text": ["the cat"]}), columns="vector,keywords,error").schema
    assert schema.field("vector").type == arrow.list_(arrow.float32(), len(nlp("a").vector))
    assert str(schema.field("keywords").type).startswith("list<")
    assert schema.field("error").type == arrow.string()


def test_pandas_keeps_its_index_and_its_dtypes(add):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"text": ["the cat", "a dog"], "n": [1, 2]}, index=[7, 3])
    found = add(table)
    assert list(found.index) == [7, 3]
    assert found.dtypes["n"] == table.dtypes["n"]
    assert found["vector"][7].dtype == np.float32


def test_numbers_are_texts_and_missing_ones_are_none(add):
    pandas = pytest.importorskip("pandas")
    found = add(pandas.DataFrame({"text": [1.5, float("nan")]}), columns="tokens")
    assert [None if each is None else each[0]["text"] for each in found["tokens"]] == ["1.5", None]


def test_an_array_is_a_column_too(add, nlp):
    found = add({"text": np.array(["the cat", "a dog"])})
    assert np.array_equal(found["vector"], [nlp(text).vector for text in ("the cat", "a dog")])


@pytest.mark.parametrize(
    ("table", "options", "error", "message"),
    [
        (["a text"], {}, DtypeError, r"a pandas\.DataFrame, .* got a builtins\.list; give"),
        ({"body": ["a"]}, {}, RangeError, "one column 'text' of texts, got the columns body"),
        ({"text": ["a"], "vector": [1]}, {}, RangeError, "without a column vector.* rename"),
        ({"text": ["a"]}, {"columns": "colour"}, RangeError, "columns: expected some of"),
        ({"text": ["a"]}, {"columns": "error"}, RangeError, "columns: expected some of"),
        ({"text": ["a"]}, {"columns": "text"}, RangeError, "without a column text"),
        ({"text": ["a"]}, {"columns": "entities"}, RangeError, r"that assigns doc\.ents"),
        ({"text": ["a", ["b"]]}, {}, DtypeError, "got a list in row 1, counted from 0; name"),
        ({"text": ["\ud800"]}, {}, DtypeError, "got a lone surrogate in row 0"),
        ({"text": ["a", " "]}, {"strict": True}, RangeError, "got nothing in row 1, .*; drop such"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(add, table, options, error, message):
    with pytest.raises(error, match=message):
        add(table, **options)


def test_a_pipeline_is_named_not_given(nlp):
    with pytest.raises(DtypeError, match=r"expected the name of a pipeline.*nlp\.to_disk\(FOLDER"):
        add_columns({"text": ["a"]}, pipeline=nlp)
    with pytest.raises(RangeError, match="expected an embedded model"):
        add_columns({"text": ["a"]}, pipeline="none")


CODE = """
from spacy.language import Language

@Language.component("fails_at_dogs")
def fails_at_dogs(doc):
    if "dog" in doc.text:
        raise ValueError(f"cannot read {doc.text}")
    return doc
"""


@pytest.fixture
def failing(nlp, tmp_path):
    """A pipeline that fails at dogs, by its folder and the file of its code."""
    code = tmp_path / "code.py"
    code.write_text(CODE)
    import_code(code)
    nlp.add_pipe("fails_at_dogs")
    nlp.to_disk(tmp_path / "failing")
    return {"pipeline": tmp_path / "failing", "code": code}


def test_a_document_that_fails_is_an_error_or_has_one(failing):
    table = {"text": ["the cat", "a warm dog"]}
    with pytest.raises(RangeError, match=r"row 1, .* failed: ValueError: .*'error'") as error:
        add_columns(table, **failing)
    assert "a warm dog" not in str(error.value)
    found = add_columns(table, columns="vector,error", **failing)
    assert found["error"][0] is None
    assert found["error"][1].startswith("ValueError: ")
    assert [each is None for each in found["vector"]] == [False, True]


def test_it_is_pickled_by_name_and_loads_once(add, monkeypatch):
    loads = []
    real = loaded.load
    monkeypatch.setattr(loaded, "load", lambda named: loads.append(named) or real(named))
    loaded._loaded.cache_clear()
    again = pickle.loads(pickle.dumps(add))
    assert len(pickle.dumps(add)) < 1000
    threads = [threading.Thread(target=again, args=({"text": TEXTS},)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(loads) == 1
