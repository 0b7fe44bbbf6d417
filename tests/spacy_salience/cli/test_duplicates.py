"""`salience duplicates`: groups of near-duplicates of a file, and why."""

import json

import pytest

from .conftest import refused, written

LINES = [
    "The harbour froze and the boats stayed in port.",
    "Beat the eggs with sugar.",
    "the harbour froze, and the boats stayed in port",
    "Beat the eggs with sugar.",
    "Our team won the cup.",
    "The harbour froze and all the boats stayed in port.",
]


@pytest.fixture(autouse=True)
def _in_its_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def notes(tmp_path):
    return written(tmp_path / "notes.txt", "\n\n".join(LINES))


@pytest.mark.usefixtures("notes")
def test_groups_are_printed_with_the_words_that_made_them_alike(command):
    lines = command("duplicates", "notes.txt").splitlines()
    assert lines[:4] == [
        "1  3 texts",
        f"   notes.txt:1  {LINES[0]}",
        f"   notes.txt:3  {LINES[2]}",
        f"   notes.txt:6  {LINES[5]}",
    ]
    score, _, reason = lines[4].strip().partition(" because: ")
    assert 0.9 <= float(score) <= 1
    assert {"harbour", "froze", "boats", "port"} <= set(reason.split(", "))
    assert lines[5:] == [
        "2  2 texts",
        f"   notes.txt:2  {LINES[1]}",
        f"   notes.txt:4  {LINES[3]}",
        "   because: the texts are equal",
        "5 of 6 texts in 2 groups of near-duplicates",
    ]


@pytest.mark.usefixtures("notes")
def test_a_file_has_all_groups(command, tmp_path):
    said = command("duplicates", "notes.txt", "--out", "found/groups.jsonl", "--top", 0)
    assert said == "5 of 6 texts in 2 groups of near-duplicates\n"
    content = (tmp_path / "found" / "groups.jsonl").read_text(encoding="utf-8")
    first, second = map(json.loads, content.splitlines())
    assert first["ids"] == ["notes.txt:1", "notes.txt:3", "notes.txt:6"]
    assert first["texts"] == [LINES[0], LINES[2], LINES[5]]
    assert len(first["pairs"]) == 2
    assert second["pairs"] == [{"a": "notes.txt:2", "b": "notes.txt:4", "score": 1.0}]


@pytest.mark.usefixtures("notes")
def test_a_file_is_whole_or_absent(tmp_path, monkeypatch):
    def cut(file, *_):
        file.write(b'{"ids": ')
        raise OSError("the disk is full")

    monkeypatch.setattr("spacy_salience.cli.duplicates.write", cut)
    refused("the disk is full", "duplicates", "notes.txt", "--out", "groups.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_only_some_texts_of_a_large_group_are_printed(command, tmp_path):
    written(tmp_path / "many.csv", "id,words\n" + "".join(f"n{i},the same\n" for i in range(8)))
    lines = command("duplicates", "many.csv", "--field", "words").splitlines()
    assert lines == [
        "1  8 texts",
        *(f"   n{i}  the same" for i in range(5)),
        "   and 3 more",
        "   because: the texts are equal",
        "8 of 8 texts in 1 group of near-duplicates",
    ]


def test_a_folder_may_be_where_one_is(command, notes):
    said = command("duplicates", notes.parent, "--above", 1, "--top", 1)
    assert said.endswith("\n2 of 6 texts in 1 group of near-duplicates\n")


def test_rows_without_a_text_are_skipped_and_counted(command, tmp_path):
    written(tmp_path / "some.jsonl", '{"text": "a word"}\n{"text": ""}\n{"text": "a word"}\n')
    said = command("duplicates", "some.jsonl")
    assert said.splitlines()[1:3] == ["   some.jsonl:1  a word", "   some.jsonl:3  a word"]
    assert said.endswith("salience: skipped 1 row without a text\n")
    refused("some.jsonl, line 2", "duplicates", "some.jsonl", "--strict")


def test_an_empty_file_has_no_groups(command, tmp_path):
    written(tmp_path / "empty.txt", "")
    said = command("duplicates", "empty.txt", "--out", "groups.jsonl")
    assert said == "0 of 0 texts in 0 groups of near-duplicates\n"
    assert (tmp_path / "groups.jsonl").read_bytes() == b""


def test_reasons_for_long_texts_are_of_how_they_begin(command, tmp_path, monkeypatch):
    monkeypatch.setattr("spacy_salience.cli.duplicates.EXPLAINED", len(LINES[0]))
    written(tmp_path / "long.txt", f"{LINES[0]} Sugar!\n\n{LINES[0]} Sugar?")
    reason = command("duplicates", "long.txt").splitlines()[3]
    assert "because: " in reason
    assert "harbour" in reason
    assert "sugar" not in reason


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("nowhere.txt",), "nowhere.txt: expected a file or folder of texts, found none"),
        (("notes.txt", "--above", "0"), "duplicates: expected a cosine above 0, got 0"),
        (("notes.txt", "--above", "1.5"), "duplicates: above must be a number from 0 to 1"),
        (("notes.txt", "--out", "."), "--out: expected a file to write to, got the folder"),
        (("notes.txt", "--out", "./notes.txt"), "--out: expected a file of its own"),
        (("notes.txt", "--model", "nothing"), "expected an embedded model"),
    ],
)
def test_what_cannot_be_done_is_said(args, message):
    refused(message, "duplicates", *args)
