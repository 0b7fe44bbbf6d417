"""An encoder that learnt is saved whole, and every copy of it says the same."""

import copy
import pickle

import numpy as np
import pytest
import spacy
from thinc.api import Adam

from salience.errors import WeightsError
from salience.model.weights import save
from salience.testing import random_weights

from ..conftest import TEXTS, WORDS
from .test_network import SMALL, VARIANTS, docs_of, each, network_pipeline, same, vectors_of
from .test_network_training import LISTENER, examples_for, tagger

__all__ = ["each"]


def equal(nlp, other):
    same([doc.tensor for doc in nlp.pipe(TEXTS)], [doc.tensor for doc in other.pipe(TEXTS)])


def test_a_pipeline_on_disk(each, tmp_path):
    each.to_disk(tmp_path)
    equal(each, spacy.load(tmp_path))


def test_a_pipeline_in_bytes(each):
    other = spacy.blank("en").from_config(each.config)
    other.from_bytes(each.to_bytes())
    equal(each, other)
    equal(each, other.from_bytes(each.to_bytes()))


def test_bytes_replace_what_was_predicted_with(model_file):
    nlp, other = (network_pipeline(model_file, "file") for _ in range(2))
    before = vectors_of(nlp, docs_of(nlp, TEXTS[:1]))[0]
    other.get_pipe("salience").model.layers[0].layers[1].get_param("E")[...] *= 2
    nlp.get_pipe("salience").from_bytes(other.get_pipe("salience").to_bytes())
    after = vectors_of(nlp, docs_of(nlp, TEXTS[:1]))[0]
    assert np.abs(after - before).max() > 1e-3
    equal(nlp, other)


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "floret"])
def test_a_pickled_pipeline(model_file, variant):
    # spaCy's own floret vectors do not survive pickling: they forget the vocab's strings.
    nlp = network_pipeline(model_file, variant)
    equal(nlp, pickle.loads(pickle.dumps(nlp)))


def test_a_component_from_another_pipeline(model_file):
    nlp, other = network_pipeline(model_file, "file"), spacy.blank("en")
    other.add_pipe("salience", source=nlp)
    equal(nlp, other)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda model: model.copy()])
def test_a_copied_model_says_the_same_and_learns_alone(each, way):
    model, docs = each.get_pipe("salience").model, docs_of(each, TEXTS[:2])
    want, other = model.predict(docs), way(model)
    same(other.predict(docs), want)
    vectors, backprop = other.begin_update(docs)
    backprop([np.ones_like(part) for part in vectors])
    other.finish_update(Adam(0.1))
    assert np.abs(other.predict(docs)[0] - want[0]).max() > 1e-3
    same(model.predict(docs), want)


def words_file(folder):
    path = folder / "words.safetensors"
    save(random_weights(WORDS), path)
    return path


def test_a_saved_pipeline_is_loaded_where_the_words_file_is_gone(tmp_path):
    path = words_file(tmp_path)
    nlp = network_pipeline(path, "file")
    nlp.to_disk(tmp_path / "pipeline")
    path.unlink()
    other = spacy.load(tmp_path / "pipeline")
    equal(nlp, other)
    other.to_disk(tmp_path / "again")
    equal(nlp, spacy.load(tmp_path / "again"))


def test_a_missing_words_file_is_named_when_it_is_used(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {**SMALL, "words": "/no/such.safetensors"}})
    text = r"^/no/such\.safetensors: expected a file of salience weights, found none"
    with pytest.raises(WeightsError, match=text):
        nlp.initialize()


def test_a_damaged_words_file_is_refused_when_it_is_used(tmp_path):
    path = words_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-9])
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {**SMALL, "words": str(path)}})
    with pytest.raises(WeightsError, match=r"words\.safetensors.*truncated or damaged"):
        nlp.initialize()


def test_words_of_one_model_are_read_from_a_pipeline_with_another_s(tmp_path, model_file):
    """The words that were saved count, not those that the config names today."""
    path = words_file(tmp_path)
    nlp = network_pipeline(path, "file")
    nlp.to_disk(tmp_path / "pipeline")
    save(random_weights(WORDS[::-1], seed=9), path)
    equal(nlp, spacy.load(tmp_path / "pipeline"))


@pytest.mark.parametrize("variant", ["plain", "file", "vectors"])
def test_replaced_listeners_predict_the_same(model_file, variant, tmp_path):
    nlp = network_pipeline(model_file, variant)
    nlp.add_pipe("tagger", config=tagger(LISTENER))
    examples = examples_for(nlp)
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(5):
        nlp.update(examples, sgd=optimizer)
    docs = [example.x for example in examples]
    nlp.get_pipe("salience").set_annotations(docs, nlp.get_pipe("salience").predict(docs))
    model = nlp.get_pipe("tagger").model
    want = model.predict(docs)
    nlp.replace_listeners("salience", "tagger", ["model.tok2vec"])
    same(nlp.get_pipe("tagger").model.predict(docs), want)
    nlp.remove_pipe("salience")
    nlp.to_disk(tmp_path)
    same(spacy.load(tmp_path).get_pipe("tagger").model.predict(docs), want)
    nlp.update(examples, sgd=optimizer)


def test_the_config_says_all_there_is_to_say(model_file):
    nlp = network_pipeline(model_file, "plain")
    config = nlp.config["components"]["salience"]["model"]
    assert config == {**SMALL, "dropout": 0.0}
