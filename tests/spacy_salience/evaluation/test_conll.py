import gzip

import pytest

from spacy_salience.evaluation.conll import Tagged, entities, read_conll
from spacy_salience.texts import FileError

CONLLU = """# sent_id = 1
1-2\tcannot\t_\t_\t_\t_\t_\t_\t_\t_
1\tcan\tcan\tAUX\tMD\t_\t2\taux\t_\t_
2\tnot\tnot\tPART\tRB\t_\t0\troot\t_\t_
2.1\tgo\tgo\tVERB\t_\t_\t_\t_\t_\t_

# sent_id = 2
1\t#\t#\tSYM\t_\t_\t0\troot\t_\t_
"""
CONLL = "-DOCSTART- -X- O\n\nEU\tNNP\tB-ORG\r\nrejects\tVBZ\tO\n\n\n\n# O\n"


@pytest.mark.parametrize("name", ["a.conllu", "a.conllu.gz", "a.txt"])
def test_words_and_parts_of_speech_of_conllu(tmp_path, name):
    written = CONLLU.encode()
    (tmp_path / name).write_bytes(gzip.compress(written) if name.endswith("gz") else written)
    assert list(read_conll(tmp_path / name)) == [
        Tagged(("can", "not"), ("AUX", "PART")), Tagged(("#",), ("SYM",))
    ]  # fmt: skip


def test_first_and_last_columns_of_others(tmp_path):
    (tmp_path / "a.conll").write_bytes(CONLL.replace("# O\n", "(\tO\n").encode())
    assert list(read_conll(tmp_path / "a.conll")) == [
        Tagged(("EU", "rejects"), ("B-ORG", "O")), Tagged(("(",), ("O",))
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["alone", "word\t", "\tO"])
def test_a_line_that_is_none_is_named(tmp_path, line):
    (tmp_path / "a.conll").write_text(f"a\tO\n{line}\n")
    with pytest.raises(FileError, match=r"a\.conll, line 2: expected a word and its label"):
        list(read_conll(tmp_path / "a.conll"))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("B-X I-X O", {(0, 2, "X")}),
        ("B-X B-X", {(0, 1, "X"), (1, 2, "X")}),
        ("I-X I-X B-X", {(0, 2, "X"), (2, 3, "X")}),
        ("B-X I-Y O I-Y", {(0, 1, "X"), (1, 2, "Y"), (3, 4, "Y")}),
        ("O O", set()),
        ("", set()),
    ],
)
def test_entities(labels, expected):
    assert entities(tuple(labels.split())) == expected
