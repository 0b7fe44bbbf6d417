import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from salience.training.evaluation import spearman
from spacy_salience.evaluation import evaluate_tasks, model_of, read_tasks
from spacy_salience.evaluation.models import kinds_of
from spacy_salience.models.served import served
from spacy_salience.texts import FileError

from .conftest import letters, table

LABELLED = ("word", "index1", "index2", "sentence1", "sentence2", "label")
SCORED = (*LABELLED[:5], "score")
ROWS = [
    ("bed", 1, 0, "a bed", "bead of", 1),
    ("dig", 0, 2, "dig here", "he did hide", 0),
    ("egg", 1, 1, "one egg", "two eggs", 1),
    ("had", 0, 0, "had", "fig", 0),
]
CHANGED = ("word1", "word2", "sim1", "sim2", "context1", "spans1", "context2", "spans2")


def before(sentences):
    """A token's letters, and a tenth of those of the token before it."""
    rows = [letters(words) + 0.1 * letters(["", *words[:-1]]) for words in sentences]
    return np.concatenate(rows)


def alone(sentences):
    return np.concatenate([letters(words) for words in sentences])


def of(*paths, kinds=None):
    (read,) = read_tasks([f"context={','.join(map(str, paths))}"])
    found = evaluate_tasks(letters, [read], kinds={"": before} if kinds is None else kinds)
    return read, found[read.name]


def cosines(rows):
    found = []
    for _, i, j, one, two, _ in rows:
        a, b = before([one.split()])[i], before([two.split()])[j]
        found.append(a @ b / np.sqrt(a @ a * (b @ b)))
    return found


def test_labels_are_told_apart_by_the_cosine_of_the_two_tokens(tmp_path):
    read, found = of(table(tmp_path / "a.tsv", LABELLED, *ROWS))
    gold = [row[-1] for row in ROWS]
    assert found == {"AUC": pytest.approx(roc_auc_score(gold, cosines(ROWS)))}
    assert read.items == "4 pairs of words"


def test_the_threshold_of_the_accuracy_is_from_the_first_file(tmp_path):
    train = table(tmp_path / "train.tsv", LABELLED, *ROWS[:2])
    _, found = of(train, table(tmp_path / "dev.tsv", LABELLED, *ROWS))
    threshold = np.mean(cosines(ROWS[:2]))
    right = [(c > threshold) == row[-1] for c, row in zip(cosines(ROWS), ROWS, strict=True)]
    assert found["accuracy"] == np.mean(right)
    assert list(found) == ["AUC", "accuracy"]


def test_scores_are_compared_by_rank(tmp_path):
    rows = [(*row[:5], score) for row, score in zip(ROWS, (5, 1, 3, 2), strict=True)]
    _, found = of(table(tmp_path / "a.tsv", SCORED, *rows))
    assert found == {"Spearman": pytest.approx(spearman(cosines(ROWS), [5, 1, 3, 2]))}


def test_two_words_in_two_contexts_each(tmp_path):
    rows = [
        ("bad", "bed", 2, 1, "A bad (bed).", "2-5 7-10", "bed, if bad", "8-11 0-3"),
        ("egg", "fig", 3, 5, "egg and fig", "0-3 8-11", "fig's egg", "6-9 0-5"),
    ]
    read, found = of(table(tmp_path / "a.tsv", CHANGED, *rows))
    assert read.pairs[0][0].sentence == ("A", "bad", "(", "bed", ")", ".")
    assert [place.words for place in read.pairs[0]] == [(1,), (3,)]
    assert read.pairs[3][1].sentence[:1] == ("fig's",)
    assert set(found) == {"Spearman", "Spearman of changes"}


def test_every_kind_of_token_vectors_has_its_figures(tmp_path):
    path = table(tmp_path / "a.tsv", LABELLED, *ROWS)
    _, found = of(path, kinds={"": before, "static rows": alone})
    assert list(found) == ["AUC", "AUC, static rows"]
    assert of(path, kinds={})[1] == {}


def test_a_model_gives_its_token_vectors_and_their_static_rows(tmp_path, model_file, nlp):
    model = model_of(str(model_file))
    words = ("the", "cat", "sat", "xyzzy")
    doc = nlp(" ".join(words))
    np.testing.assert_allclose(model.kinds[""]([words]), doc.tensor, rtol=1e-6)
    static = model.kinds["static rows"]([words, ("cat",)])
    np.testing.assert_array_equal(static[1], static[4])
    assert np.abs(static[1] - doc.tensor[1]).max() > 1e-3


def test_the_static_row_of_a_blank_is_zeros(en_small):
    encoder = served(en_small.get_pipe("salience").model)
    static = kinds_of(encoder, en_small)["static rows"]([("the", " ", "Cat"), ("cat",)])
    assert not static[1].any()
    np.testing.assert_array_equal(static[2], static[3])
    assert static[2].std() == pytest.approx(1, abs=0.5), "with the scale of the token vectors"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("x", 2, 0, "a b", "c", 1), "the number of one of 2 words, got '2'"),
        (("x", -1, 0, "a b", "c", 1), "the number of one of 2 words, got '-1'"),
        (("x", 0, "one", "a b", "c", 1), "got 'one'"),
        (("x", 0, 0, "a b", "c", 2), "the label 1 or 0, got '2'"),
    ],
)
def test_a_row_that_is_wrong_is_named(tmp_path, row, told):
    with pytest.raises(FileError, match=rf"a\.tsv, line 6: expected .*{told}"):
        of(table(tmp_path / "a.tsv", LABELLED, *ROWS, row))


@pytest.mark.parametrize("spans", ["0-3", "0-3 900-910", "x-y 0-3", "0-3 4-7 8-11", "0-\u00b2 4-7"])
def test_spans_that_are_none_are_refused(tmp_path, spans):
    rows = [("egg", "fig", 3, 5, "egg and fig", spans, "fig egg", "4-7 0-3")]
    with pytest.raises(FileError, match=r"line 2: expected two spans of words"):
        of(table(tmp_path / "a.tsv", CHANGED, *rows))


def test_what_cannot_be_judged_is_refused(tmp_path):
    with pytest.raises(FileError, match="pairs of both labels, got 2 of 2 with 1"):
        of(table(tmp_path / "a.tsv", LABELLED, *ROWS[::2]))
    rows = [(*row[:5], 3) for row in ROWS]
    with pytest.raises(FileError, match="scores that differ"):
        of(table(tmp_path / "b.tsv", SCORED, *rows))
