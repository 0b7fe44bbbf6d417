import pytest

from spacy_salience.learning.lexicons import read_lexicon
from spacy_salience.texts import FileError


@pytest.fixture
def file(tmp_path):
    def write(content, name="words.tsv"):
        (tmp_path / name).write_text(content, encoding="utf-8")
        return tmp_path / name

    return write


def test_words_with_counts_and_spellings(file):
    words = file("大学\t12\n\n学生\t3\r\n")
    spellings = file("學\t学\n", "spellings.tsv")
    assert read_lexicon(words) == ({"大学": 12, "学生": 3}, {})
    assert read_lexicon(words, spellings).spellings == {"學": "学"}


@pytest.mark.parametrize("line", ["大学", "大学 3", "学\t3", "word\t3", "大学\tmany", "大学\t-1"])
def test_a_line_that_is_no_word_with_a_count_is_named(file, line):
    with pytest.raises(FileError, match=r"words.tsv, line 2: expected a word of several"):
        read_lexicon(file(f"大学\t1\n{line}\n"))


@pytest.mark.parametrize("line", ["學", "學生\t学生", "學\t", "\t学"])
def test_a_line_that_is_no_spelling_is_named(file, line):
    with pytest.raises(FileError, match=r"other.tsv, line 1: expected a character, a tab and"):
        read_lexicon(file("大学\t1\n"), file(f"{line}\n", "other.tsv"))


def test_a_file_without_words_is_refused(file, tmp_path):
    with pytest.raises(FileError, match="expected at least one word, found none"):
        read_lexicon(file("\n"))
    with pytest.raises(FileError, match=r"none\.tsv"):
        read_lexicon(tmp_path / "none.tsv")
