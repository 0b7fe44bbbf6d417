"""Worker processes end when a command does; without that these would hang."""

from multiprocessing import active_children

import pytest

from spacy_salience.cli.workers import piped
from spacy_salience.texts import FileError, documents

COUNT = 2500


@pytest.fixture
def file(tmp_path):
    """More than is sent to the workers before they begin, then a line that is none."""
    path = tmp_path / "a.jsonl"
    path.write_text('"the cat sat on the warm mat"\n' * COUNT + "{\n")
    return path


@pytest.mark.timeout(120)
def test_a_bad_line_is_named_after_the_documents_before_it(nlp, file):
    count = 0
    with pytest.raises(FileError, match=f"line {COUNT + 1}: expected a JSON object"):
        for count, _ in enumerate(piped(nlp, documents(file), 2), start=1):  # noqa: B007
            pass
    assert count == COUNT
    assert not active_children()


@pytest.mark.timeout(120)
def test_documents_may_be_wanted_no_more(nlp, file):
    docs = piped(nlp, documents(file), 2)
    assert len(next(docs)) == 7
    docs.close()
    assert not active_children()


def test_one_process_is_this_one(nlp):
    assert [len(doc) for doc in piped(nlp, ["the cat", "a"], 1)] == [2, 1]
