import csv
import io
import tracemalloc

import pytest

from spacy_salience.texts import FileError, documents
from spacy_salience.texts.delimited import rows_of
from spacy_salience.texts.sources import source_of

HARD = ["plain", 'says "hi"', "one, two; three | four", "tab\there", "two\nlines", '"', "''", " x "]


def written(rows, **dialect):
    with io.StringIO(newline="") as file:
        csv.writer(file, **dialect).writerows(rows)
        return file.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_quoted_tables_are_read_as_they_were_written(read, delimiter, quoting, end):
    rows = [[number, text, "x"] for number, text in enumerate(HARD)]
    content = written([["id", "text", "tag"], *rows], delimiter=delimiter, quoting=quoting)
    content = content.replace("\r\n", "\n").replace("\n", end)
    for name in ["a.csv", "a.csv.gz"] + ["a.tsv"] * (delimiter == "\t"):
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            assert read(name, content, encoding) == HARD


@pytest.mark.parametrize(
    "fields",
    [
        ['5" pipe', 'say "hi"', '"Hello," she said', 'end"', '"'],
        ['"open', "plain", '"', '"Both."'],
        ['"Both."', '"Twice."'],
        ['"I went home.', 'Then I slept."'],
        ['""odd""', '"a" and "b"'],
    ],
)
def test_quotes_of_a_table_without_quoting_are_characters(read, fields):
    content = "id\ttext\n" + "".join(f"{n}\t{field}\n" for n, field in enumerate(fields))
    assert read("a.tsv", content) == fields
    assert read("a.csv", content) == fields  # between tabs, whatever its name


def test_far_down_a_table_quoting_is_still_found_out(read):
    plain = "".join(f"{n}\tplain\n" for n in range(3000))
    quoted = read("a.tsv", f'id\ttext\n{plain}1\t"a\tb"\n2\t"c\nd"\n')
    assert quoted[-2:] == ["a\tb", "c\nd"]
    literal = read("a.tsv", f'id\ttext\n{plain}1\t"a" b\n2\t"c\n3\td\n')
    assert literal[-3:] == ['"a" b', '"c', "d"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "id,text\n1,a\n\n2,b,c\n", r"a\.csv, line 4: expected 2 fields, got 3 fields"),
        ("a.csv", 'id,text\n1,"a\nb"\n2\n', r"a\.csv, line 4: expected 2 fields, got 1 fields"),
        ("a.tsv", "id\ttext\n1\ta\n2\n", r"a\.tsv, line 3: expected 2 fields, got 1 fields"),
        ("a.csv", 'id,text\n1,a\n2,"b\n3,c\n', r"a\.csv, line 3: .*got a quote that nothing clos"),
        ("a.tsv", 'id\ttext\n1\t"a\tb"\n2\t"c\n3\td\n', r"line 3: .*got a quote that nothing"),
        ("a.csv", 'id,text\n1,a\n2,"b" c\n', r"line 3: expected fields between ',', whole in"),
        ("a.csv", "text\nHello, world\n", r"line 2: expected 1 fields, got 2 fields"),
        ("a.csv.gz", "id;text\n1;a;b\n", r"a\.csv\.gz, line 2: expected 2 fields, got 3"),
    ],
)
def test_what_is_wrong_is_named(file, name, content, message):
    with pytest.raises(FileError, match=message):
        list(documents(file(name, content), field="text"))


def test_an_error_quotes_nothing_of_a_row(file):
    with pytest.raises(FileError) as caught:
        list(documents(file("a.csv", 'id,text\n1,"my heart" is\n')))
    assert "heart" not in str(caught.value)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_a_field_may_be_longer_than_a_book(read, name):
    book = "it was warm, and the cat sat " * 20_000
    delimiter = "," if name == "a.csv" else "\t"
    content = written([["id", "text"], [1, book], [2, f'{book}"x"']], delimiter=delimiter)
    assert read(name, content) == [book, f'{book}"x"']


def test_decimal_commas_and_commas_in_prose_divide_nothing(read):
    content = "Nr.;Text;Betrag\n1;eins, zwei, drei;1,50\n2;vier, fünf, sechs;2,75\n"
    assert read("a.csv", content, field="Text") == ["eins, zwei, drei", "vier, fünf, sechs"]
    assert read("a.csv", "text\nplain\n") == ["plain"]


def test_rows_are_numbered_by_the_line_they_begin_in(file):
    path = file("a.csv", 'a,b\n\n1,"x\ny\n\nz"\n2,w\n')
    assert [number for number, _ in rows_of(source_of(path))] == [1, 3, 7]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_memory_does_not_grow_with_the_file(file, name):
    sign = "," if name == "a.csv" else "\t"
    path = file(name, f"id{sign}text\n" + f'1{sign}"the ""cat"" sat on the mat"\n' * 100_000)
    tracemalloc.start()
    assert sum(1 for _ in documents(path)) == 100_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2_000_000 < path.stat().st_size
