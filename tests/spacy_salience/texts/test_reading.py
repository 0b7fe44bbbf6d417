"""Which column is read, what is skipped, and what is refused."""

import json

import pytest

from spacy_salience.texts import FileError, documents


def as_lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize(
    ("content", "field", "texts"),
    [
        ("id,text,note\n1,a,b\n", None, ["a"]),
        ("id,text,note\n1,a,b\n", "note", ["b"]),
        ("id,body,stars\n1,a b,5\n2,7,4\n", None, ["a b", "7"]),
        ("body\na b\n", None, ["a b"]),
        ("number\n12\n", None, ["12"]),
        (" id , text \n1,a\n", None, ["a"]),
        ("text,text\n", None, FileError),
        ("id,title,body\n1,a,b\n", None, FileError),
        ("id,stars\n1,2\n", None, FileError),
        ("id,text\n1,a\n", "Text", FileError),
        ("", None, []),
        ("", "text", []),
        ("id,text\n", None, []),
    ],
)
def test_the_column_of_a_table(read, content, field, texts):
    for name, sign in (("a.csv", ","), ("a.tsv", "\t"), ("a.csv", ";")):
        table = content.replace(",", sign)
        if texts is FileError:
            with pytest.raises(FileError, match=r"a\..sv: expected one column .*got the columns "):
                read(name, table, field=field)
        else:
            assert read(name, table, field=field) == texts


@pytest.mark.parametrize(
    ("rows", "field", "texts"),
    [
        ([{"id": 1, "body": "a"}], None, ["a"]),
        ([{"zip": "0123", "body": "a"}], None, ["a"]),
        ([{"title": "t", "body": "a"}], "body", ["a"]),
        ([{"id": 1}, {"id": 2, "body": "a"}], None, ["a"]),
        ([{"text": 8.1}, {"text": 810}, {"text": "a"}], None, ["8.1", "810", "a"]),
        ([], "body", []),
    ],
)
def test_the_column_of_objects(read, rows, field, texts):
    assert read("a.jsonl", as_lines(rows), field=field) == texts
    assert read("a.json", json.dumps(rows), field=field) == texts


def test_columns_are_listed_and_no_more_than_names_is_quoted(read):
    rows = [{"id": 1, "title": "my heart", "body": "my heart"}]
    with pytest.raises(FileError, match="columns id, title, body; name one of them as") as caught:
        read("a.jsonl", as_lines(rows))
    assert "heart" not in str(caught.value)
    with pytest.raises(FileError) as caught:
        read("a.csv", ",".join(f"{n} my heart is a long story to tell" for n in range(99)) + "\n")
    assert len(str(caught.value)) < 1200
    assert "and 79 more" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("a.csv", 'id,text\n1,a\n2,\n3,"  \n "\n\n4,\u200b\n5,b\n', "line 3"),
        ("a.tsv", "id\ttext\n1\ta\n2\t\n3\t \n4\t\u3000\n5\tb\n", "line 3"),
        ("a.jsonl", as_lines(["a", {"text": None}, {"text": "\n"}, None, "b"]), "line 2"),
        ("a.ndjson", as_lines([{"text": "a", "id": 1}, {"id": 2}, {}, "", "b"]), "line 2"),
        ("a.json", '["a", null, {"text": ""}, {"text": NaN}, "b"]', "item 2"),
    ],
)
def test_rows_without_a_text_are_skipped_and_counted_or_refused(file, name, content, place):
    found = documents(file(name, content))
    assert list(found) == ["a", "b"]
    assert found.skipped == 3
    strict = documents(file(name, content), strict=True)
    assert next(strict) == "a"
    with pytest.raises(FileError, match=f"{name}, {place}: expected something in 'text', got noth"):
        next(strict)


def test_words_for_nothing_are_texts(read):
    assert read("a.csv", "text\nNULL\nnan\nNone\n") == ["NULL", "nan", "None"]


def test_plain_text_has_no_columns(file):
    for name in ("a.txt", "a.md", "a"):
        with pytest.raises(FileError, match="expected a file with columns, to read 'body' of, got"):
            documents(file(name, "a\n"), field="body")
    assert list(documents(file("a.txt", "id,body\n1,a\n"), field="body", format="csv")) == ["a"]


def test_what_is_skipped_is_counted_as_it_is_read(file):
    found = documents(file("a.jsonl", '"a"\n""\n"b"\n""\n'))
    assert (found.skipped, next(found), next(found), found.skipped) == (0, "a", "b", 1)
    assert list(found) == []
    assert found.skipped == 2
