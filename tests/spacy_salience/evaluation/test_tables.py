import gzip

import pytest

from spacy_salience.evaluation.tables import read_rows
from spacy_salience.texts import FileError

from .conftest import table

COLUMNS = (("a", "b"), ("c",))


def test_columns_are_found_by_their_names_in_any_order(tmp_path):
    path = table(tmp_path / "a.tsv", ("x", "c", "b"), (1, 2, 3), ("",), (4, 5, 6))
    assert read_rows(path, COLUMNS) == [(2, ["3", "2"]), (4, ["6", "5"])]
    zipped = tmp_path / "a.tsv.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    assert read_rows(zipped, COLUMNS) == read_rows(path, COLUMNS)


def test_the_first_of_the_names_wins(tmp_path):
    path = table(tmp_path / "a.tsv", ("b", "a", "c"), (1, 2, 3))
    assert read_rows(path, COLUMNS) == [(2, ["2", "3"])]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", "x")], r"a\.tsv: expected a column c in the first line, got a, x; name"),
        ([("x", "c")], r"expected a column a or b in the first line, got x, c; name"),
        ([], "in the first line, got nothing; name"),
        ([("a", "c"), (1, 2), (1,)], r"a\.tsv, line 3: expected 2 fields, got 1 fields; mend"),
        ([("a", "c"), (1, 2, 3)], "line 2: expected 2 fields, got 3 fields"),
        ([("a", "c"), (1, " ")], "line 2: expected something in 'c', got an empty field"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, rows, message):
    with pytest.raises(FileError, match=message):
        read_rows(table(tmp_path / "a.tsv", *rows), COLUMNS)
