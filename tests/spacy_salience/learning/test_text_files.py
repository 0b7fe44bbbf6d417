"""Which texts of files are learnt from."""

import gzip

import pytest
import spacy

from salience.errors import RangeError
from spacy_salience.learning.text_files import TextFiles, check_files, words_of
from spacy_salience.texts import FileError

LONG = "the cat sat on the mat"


@pytest.fixture
def read(tmp_path):
    def texts(content, name, **options):
        data = content.encode()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return list(TextFiles(**options).texts_of([tmp_path / name]))

    return texts


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a", "a.tsv", "a.tsv.gz"])
def test_lines_and_long_fields_without_a_header(read, name):
    content = f'label\tsentence\n\n1\t{LONG}\n"{LONG}\t{LONG}"\na line\n  \n'
    assert read(content, name) == [LONG, f'"{LONG}', f'{LONG}"', "a line"]


def test_a_column_of_a_table_by_its_name(read):
    content = f'label\tsentence\n1\tshort\n2\t"{LONG}\t"\n'
    assert read(content, "a.tsv", field="sentence") == ["short", f"{LONG}\t"]
    assert read("a line\n", "a.txt", field="sentence") == ["a line"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'id,text\n1,"one, two"\n2,\n3,x\n'),
        ("a.json", '["one, two", null, "x"]'),
        ("a.ndjson", '{"text": "one, two"}\n{"text": ""}\n"x"\n'),
    ],
)
def test_other_files_as_for_all_commands(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    text_files = TextFiles()
    for _ in range(2):
        assert list(text_files.texts_of([tmp_path / name] * 2)) == ["one, two", "x"] * 2
        assert text_files.skipped == 2
    with pytest.raises(FileError, match=rf"{name}, \w+ \d: expected something in 'text'"):
        list(TextFiles(strict=True).texts_of([tmp_path / name]))


def test_what_can_be_read_once_only_is_refused(tmp_path):
    check_files([tmp_path / "a.txt"])
    with pytest.raises(RangeError, match="read more than once, got standard input; write it to"):
        check_files(["-"])
    with pytest.raises(FileError, match=r"got \.xlsx; save its sheet"):
        check_files([tmp_path / "a.txt", tmp_path / "b.xlsx"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("用Python3写，ab ab", ["用", "python3", "写", ",", "ab"]),
        ("2006年 \n", ["2006", "年"]),
        ("aa啊啊", ["aa", "啊", "啊"]),
        ("", []),
    ],
)
def test_letters_that_a_tokenizer_of_characters_gives_are_joined(text, words):
    tokenizer = spacy.blank("zh").tokenizer
    assert list(words_of(tokenizer, [text], joined=True)) == [words]
