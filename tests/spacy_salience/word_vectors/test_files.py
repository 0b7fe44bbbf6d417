"""Files of word vectors by any name, and the files that they are judged by."""

import numpy as np
import pytest
import spacy

from salience.errors import RangeError
from salience.vectors.formats import write_vectors
from spacy_salience.texts import FileError
from spacy_salience.word_vectors.files import (
    pipeline_of,
    read_analogies,
    read_any,
    read_counts,
    read_pairs,
    write_any,
)

from ...salience.vectors.tables import at_random, floret
from ..cli.conftest import written


def test_a_pipeline_is_read_by_its_folder_and_written(tmp_path):
    vectors = at_random()
    assert write_any(vectors, tmp_path / "pipeline", "spacy", lang="en") == "spacy"
    nlp = spacy.load(tmp_path / "pipeline")
    assert (nlp.lang, nlp.pipe_names) == ("en", [])
    np.testing.assert_array_equal(nlp.vocab.get_vector("w5"), vectors.rows[5])
    for format in (None, "spacy"):  # noqa: A001
        found = read_any(str(tmp_path / "pipeline"), format)
        np.testing.assert_array_equal(found.vectors(vectors.words), vectors.rows)


def test_a_folder_of_ours_is_no_pipeline(tmp_path):
    assert write_any(floret(), tmp_path / "folder") == "folder"
    assert read_any(str(tmp_path / "folder")).ngrams[1:] == floret().ngrams[1:]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("sea\tferry\t7.5\nsea\thill\t1\n", [("sea", "ferry", 7.5), ("sea", "hill", 1.0)]),
        ("word1,word2,score\nsea,ferry,7.5,9\n\n", [("sea", "ferry", 7.5)]),
        ("Word 1;Word 2;Human\nsea;ferry;7.5\n", [("sea", "ferry", 7.5)]),
        ("sea ferry  7.5\n", [("sea", "ferry", 7.5)]),
        ("new york\tsea\t3\n", [("new york", "sea", 3.0)]),
    ],
)
def test_pairs_are_read(tmp_path, text, wanted):
    for name in ("pairs.txt", "pairs.txt.gz"):
        assert read_pairs(written(tmp_path / name, text)) == wanted


@pytest.mark.parametrize("line", ["sea\tferry", "sea\tferry\tmuch", "sea"])
def test_a_line_that_is_no_pair_is_named(tmp_path, line):
    path = written(tmp_path / "pairs.tsv", f"sea\thill\t1\n{line}\n")
    with pytest.raises(FileError, match=r"pairs.tsv, line 2: expected two words and a score"):
        read_pairs(path)


QUESTION, OTHER = ("france", "paris", "italy", "rome"), ("big", "bigger", "old", "older")


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        (": capitals\nfrance paris italy rome\n: of more\nbig bigger old older\n",
         {"capitals": [QUESTION], "of more": [OTHER]}),
        ("category\ta\tb\tc\td\nx\tfrance\tparis\titaly\trome\ny\tbig\tbigger\told\tolder\n",
         {"x": [QUESTION], "y": [OTHER]}),
        ("france,paris,italy,rome\n", {"questions.txt": [QUESTION]}),
    ],
)  # fmt: skip
def test_analogies_are_read_by_sections(tmp_path, text, sections):
    assert read_analogies(written(tmp_path / "questions.txt", text)) == sections


def test_a_line_that_is_no_analogy_is_named(tmp_path):
    path = written(tmp_path / "questions.txt", ": x\nfrance paris italy rome\nfrance paris\n")
    with pytest.raises(FileError, match=r"questions.txt, line 3: expected four words"):
        read_analogies(path)
    with pytest.raises(FileError, match="at least one analogy"):
        read_analogies(written(path, ": x\n"))


def test_counts_are_read_and_added_up(tmp_path):
    path = written(tmp_path / "counts.tsv", "sea\t7\nnew york\t3\n\nsea\t2\n")
    assert read_counts(path) == {"sea": 9, "new york": 3}
    assert read_counts(written(path, "sea 7\nhill 3\n")) == {"sea": 7, "hill": 3}


@pytest.mark.parametrize("line", ["sea", "sea\t-1", "sea\t1.5", "\t3"])
def test_a_line_that_is_no_count_is_named(tmp_path, line):
    path = written(tmp_path / "counts.tsv", f"hill\t1\n{line}\n")
    with pytest.raises(FileError, match=r"counts.tsv, line 2: expected a word and its count"):
        read_counts(path)
    with pytest.raises(FileError, match="at least one word"):
        read_counts(written(path, "\n"))


def test_what_cannot_be_is_refused_and_nothing_written(tmp_path):
    with pytest.raises(RangeError, match="expected a format of"):
        write_any(at_random(), tmp_path / "out", "word3vec")
    with pytest.raises(RangeError, match="attr"):
        write_any(at_random(), tmp_path / "out", "spacy", attr="SHAPE")
    with pytest.raises(RangeError, match="attr"):
        pipeline_of(at_random(), "en", "SHAPE")
    assert not list(tmp_path.iterdir())
    write_vectors(at_random(), tmp_path / "out.vec")
    with pytest.raises(RangeError, match="expected a format of"):
        read_any(str(tmp_path / "out.vec"), "word3vec")
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(RangeError, match="expected vectors in the vocab, found none"):
        read_any(str(tmp_path / "blank"))
