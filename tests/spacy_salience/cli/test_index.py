"""`salience index` and `salience search`: from a folder to answers."""

import json

import pytest

from .conftest import refused, written


@pytest.fixture(autouse=True)
def _in_its_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def faq(command, tmp_path, model_file):
    """What `salience index` says of a list of questions, by the small model."""
    written(tmp_path / "faq.csv", "question,answer,topic\n"
            "How do I reset my password?,Open Settings.,account\n"
            "Where is my parcel?,See our mail.,orders\n")  # fmt: skip
    return command("index", "faq.csv", "--field", "question", "--out", "faq", "--model", model_file)


def test_a_question_is_matched_and_the_answer_given(command, faq):
    assert faq.startswith("2 documents, 2 passages in faq; 2 added, 0 replaced, 0 as before\n")
    said = command("search", "faq", "has my parcel gone", "-k", 1, "--give", "answer")
    lines = said.splitlines()
    assert lines[0].startswith("1  0.")
    assert lines[0].endswith("  faq.csv:3")
    assert lines[1:3] == ["   Where is my **parcel**?", "   answer: See our mail."]
    assert lines[3].startswith("   because: parcel")


def test_documents_are_added_and_removed(command, faq, tmp_path):
    written(tmp_path / "more.txt", "The harbour froze.\n\nIce closed the port.\n")
    said = command("index", "more.txt", "--out", "faq", "--remove", "faq.csv:2")
    assert said == "3 documents, 3 passages in faq; 2 added, 0 replaced, 0 as before, 1 removed\n"
    found = command("search", "faq", "the harbour froze", "-k", 1)
    assert found.splitlines()[0].endswith("more.txt:1")


def test_json_has_all_of_it(command, faq):
    said = command("search", "faq", "my parcel", "--json", "--where", "topic=orders")
    (hit,) = map(json.loads, said.splitlines())
    assert (hit["id"], hit["sentence"]) == ("faq.csv:3", "Where is my parcel?")
    assert hit["values"]["answer"] == "See our mail."
    assert hit["matches"][0]["asked"] == "parcel"


def test_nothing_may_be_found(command, faq):
    assert command("search", "faq", "zebra", "--only", "words") == "nothing found\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("index", "--out", "new"), "index: expected files to add, or --remove ID, got neither"),
        (("search", "nowhere", "x"), "nowhere: expected a folder with an index"),
        (
            ("search", "faq", "x", "--give", "anwser"),
            "--give: expected one of .*answer",
        ),
        (("search", "faq", "x", "--where", "topic"), "--where: expected COLUMN=VALUE, got 'topic'"),
        (("index", "faq.csv", "--out", "faq", "--lang", "de"), "lang was 'en', is now 'de'"),
    ],
)
def test_what_cannot_be_done_is_said(faq, args, message):
    refused(message, *args)
