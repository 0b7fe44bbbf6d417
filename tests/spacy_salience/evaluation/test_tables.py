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
    ("name", "content"),
    [
        ("a.csv", 'x,a,c\n1,"two, three",4\n\n5,six,7\n'),
        ("a.csv", 'x;a;c\r1;"two, three";4\r\r5;six;7\r'),
        ("a.tsv", "\ufeffx\ta\tc\n1\ttwo, three\t4\n\n\ufeff5\tsix\t7\n"),
        ("a.txt", "x\ta\tc\n1\ttwo, three\t4\n\n5\tsix\t7\n"),
        ("a.jsonl", '{"c": 4, "a": "two, three"}\n\n\n{"a": "six", "c": 7}\n'),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tables_in_other_formats(tmp_path, name, content, encoding):
    path = tmp_path / name
    path.write_bytes(content.encode(encoding))
    first = 1 if name == "a.jsonl" else 2
    assert read_rows(path, COLUMNS) == [(first, ["two, three", "4"]), (4, ["six", "7"])]


def test_a_field_in_quotes_may_hold_tabs_and_lines(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text('a\tc\n"one\ttwo"\t1\n"three\nfour"\t2\nfive\t3\n')
    assert read_rows(path, COLUMNS) == [
        (2, ["one\ttwo", "1"]), (3, ["three\nfour", "2"]), (5, ["five", "3"])
    ]  # fmt: skip


def test_the_columns_of_a_file_are_cut_in_an_error(tmp_path):
    with pytest.raises(FileError) as caught:
        read_rows(table(tmp_path / "a.tsv", ["my heart is a long story " * 9] * 99), COLUMNS)
    assert len(str(caught.value)) < 1500


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
