import io
import sys
from types import SimpleNamespace

import pytest

from salience.errors import RangeError
from spacy_salience.texts import FileError, documents, source_of
from spacy_salience.texts.formats import REFUSED, Format, is_known

NAMES = {
    "txt": ["a.txt", "a", "a.md", "a.log", "a.srt", "a.rst", "a.text", "a.2024", "a.csv.old"],
    "jsonl": ["a.jsonl", "a.ndjson", "a.jsonlines", "A.NDJSON"],
    "json": ["a.json", "a.b.json"],
    "csv": ["a.csv", "my notes.CSV"],
    "tsv": ["a.tsv", "a.tab"],
    "parquet": ["a.parquet"],
}


@pytest.mark.parametrize(("kind", "name"), [(f, name) for f in NAMES for name in NAMES[f]])
def test_a_name_says_the_format_also_in_front_of_gz(kind, name):
    assert source_of(name).format == source_of(f"{name}.gz").format == Format(kind)
    assert not source_of(name).zipped
    assert source_of(f"{name}.GZ").zipped


def test_a_file_that_is_unpacked_must_be_packed(file):
    with pytest.raises(FileError, match=r"a\.txt\.gz: expected a UTF-8 text file .*Not a gzipped"):
        list(documents(file("a.txt", "x").rename(file("b", "").parent / "a.txt.gz")))


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv", "a.txt.gz", "a"])
def test_a_pointer_of_git_lfs_is_no_text(file, name):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    with pytest.raises(FileError, match="expected texts, but it is a pointer of git-lfs"):
        list(documents(file("pointer", pointer).rename(file("b", "").parent / name)))
    about = file("about.txt", f"git-lfs writes {pointer}")
    assert len(list(documents(about))) == 1


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("a.pdf", "got .pdf; save what it says as plain text"),
        ("A.DOCX", "plain text"),
        ("a.html", "plain text"),
        ("a.xml.gz", "got .xml; save"),
        ("a.xlsx", "as .csv"),
        ("a.zip", "unpack it"),
        ("a.txt.bz2", "unpack it"),
        ("a.tar.gz", "unpack it"),
        ("a.tgz", "unpack it"),
        ("a.7z", "unpack it"),
        ("a.pkl", "write its texts to a .jsonl"),
        ("a.spacy", "write its texts"),
        ("a.yaml", "write its texts"),
        ("a.png", "take a file of texts"),
    ],
)
def test_a_name_without_a_reader_is_refused_before_anything_is_read(name, advice):
    with pytest.raises(FileError, match=rf"expected a file of texts .*{advice}"):
        documents(name)
    assert source_of(name, "txt").format is Format.txt  # whoever says so


def test_formats_that_are_asked_for_are_named():
    for suffix in (
        ".pdf .docx .doc .odt .rtf .xlsx .xls .html .htm .xml .epub .zip .tar .7z .bz2 .xz .zst "
        ".pkl .npy .spacy .yaml"
    ).split():
        assert suffix in REFUSED
    with pytest.raises(RangeError, match="format of txt, jsonl, json, csv, tsv, parquet, got 'x'"):
        documents("a.txt", format="x")


@pytest.mark.parametrize(
    ("name", "known"),
    [("my notes.jsonlines", True), ("my notes.7z", True), ("a b.gz", True), ("It cost 3.50", False),
     ("a b.md", False), ("", False)],
)  # fmt: skip
def test_which_ends_of_names_are_known(name, known):
    assert is_known(name) is known


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        texts = documents(path)
        with pytest.raises(FileError, match=f"^{path}: expected a UTF-8 text file"):
            next(texts)


@pytest.mark.parametrize(
    ("options", "found"),
    [({}, ['{"text": "a b"}']), ({"format": "jsonl"}, ["a b"])],
)
def test_standard_input(monkeypatch, options, found):
    given = SimpleNamespace(buffer=io.BytesIO(b'\xef\xbb\xbf{"text": "a b"}\n'))
    monkeypatch.setattr(sys, "stdin", given)
    assert list(documents("-", **options)) == found
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(FileError, match=r"^standard input: expected .* standard input is closed"):
        list(documents("-"))


def test_damaged_packing_is_named(file):
    path = file("a.txt.gz", "the cat sat\n\n" * 1000)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileError, match=r"a\.txt\.gz: expected a UTF-8 text file"):
        list(documents(path))
