import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from salience.errors import MissingPackageError
from spacy_salience.evaluation import evaluate_tasks, probe, read_tasks
from spacy_salience.evaluation.conll import Tagged
from spacy_salience.texts import FileError

from .conftest import letters


def tokens(sentences):
    return np.concatenate([letters(words) for words in sentences])


def write(path, sentences):
    lines = ["\n".join(map("\t".join, zip(*each, strict=True))) for each in sentences]
    path.write_text("\n\n".join(lines) + "\n")
    return path


def tagged(count, labels, seed=0):
    """Words of letters, whose label is of their first letter; a few are wrong."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        words = ["".join(rng.choice(list("abcdefghij"), 3)) for _ in range(5)]
        given = [labels["abcdefghij".index(word[0]) % len(labels)] for word in words]
        if rng.random() < 0.2:
            given[0] = labels[0]
        found.append((words, given))
    return found


def of(*paths):
    (read,) = read_tasks([f"probe={','.join(map(str, paths))}"])
    return read, evaluate_tasks(letters, [read], kinds={"": tokens})[read.name]


def test_a_linear_layer_is_fitted_to_train_and_judged_on_dev(tmp_path):
    train, dev = tagged(60, ["X", "Y"]), tagged(30, ["X", "Y"], seed=1)
    read, found = of(write(tmp_path / "t.conll", train), write(tmp_path / "d.conll", dev))
    x, y = (np.concatenate([part(each) for each in train]) for part in (
        lambda each: letters(each[0]), lambda each: each[1]
    ))  # fmt: skip
    scaler = StandardScaler().fit(x)
    layer = LogisticRegression(C=probe.STRENGTH, max_iter=300).fit(scaler.transform(x), y)
    expected = layer.predict(scaler.transform(tokens([each[0] for each in dev])))
    assert found == {"accuracy": np.mean(expected == [tag for each in dev for tag in each[1]])}
    assert 0.5 < found["accuracy"] < 1
    assert read.items == "30 sentences, trained on 60"


def test_of_entities_f1_comes_first(tmp_path):
    labels = ["O", "B-PER", "I-PER", "B-LOC"]
    train, dev = tagged(60, labels), tagged(30, labels, seed=1)
    _, found = of(write(tmp_path / "t.conll", train), write(tmp_path / "d.conll", dev))
    assert list(found) == ["F1", "accuracy"]
    assert 0 < found["F1"] < 1


def test_f1_is_of_whole_entities():
    gold = [Tagged(("a", "b", "c"), ("B-X", "I-X", "O")), Tagged(("d",), ("B-Y",))]
    assert probe.f1([("B-X", "I-X", "O"), ("B-Y",)], gold) == 1
    assert probe.f1([("B-X", "O", "O"), ("B-Y",)], gold) == 0.5
    assert probe.f1([("O", "O", "O"), ("O",)], gold) == 0


def test_the_first_sentences_count(tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "MOST_TRAIN", 20)
    monkeypatch.setattr(probe, "MOST_DEV", 10)
    path = write(tmp_path / "t.conll", tagged(30, ["X", "Y"]))
    assert of(path, path)[0].items == "10 sentences, trained on 20"


def test_what_cannot_be_fitted_is_refused(tmp_path):
    both = write(tmp_path / "t.conll", tagged(4, ["X", "Y"]))
    with pytest.raises(FileError, match=r"a second file, to judge by: probe=TRAIN,DEV"):
        of(both)
    with pytest.raises(FileError, match=r"one\.conll: expected sentences with at least two label"):
        of(write(tmp_path / "one.conll", tagged(4, ["X"])), both)
    (tmp_path / "none.conll").write_text("")
    with pytest.raises(FileError, match=r"none\.conll: expected sentences"):
        of(both, tmp_path / "none.conll")


def test_without_scikit_learn_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    with pytest.raises(MissingPackageError, match=r"evaluate: probe.*salience\[evaluate\]"):
        read_tasks([f"probe={tmp_path},{tmp_path}"])
