import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

from salience.errors import MissingPackageError
from spacy_salience.evaluation import classification, evaluate_tasks, read_tasks
from spacy_salience.texts import FileError

from .conftest import letters, table

HEADER = ("label", "text")


def rows(count, seed=0):
    """Texts of letters; mostly the first letters say x, the last ones y."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        label = "xy"[number % 2]
        chosen = rng.choice(list("abcdef" if label == "x" else "efghij"), 5)
        found.append((label if rng.random() > 0.15 else "x", "".join(chosen)))
    return found


def of(*paths):
    (read,) = read_tasks([f"classify={','.join(map(str, paths))}"])
    return read, evaluate_tasks(letters, [read])[read.name]["accuracy"]


def test_the_layer_learns_from_train_and_is_judged_on_test(tmp_path, monkeypatch):
    monkeypatch.setattr(classification, "STRENGTHS", (0.1,))
    train, test = rows(80), rows(40, seed=1)
    read, accuracy = of(
        table(tmp_path / "train.tsv", HEADER, *train), table(tmp_path / "test.tsv", HEADER, *test)
    )
    labels, texts = zip(*train, strict=True)
    scaler = StandardScaler().fit(letters(texts))
    layer = LogisticRegression(C=0.1).fit(scaler.transform(letters(texts)), labels)
    expected = layer.predict(scaler.transform(letters([text for _, text in test])))
    assert accuracy == pytest.approx(accuracy_score([label for label, _ in test], expected))
    assert 0.5 < accuracy < 1
    assert read.items == "40 texts, trained on 80"


def test_one_file_is_cross_validated(tmp_path):
    given = rows(60)
    path = table(tmp_path / "a.tsv", HEADER, *given)
    read, accuracy = of(path)
    labels, texts = zip(*given, strict=True)
    parts = StratifiedKFold(5, shuffle=True, random_state=0)
    layer = classification.logistic_layer()
    expected = cross_val_predict(layer, letters(texts), labels, cv=parts)
    assert accuracy == pytest.approx(accuracy_score(labels, expected))
    assert read.items == "60 texts in 5 folds"
    assert of(path)[1] == accuracy


def test_of_many_texts_some_are_drawn_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(classification, "MOST_TEXTS", 40)
    path = table(tmp_path / "a.tsv", HEADER, *rows(60))
    read, _ = of(path)
    assert read.items == "40 texts in 5 folds, drawn from 60"
    assert len(read.train.texts) == 40
    assert of(path)[0] == read
    assert of(path, path)[0].items == "60 texts, trained on 40, drawn from 60"


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ([HEADER, ("x", "a")], None, r"train\.tsv: expected at least two labels, got 1; add"),
        ([HEADER, *rows(40), ("z", "a")], [HEADER, ("x", "a")],
         "expected at least 5 texts of each label, got 1 of 'z'"),
        ([HEADER, *rows(40), *[("z", "a")] * 9], None, "at least 10 texts of each .* got 9 of 'z'"),
        ([HEADER, *rows(40)], [HEADER, ("x", "a"), ("z", "a")],
         r"test\.tsv, line 3: expected a label of train\.tsv, got 'z'; mend"),
        ([HEADER, *rows(40)], [HEADER], r"test\.tsv: expected at least one text, got none"),
        ([HEADER, *rows(40)], [("text",)], "expected a column label or coarse"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, train, test, message):
    paths = [table(tmp_path / "train.tsv", *train)]
    if test:
        paths.append(table(tmp_path / "test.tsv", *test))
    with pytest.raises(FileError, match=message):
        of(*paths)


def test_scikit_learn_is_asked_for_where_it_is_missing(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "sklearn"]:
        monkeypatch.setitem(sys.modules, name, None)
    path = table(tmp_path / "a.tsv", HEADER, *rows(40))
    with pytest.raises(MissingPackageError, match=r"pip install 'salience\[evaluate\]'"):
        read_tasks([f"classify={path}"])
