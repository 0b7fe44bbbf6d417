"""salience.Pooled.v1 learns to classify."""

import pickle

import numpy as np
import pytest
import spacy
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from spacy_salience import reasons

from .test_network import SMALL

GOOD = ["a warm house", "the cat was warm and happy", "warm", "it was a happy dog and warm"]
BAD = ["a cold house", "the cat was cold and sad", "cold", "it was a sad dog and cold"]
NETWORK = {**SMALL, "depth": 1}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 8, "upstream": "salience"}
exclusive_or_not = pytest.mark.parametrize("exclusive", [True, False])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    return np.exp(x - x.max()) / np.exp(x - x.max()).sum()


def examples_for(nlp):
    labelled = [(text, 1.0) for text in GOOD] + [(text, 0.0) for text in BAD]
    return [
        Example.from_dict(nlp.make_doc(text), {"cats": {"GOOD": good, "BAD": 1 - good}})
        for text, good in labelled
    ]


def built(exclusive, tok2vec=NETWORK, **named):
    nlp = spacy.blank("en")
    if tok2vec is LISTENER:
        nlp.add_pipe("salience", config={"model": NETWORK})
    model = {
        "@architectures": "salience.Pooled.v1", "exclusive_classes": exclusive, "tok2vec": tok2vec
    }  # fmt: skip
    name = "textcat" if exclusive else "textcat_multilabel"
    nlp.add_pipe(name, config={"model": {**model, **named}}, name="textcat")
    return nlp


def trained(exclusive, tok2vec=NETWORK, steps=40):
    nlp = built(exclusive, tok2vec)
    examples = examples_for(nlp)
    fix_random_seed(0)
    nlp.initialize(lambda: examples)
    optimizer = Adam(0.02)
    for _ in range(steps):
        losses = nlp.update(examples, sgd=optimizer)
    return nlp, losses


@exclusive_or_not
@pytest.mark.parametrize("tok2vec", [NETWORK, LISTENER], ids=["own", "listener"])
def test_it_learns(exclusive, tok2vec):
    nlp, losses = trained(exclusive, tok2vec)
    assert losses["textcat"] < 0.1
    for text in GOOD:
        assert nlp(text).cats["GOOD"] > 0.7 > 0.3 > nlp(text).cats["BAD"]
    for text in BAD:
        assert nlp(text).cats["BAD"] > 0.7 > 0.3 > nlp(text).cats["GOOD"]
    model = nlp.get_pipe("textcat").model
    assert model.attrs["multi_label"] is not exclusive
    assert np.abs(model.get_ref("pooling").get_param("u")).max() > 0.01


@exclusive_or_not
@pytest.mark.parametrize("tok2vec", [NETWORK, LISTENER], ids=["own", "listener"])
def test_an_empty_document_has_the_bias_alone(exclusive, tok2vec):
    nlp, _ = trained(exclusive, tok2vec, steps=3)
    found = reasons(nlp.get_pipe("textcat"), nlp(""))
    assert found.contributions.shape == (0, 2)
    assert found.weights.shape == (0,)
    want = softmax(found.bias) if exclusive else sigmoid(found.bias)
    np.testing.assert_allclose(found.scores, want, atol=1e-6)
    docs = [nlp.make_doc(text) for text in ("", "warm", "")]
    scores = nlp.get_pipe("textcat").predict(list(nlp.pipe(docs)))
    np.testing.assert_allclose(scores[[0, 2]], [want, want], atol=1e-6)
    examples = [Example.from_dict(nlp.make_doc(""), {"cats": {"GOOD": 1.0, "BAD": 0.0}})]
    assert np.isfinite(nlp.update([*examples, *examples_for(nlp)])["textcat"])
    assert np.isfinite(nlp.update(examples)["textcat"])


def test_no_documents_have_no_scores():
    nlp, _ = trained(True, steps=1)
    assert nlp.get_pipe("textcat").model.predict([]).shape == (0, 2)
    scores, backprop = nlp.get_pipe("textcat").model.begin_update([])
    assert backprop(scores) == []


def test_a_document_s_scores_do_not_depend_on_its_neighbours():
    nlp, _ = trained(True, steps=5)
    docs = [nlp.make_doc(text) for text in ["", *GOOD, "", *BAD]]
    model = nlp.get_pipe("textcat").model
    alone = np.concatenate([model.predict([doc]) for doc in docs])
    np.testing.assert_allclose(model.predict(docs), alone, atol=1e-6)


@exclusive_or_not
def test_rehearsing_keeps_what_was_learnt(exclusive):
    nlp, _ = trained(exclusive)
    before = [nlp(text).cats["GOOD"] for text in GOOD + BAD]
    optimizer = nlp.resume_training(sgd=Adam(0.005))
    examples = examples_for(nlp)
    assert nlp.rehearse(examples, sgd=optimizer)["textcat"] < 1e-6
    wrong = [Example.from_dict(nlp.make_doc("a mat"), {"cats": {"GOOD": 1.0, "BAD": 0.0}})]
    for _ in range(5):
        nlp.update(wrong, sgd=optimizer)
        losses = nlp.rehearse(examples, sgd=optimizer)
    assert losses["textcat"] > 0
    np.testing.assert_allclose([nlp(text).cats["GOOD"] for text in GOOD + BAD], before, atol=0.2)


