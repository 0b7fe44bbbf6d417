import pytest


@pytest.mark.parametrize("name", ["a.txt", "a", "a.md", "a.log", "a.srt", "a.txt.gz"])
def test_blank_lines_are_between_documents(read, name):
    assert read(name, "a\nb\n\n \t\n\nc\n") == ["a\nb", "c"]


@pytest.mark.parametrize("blank", ["\u200b", "\u3000", "\x0c", "\ufeff", "\u2060 "])
def test_a_line_that_shows_nothing_is_blank(read, blank):
    assert read("a.txt", f"a\n{blank}\nb") == ["a", "b"]
    assert read("a.txt", blank) == []
