"""salience.Encoder.v1 in a pipeline: what it embeds, and what it says of any Docs."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import spacy
from thinc.api import fix_random_seed

import salience
from salience.encoder import rows
from salience.layers import context
from salience.testing import random_floats

from ..conftest import TEXTS

SMALL = {
    "@architectures": "salience.Encoder.v1", "width": 8, "depth": 2, "cell": "gated", "heads": 2,
    "rank": 3, "window": 4, "fusion": "concat", "words": None, "attrs": ["NORM", "SHAPE"],
    "rows": [50, 20],
}  # fmt: skip
VARIANTS = {
    "plain": {},
    "orth": {"attrs": ["ORTH"], "rows": [50]},
    "linear, gate": {"cell": "linear", "fusion": "gate", "depth": 1},
    "tanh": {"cell": "tanh", "window": None, "depth": 1},
    "no attention": {"heads": 0, "depth": 1},
    "file": {"words": "file"},
    "file alone": {"words": "file", "attrs": [], "rows": []},
    "vectors": {"words": "vectors"},
    "floret": {"words": "vectors", "attrs": ["NORM"], "rows": [50]},
}


def stir(model, scale=0.4):
    """Move all parameters away from where they start, so that every part has a say."""
    for place, node in enumerate(model.walk()):
        for name in node.param_names:
            old = node.get_param(name)
            node.set_param(name, old + random_floats(*old.shape, seed=place, scale=scale))


def give_vectors(nlp, mode="default", width=5):
    words = ["the", "cat", "dog", "was", "cold", "The"]
    if mode == "floret":
        nlp.vocab.vectors = spacy.vectors.Vectors(
            strings=nlp.vocab.strings, data=random_floats(40, 6), mode="floret",
            minn=2, maxn=3, hash_count=2,
        )  # fmt: skip
    else:
        nlp.vocab.vectors = spacy.vectors.Vectors(
            strings=nlp.vocab.strings, data=random_floats(6, width), keys=words
        )


def network_pipeline(model_file, variant="plain", **changes):
    """A pipeline of one encoder that learns, with stirred parameters."""
    config = {**SMALL, **VARIANTS[variant], **changes}
    if config["words"] == "file":
        config["words"] = str(model_file)
    nlp = spacy.blank("en")
    if config["words"] == "vectors":
        give_vectors(nlp, "floret" if variant == "floret" else "default")
    component = nlp.add_pipe("salience", config={"model": config})
    fix_random_seed(0)
    nlp.initialize()
    stir(component.model)
    return nlp


@pytest.fixture(params=VARIANTS)
def each(request, model_file):
    return network_pipeline(model_file, request.param)


@pytest.fixture
def plain(model_file):
    return network_pipeline(model_file)


def docs_of(nlp, texts=TEXTS):
    return [nlp.make_doc(text) for text in texts]


def vectors_of(nlp, docs):
    return nlp.get_pipe("salience").model.predict(docs)


def same(some, others):
    for a, b in zip(some, others, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_doc_is_given_vectors_salience_and_attention(each):
    for text in TEXTS:
        doc = each(text)
        assert doc.tensor.shape == (len(doc), 8) or not len(doc)
        assert doc.tensor.dtype == np.float32
        assert doc._.salience.shape == doc._.attention.shape == (len(doc),)
        np.testing.assert_allclose(doc._.salience.sum(), 1 if len(doc) else 0, atol=1e-5)
        np.testing.assert_array_equal(doc._.salience, doc._.attention)
        np.testing.assert_allclose(
            doc._.salience_vector, doc._.salience @ doc.tensor.reshape(-1, 8), rtol=1e-5, atol=1e-6
        )


def test_attention_agrees_with_what_is_received(each):
    component = each.get_pipe("salience")
    heads = component.model.layers[1].layers[-1].layers
    for text in TEXTS:
        doc = each(text)
        weights = component.attention(doc)
        assert weights.shape == (2 if len(heads) > 3 else 0, len(doc), len(doc))
        if len(doc) and len(weights):
            np.testing.assert_allclose(weights.sum(axis=2), 1, atol=1e-5)
            np.testing.assert_allclose(weights.mean(axis=(0, 1)), doc._.attention, atol=1e-6)
            np.testing.assert_array_equal(component.attention(doc, (1, 3)), weights[:, 1:3])


def test_without_attention_all_tokens_receive_the_same(model_file):
    doc = network_pipeline(model_file, "no attention")("the cold cat sat")
    np.testing.assert_array_equal(doc._.attention, np.float32([0.25] * 4))


def test_predicting_is_the_training_forward_without_dropout(each):
    docs = docs_of(each)
    model = each.get_pipe("salience").model
    trained, _ = model.begin_update(docs)
    for a, b in zip(model.predict(docs), trained, strict=True):
        assert a.dtype == b.dtype == np.float32
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("texts", [[""], ["", ""], [], ["cat"], ["", "cat", ""], ["unheardof"]])
def test_edges_of_batches(each, texts):
    model, docs = each.get_pipe("salience").model, docs_of(each, texts)
    shapes = [(len(doc), 8) for doc in docs]
    assert [part.shape for part in model.predict(docs)] == shapes
    trained, backprop = model.begin_update(docs)
    assert [part.shape for part in trained] == shapes
    assert backprop([np.ones_like(part) for part in trained]) == []
    assert [part.shape for part in model.predict(docs)] == shapes
    assert len(list(each.pipe(texts))) == len(texts)


def test_attention_of_an_empty_document_is_empty(plain):
    assert plain.get_pipe("salience").attention(plain.make_doc("")).shape == (2, 0, 0)


def test_the_same_bits_alone_and_in_a_batch(each):
    alone = [vectors_of(each, [doc])[0] for doc in docs_of(each) if len(doc)]
    each.get_pipe("salience").model.shims[0].finish_update(None)
    whole = [part for part in vectors_of(each, docs_of(each)) if len(part)]
    same(alone, whole)
    same(alone[::-1], [part for part in vectors_of(each, docs_of(each)[::-1]) if len(part)])


def test_the_same_bits_on_any_number_of_threads(each, monkeypatch):
    monkeypatch.setattr(context, "RUN", 64)
    docs, before = docs_of(each, TEXTS * 20), salience.get_num_threads()
    model, found = each.get_pipe("salience").model, []
    try:
        for count in (1, 2, 3):
            salience.set_num_threads(count)
            model.shims[0].finish_update(None)
            predicted = model.predict(docs)
            trained, backprop = model.begin_update(docs)
            backprop([np.sin(part) for part in trained])
            gradients = [
                node.get_grad(name) for node in model.walk() for name in node.param_names
            ]  # fmt: skip
            found.append([*predicted, *trained, *(each.copy() for each in gradients)])
            for gradient in gradients:
                gradient[...] = 0
    finally:
        salience.set_num_threads(before)
    same(found[0], found[1])
    same(found[0], found[2])


@pytest.mark.filterwarnings("ignore:.*W109.*")
@pytest.mark.parametrize("variant", ["file", "vectors", "floret"])
def test_the_same_bits_in_worker_processes(model_file, variant):
    nlp = network_pipeline(model_file, variant)
    here = [doc.tensor for doc in nlp.pipe(TEXTS * 3)]
    same([doc.tensor for doc in nlp.pipe(TEXTS * 3, n_process=2, batch_size=4)], here)


def test_the_same_bits_where_many_threads_share_a_model(model_file, monkeypatch):
    monkeypatch.setattr(rows, "CAPACITY", 16)
    nlp = network_pipeline(model_file, "file")
    model, docs = nlp.get_pipe("salience").model, docs_of(nlp, TEXTS[:2] + TEXTS[3:])
    want = [model.predict([doc])[0] for doc in docs]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda n: model.predict([docs[n % len(docs)]])[0], range(200)))
    same(found, want * (200 // len(docs)))
