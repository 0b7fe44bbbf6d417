import json

import pytest

from spacy_salience.texts import FileError, documents

ROWS = [{"text": "the cat\nsat", "id": 1}, "a dog", {"id": 2, "text": "warm"}]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
TEXTS = ["the cat\nsat", "a dog", "warm"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonlines", "a.jsonl.gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_objects_or_strings_a_line(read, name, encoding):
    assert read(name, LINES, encoding) == TEXTS
    assert read(name, LINES.replace("\n", "\r\n\r\n"), encoding) == TEXTS


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_of_objects_or_strings(read, name, encoding):
    assert read(name, json.dumps(ROWS), encoding) == TEXTS
    assert read(name, json.dumps(ROWS, indent=2), encoding) == TEXTS
    assert read(name, "[]", encoding) == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '"a"\n\n{"text": \n', r"a\.jsonl, line 3: expected a JSON object .* no JSON"),
        ("a.jsonl", '"a"\n[1]\n', r"line 2: expected a JSON object .*, got a list"),
        ("a.jsonl", "5", "line 1: expected a JSON object .*, got a int"),
        ("a.jsonl", "[" * 100_000, "line 1: expected a JSON object"),
        ("a.jsonl", '{"text": ["a"]}', "line 1: .*'text', got a list"),
        ("a.jsonl", '{"text": true}', "line 1: .*'text', got true or false"),
        ("a.jsonl", '"\\ud800"', "line 1: .* valid Unicode .*, got a lone surrogate"),
        (
            "a.jsonl",
            '{"text": "a"}\n{"error": "x"}',
            'line 2: expected a JSON object with a "text"',
        ),
        ("a.json", '["a",\n{"text": }]', r"a\.json, line 2: expected a JSON list, got what is no"),
        ("a.json", '"a"\n"b"', r"a\.json, line 2: .*or name it \.jsonl"),
        ("a.json", '{"data": []}', r"a\.json: expected a JSON list .*, got an object; write"),
        ("a.json", "[" * 100_000, "line 1: expected a JSON list"),
        ("a.json", '["a", 5]', r"a\.json, item 2: expected"),
        ("a.json", "", "line 1: expected a JSON list"),
    ],
)
def test_what_is_wrong_is_named(file, name, content, message):
    with pytest.raises(FileError, match=message):
        list(documents(file(name, content)))


def test_an_error_quotes_nothing_of_the_file(file):
    secret = "my heart " * 50
    for content in (f'{{"text": "{secret}', f'{{"text": ["{secret}"]}}', f'{{"text" "{secret}"}}'):
        with pytest.raises(FileError) as caught:
            list(documents(file("a.jsonl", content)))
        assert "heart" not in str(caught.value)
