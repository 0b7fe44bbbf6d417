import codecs
import random
import tracemalloc

import pytest

from spacy_salience.texts import FileError, documents, source_of
from spacy_salience.texts.lines import BYTES_AT_ONCE, lines

TWO = ["the café", "", "天气 😀", ""]


def read(path):
    return list(lines(source_of(path)))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE),
     ("utf-16-be", codecs.BOM_UTF16_BE), ("utf-32-le", codecs.BOM_UTF32_LE),
     ("utf-32-be", codecs.BOM_UTF32_BE), ("utf-16-le", b""), ("utf-16-be", b"")],
)  # fmt: skip
def test_encodings_and_line_ends(file, end, encoding, mark):
    content = mark + "".join(line + end for line in TWO).encode(encoding)
    assert read(file("a.txt", content)) == TWO
    assert read(file("a.txt.gz", content)) == TWO


def test_no_end_of_the_last_line_and_nothing_at_all(file):
    assert read(file("a.txt", "a\n\nb")) == ["a", "", "b"]
    assert read(file("a.txt", "")) == []
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        assert list(documents(file("a.txt", mark))) == []


def test_other_characters_that_end_lines_elsewhere_do_not(file):
    line = "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g"
    assert read(file("a.txt", line)) == [line]


def test_marks_of_files_that_were_put_together_are_dropped(file):
    mark = codecs.BOM_UTF8.decode()
    assert read(file("a.txt", f"{mark}a\n{mark}{mark}b{mark}\n\n{mark}\n")) == [
        "a", f"b{mark}", "", ""
    ]  # fmt: skip
    table = f"{mark}text\n{mark}the cat\n"
    assert list(documents(file("a.csv", table))) == ["the cat"]
    assert list(documents(file("a.jsonl", f'{mark}"a"\n{mark}"b"\n'))) == ["a", "b"]


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.jsonl", "a.csv", "a.tsv", "a.json"])
@pytest.mark.parametrize("before", [0, 3, 40_000])
@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_the_line_of_a_byte_that_is_none_is_named(file, name, before, end):
    if before > 3 and "json" in name:
        before = 5
    path = file(name, b'"a"' + end + b'"b c"\n' * before + b"caf\xe9\n" + b"d\n" * 10)
    message = rf"{name}, line {before + 2}: expected UTF-8 text .* got the byte 0xE9; save"
    with pytest.raises(FileError, match=message):
        list(lines(source_of(path)))
    with pytest.raises(FileError, match=rf"{name}, line "):
        list(documents(path))


@pytest.mark.parametrize(
    "content",
    ["a\nb".encode("utf-16") + b"x", b"\xff\xfea\0\n\0\x00\xd8b\0", "a\n€".encode()[:-1],
     b"a\n\xed\xa0\x80"],
    ids=["odd", "surrogate", "cut", "surrogate in UTF-8"],
)  # fmt: skip
def test_what_ends_within_a_character_is_named(file, content):
    with pytest.raises(FileError, match=r"a\.txt, line 2: expected UTF-8 text"):
        read(file("a.txt", content))


def test_blocks_may_end_anywhere(file, monkeypatch):
    drawn = random.Random(0)
    text = "".join(drawn.choice(["a", "é", "天", "😀", "\n", "\r\n", "\r"]) for _ in range(3000))
    want = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for size in (1, 2, 3, 7, 1000):
        monkeypatch.setattr("spacy_salience.texts.lines.BYTES_AT_ONCE", size)
        for encoding in ("utf-8", "utf-16"):
            found = read(file("a.txt", text, encoding))
            assert found == (want if want[-1] else want[:-1])


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_memory_is_that_of_a_line(file, end):
    path = file("a.txt", ("the cat sat on the mat" + end) * 500_000)
    tracemalloc.start()
    assert sum(1 for _ in lines(source_of(path))) == 500_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 30 * BYTES_AT_ONCE < path.stat().st_size / 5