@exclusive_or_not
def test_a_label_that_is_added_keeps_the_others_logits(exclusive):
    nlp, _ = trained(exclusive)
    textcat = nlp.get_pipe("textcat")
    before = [reasons(textcat, nlp(text)) for text in GOOD]
    assert textcat.add_label("NEW") == 1
    assert textcat.model.get_dim("nO") == 3
    for text, old in zip(GOOD, before, strict=True):
        new = reasons(textcat, nlp(text))
        assert new.labels == ("GOOD", "BAD", "NEW")
        np.testing.assert_allclose(new.contributions[:, :2], old.contributions, atol=1e-6)
        np.testing.assert_array_equal(new.bias[:2], old.bias)
        np.testing.assert_allclose(new.scores[:2], old.scores, atol=0.005 if exclusive else 1e-6)
        assert new.scores[2] == pytest.approx(0 if exclusive else 0.5, abs=0.005)


@exclusive_or_not
def test_a_label_that_is_added_is_learnt_and_saved(exclusive):
    nlp, _ = trained(exclusive)
    nlp.get_pipe("textcat").add_label("NEW")
    for each in (nlp, spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())):
        examples = examples_for(each)
        for example in examples:
            example.reference.cats["NEW"] = 0.0
        cats = {"GOOD": 0.0, "BAD": 0.0, "NEW": 1.0}
        examples.append(Example.from_dict(each.make_doc("mat mat mat"), {"cats": cats}))
        losses = [each.update(examples, sgd=Adam(0.01))["textcat"] for _ in range(5)]
        assert losses[-1] < losses[0]
        assert list(each("mat").cats) == ["GOOD", "BAD", "NEW"]


@exclusive_or_not
@pytest.mark.parametrize("more", [1, 3])
def test_classes_that_are_added_become_as_certain_as_the_others(exclusive, more):
    nlp, _ = trained(exclusive)
    names = [f"NEW{number}" for number in range(more)]
    for name in names:
        nlp.get_pipe("textcat").add_label(name)
    examples = examples_for(nlp)
    for number, name in enumerate(names):
        examples += [
            Example.from_dict(nlp.make_doc(text), {"cats": {name: 1.0}})
            for text in (f"mat{number} mat{number}", f"the mat{number} was a mat{number}")
        ]
    for example in examples:
        cats = example.reference.cats
        example.reference.cats = {label: cats.get(label, 0.0) for label in ["GOOD", "BAD", *names]}
    optimizer = Adam(0.01)
    for _ in range(100):
        nlp.update(examples, sgd=optimizer)
    for number, name in enumerate(names):
        assert nlp(f"mat{number} mat{number}").cats[name] > 0.7
    assert all(nlp(text).cats["GOOD"] > 0.7 for text in GOOD)


@pytest.mark.parametrize("start", [0.0, 40.0, -40.0])
def test_a_class_that_is_added_begins_below_the_others_whatever_their_bias(start):
    nlp, _ = trained(True, steps=1)
    textcat = nlp.get_pipe("textcat")
    output = textcat.model.get_ref("output_layer")
    output.set_param("b", np.float32([start, start - 5000]))
    textcat.add_label("NEW")
    bias = textcat.model.get_ref("output_layer").get_param("b")
    assert bias[2] == pytest.approx(start - np.log(2) - 5, abs=1e-4)


def test_classes_that_are_named_before_training_begin_alike():
    nlp = built(True)
    for label in ("GOOD", "BAD"):
        nlp.get_pipe("textcat").add_label(label)
    examples = examples_for(nlp)
    nlp.initialize(lambda: examples)
    assert not nlp.get_pipe("textcat").model.get_ref("output_layer").get_param("b").any()


@exclusive_or_not
@pytest.mark.parametrize("tok2vec", [NETWORK, LISTENER], ids=["own", "listener"])
def test_it_is_saved_whole(exclusive, tok2vec, tmp_path):
    nlp, _ = trained(exclusive, tok2vec, steps=5)
    nlp.to_disk(tmp_path)
    others = [spacy.load(tmp_path)]
    if tok2vec is not LISTENER:  # spaCy's listeners cannot be pickled once they have learnt
        others.append(pickle.loads(pickle.dumps(nlp)))
    for text in (*GOOD, ""):
        want, doc = reasons(nlp.get_pipe("textcat"), nlp(text)), nlp(text)
        for other in others:
            assert other(text).cats == doc.cats
            for a, b in zip(reasons(other.get_pipe("textcat"), other(text)), want, strict=True):
                np.testing.assert_array_equal(a, b)


def test_any_tok2vec_will_do():
    tok2vec = {
        "@architectures": "spacy.HashEmbedCNN.v2", "width": 8, "depth": 1, "embed_size": 50,
        "window_size": 1, "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None,
    }  # fmt: skip
    nlp, losses = trained(True, tok2vec)
    assert losses["textcat"] < 0.1
    found = reasons(nlp.get_pipe("textcat"), nlp("warm"))
    np.testing.assert_allclose(
        softmax(found.contributions.sum(axis=0) + found.bias), found.scores, atol=1e-5
    )


def test_the_number_of_classes_may_be_said_beforehand():
    nlp = built(True, nO=2)
    examples = examples_for(nlp)
    nlp.initialize(lambda: examples)
    assert nlp.get_pipe("textcat").model.get_dim("nO") == 2
