"""What spaCy's tests ask of its models and thinc's of its layers, asked of ours.

After spacy/tests/test_models.py and thinc/tests/layers/test_layers_api.py, in
words of our own.
"""

import numpy as np
import pytest
import spacy
from spacy.ml.models import build_spancat_model
from spacy.util import registry
from thinc.api import (
    Adam,
    Linear,
    Logistic,
    NumpyOps,
    Ragged,
    chain,
    data_validation,
    fix_random_seed,
    reduce_mean,
    set_dropout_rate,
)

from .conftest import TEXTS
from .models.test_network import SMALL, VARIANTS

LEARNING = ["plain", "linear, gate", "no attention", "file"]
POOLED = ["pooled", "pooled, multilabel", "pooled, frozen"]
TOKENS = [*LEARNING, "frozen"]
tokens = pytest.mark.parametrize("name", TOKENS)
all_models = pytest.mark.parametrize("name", [*TOKENS, *POOLED])
those_that_learn = pytest.mark.parametrize("name", [*LEARNING, *POOLED])


@pytest.fixture
def build(model_file):
    """Build a model by its name here, with parameters of a seed."""

    def config(name):
        if name == "frozen":
            return {"@architectures": "salience.Pretrained.v1", "pretrained": str(model_file)}
        if name in POOLED:
            tok2vec = config("frozen" if "frozen" in name else "file")
            exclusive = "multilabel" not in name
            return {"@architectures": "salience.Pooled.v1", "exclusive_classes": exclusive,
                    "nO": 3, "tok2vec": tok2vec}  # fmt: skip
        changed = {**SMALL, **VARIANTS[name]}
        return {**changed, "words": str(model_file) if changed["words"] else None}

    def built(name, seed=0, initialize=True):
        fix_random_seed(seed)
        model = registry.resolve({"model": config(name)})["model"]
        return model.initialize(X=docs()) if initialize else model

    return built


NLP = spacy.blank("en")


def docs(texts=TEXTS):
    return [NLP.make_doc(text) for text in texts]


def parameters(model):
    return [node.get_param(name) for node in model.walk() for name in node.param_names]


def same(some, others):
    assert len(some) == len(others)
    for a, b in zip(some, others, strict=True):
        np.testing.assert_array_equal(a, b)


def gradient_of(Y):
    if isinstance(Y, list):
        return [np.random.uniform(-1, 1, y.shape).astype(np.float32) for y in Y]
    return np.random.uniform(-1, 1, Y.shape).astype(np.float32)


def step(model, optimizer, texts=TEXTS):
    Y, backprop = model.begin_update(docs(texts))
    backprop(gradient_of(Y))
    model.finish_update(optimizer)


@those_that_learn
def test_one_seed_gives_one_set_of_parameters(build, name):
    same(parameters(build(name)), parameters(build(name)))
    if name in LEARNING:  # a classifier's own start at 0
        other = parameters(build(name, seed=1))
        assert any((a != b).any() for a, b in zip(parameters(build(name)), other, strict=True))


@all_models
def test_one_seed_gives_one_prediction(build, name):
    some, others = build(name), build(name)
    same(some.predict(docs()), others.predict(docs()))
    if some.has_ref("tok2vec"):
        same(some.get_ref("tok2vec").predict(docs()), others.get_ref("tok2vec").predict(docs()))


@those_that_learn
def test_one_seed_gives_one_course_of_updates(build, name):
    def updated():
        model, optimizer = build(name), Adam(0.001)
        set_dropout_rate(model, 0.2)
        for _ in range(5):
            step(model, optimizer)
        return parameters(model)

    some, others, start = updated(), updated(), parameters(build(name))
    same(some, others)
    assert any((a != b).any() for a, b in zip(some, start, strict=True))
    assert all(np.isfinite(array).all() for array in some)


def test_updates_leave_a_frozen_model_alone(build):
    model = build("frozen")
    before, content = model.predict(docs()), model.to_bytes()
    step(model, Adam(0.1))
    same(model.predict(docs()), before)
    assert model.to_bytes() == content


@all_models
def test_any_number_of_empty_docs(build, name):
    model = build(name)
    for count in range(3):
        empty = docs([""] * count)
        predicted = model.predict(empty)
        Y, backprop = model.begin_update(empty)
        assert len(predicted) == len(Y) == count
        backprop(Y)
        model.finish_update(Adam(0.001))
    assert all(np.isfinite(array).all() for array in parameters(model))


