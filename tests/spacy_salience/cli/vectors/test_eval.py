"""`salience vectors eval`: correlations and accuracies, worked out by hand."""

import pytest

from ..conftest import refused, written

# Cosines fall from east to near, half and north.
COMPASS = "5 2\neast 1 0\nnear 0.98 0.17\nhalf 1 1\nnorth 0 1\nwest -1 0\n"
QUESTIONS = (
    ": capitals\nfrance paris italy rome\nFrance Paris Spain Madrid\nfrance paris italy tokyo\n"
    ": none\nfrance paris peru lima\n"
)


@pytest.mark.parametrize(
    ("scores", "said"),
    [((9, 7, 5, 1), "1.0000"), ((1, 5, 7, 9), "-1.0000"), ((7, 9, 5, 1), "0.8000")],
)
def test_the_correlation_of_pairs(command, tmp_path, scores, said):
    vectors = written(tmp_path / "compass.vec", COMPASS)
    words = "near", "half", "north", "west"
    text = "".join(f"east\t{w}\t{score}\n" for w, score in zip(words, scores, strict=True))
    pairs = written(tmp_path / "pairs.tsv", f"word1\tword2\tscore\n{text}east\tnowhere\t3\n")
    output = command("vectors", "eval", vectors, "--pairs", pairs)
    assert output == f"{said}  pairs.tsv, Spearman, 4 of 5 pairs\n"


@pytest.mark.parametrize("method", ["add", "multiply"])
def test_analogies_by_section(command, tmp_path, capitals, method):
    questions = written(tmp_path / "q.txt", QUESTIONS)
    output = command(
        "vectors", "eval", capitals, "--analogies", questions, "--method", method
    ).splitlines()
    assert output == [
        "0.6667  q.txt, capitals, 2 right, 3 of 3 asked",
        "     -  q.txt, none, 0 right, 0 of 1 asked",
        "0.6667  q.txt, total, 2 right, 3 of 4 asked",
    ]


def test_several_files_at_once(command, tmp_path, capitals):
    one = written(tmp_path / "one.tsv", "apple\tpear\t9\napple\trome\t1\n")
    two = written(tmp_path / "two.tsv.gz", "apple\tpear\t1\napple\trome\t9\n")
    questions = written(tmp_path / "q.txt", QUESTIONS)
    given = ("--pairs", one, "--pairs", two, "--analogies", questions)
    output = command("vectors", "eval", capitals, *given)
    assert [line.split()[0] for line in output.splitlines()] == [
        "1.0000", "-1.0000", "0.6667", "-", "0.6667",
    ]  # fmt: skip


def test_what_cannot_be_is_refused(tmp_path, capitals, ngrams):
    pairs = written(tmp_path / "pairs.tsv", "sea\thill\t1\nsea\n")
    unknown = written(tmp_path / "unknown.tsv", "sea\thill\t1\nsea\ttide\t2\n")
    questions = written(tmp_path / "q.txt", QUESTIONS)
    for message, *given in (
        ("expected --pairs FILE or --analogies FILE", capitals),
        ("none.vec", tmp_path / "none.vec", "--pairs", unknown),
        ("none.tsv", capitals, "--pairs", tmp_path / "none.tsv"),
        ("pairs.tsv, line 2", capitals, "--pairs", pairs),
        ("pairs.tsv, line 1", capitals, "--analogies", pairs),
        ("got 0 of 2 pairs", capitals, "--pairs", unknown),
        ("magic number", capitals, "--pairs", unknown, "--format", "fasttext"),
        ("n-grams alone", ngrams, "--analogies", questions),
    ):
        refused(message, "vectors", "eval", *given)