@all_models
def test_a_model_is_initialised_without_a_sample(build, name):
    model = build(name, initialize=False)
    model.initialize()
    same(model.predict(docs()), model.predict(docs()))


@all_models
def test_shapes_and_kinds_are_those_that_are_declared(build, name):
    with data_validation(True):
        model = build(name)
        Y, backprop = model(docs(), is_train=True)
        predicted = model.predict(docs())
        assert type(Y) is type(predicted)
        for text, y, p in zip(docs(), Y, predicted, strict=True):
            assert y.dtype == p.dtype == np.float32
            assert y.shape == p.shape
            assert y.shape[-1] == model.get_dim("nO")
            assert y.ndim == 1 or len(y) == len(text)
        assert backprop(gradient_of(Y)) == []


class WithoutDropout(NumpyOps):
    def get_dropout_mask(self, shape, drop):
        raise AssertionError("a mask was asked for")


@all_models
def test_predicting_drops_nothing_out(build, name):
    model = build(name)
    want = model.predict(docs())
    set_dropout_rate(model, 0.5)
    model._to_ops(WithoutDropout())
    same(model.predict(docs()), want)


@all_models
def test_a_model_lets_itself_be_moved(build, name):
    model = build(name)
    want = model.predict(docs())
    model.to_cpu()
    same(model.predict(docs()), want)
    model._to_ops(NumpyOps("gpu"))  # all that thinc asks of a shim; see cuda/ for a GPU
    same(model.predict(docs()), want)


@all_models
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_batch_of_any_size_predicts_what_single_documents_do(build, name, size):
    model = build(name)
    alone = [model.predict([doc])[0] for doc in docs()]
    parts = [model.predict(docs(TEXTS[at : at + size])) for at in range(0, len(TEXTS), size)]
    found = [y for part in parts for y in part]
    for a, b in zip(found, alone, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    if name in TOKENS:
        same(found, alone)


def to_bytes(model, other, folder):
    return other.from_bytes(model.to_bytes())


def to_dict(model, other, folder):
    return other.from_dict(model.to_dict())


def to_disk(model, other, folder):
    model.to_disk(folder / "model")
    return other.from_disk(folder / "model")


@all_models
@pytest.mark.parametrize("way", [to_bytes, to_dict, to_disk])
def test_a_model_is_saved_and_read_into_another(build, name, way, tmp_path):
    model, other = build(name), build(name, seed=1)
    if name != "frozen":
        step(model, Adam(0.05))
    want = model.predict(docs())
    same(way(model, other, tmp_path).predict(docs()), want)
    same(other.predict(docs()), want)
    assert other.to_bytes() == model.to_bytes()
    fresh = way(model, build(name, initialize=False), tmp_path)
    same(fresh.predict(docs()), want)


@all_models
def test_a_copy_is_the_same_model(build, name):
    model = build(name)
    same(model.copy().predict(docs()), model.predict(docs()))


@those_that_learn
def test_averaged_parameters_are_used_and_put_back(build, name):
    model = build(name)
    before = model.predict(docs())
    moved = {
        (node.id, each): node.get_param(each) + gradient_of(node.get_param(each))
        for node in model.walk()
        for each in node.param_names
    }
    with model.use_params(moved):
        inside = model.predict(docs())
    assert any(not np.array_equal(a, b) for a, b in zip(inside, before, strict=True))
    same(model.predict(docs()), before)


@tokens
def test_spans_of_tokens_are_categorised(build, name):
    """Under spaCy's own span categoriser, forward and back."""
    tok2vec = build(name)
    given = docs([TEXTS[0], TEXTS[1], TEXTS[3]])
    spans = Ragged(np.tile(np.array([[0, 2], [1, 4]], dtype="i"), (3, 1)), np.array([2] * 3, "i"))
    model = build_spancat_model(tok2vec, reduce_mean(), chain(Linear(nO=5), Logistic()))
    model.initialize(X=(given, spans))
    before = [array.copy() for array in parameters(tok2vec)]
    Y, backprop = model((given, spans), is_train=True)
    assert Y.shape == (6, 5)
    backprop(gradient_of(Y))
    model.finish_update(Adam(0.01))
    after = parameters(tok2vec)
    moved = any((a != b).any() for a, b in zip(after, before, strict=True))
    assert moved == (name in LEARNING)
