"""The fast form of an encoder that learns: kept as long as its parameters stay, no longer."""

import copy
import pickle

import numpy as np
import pytest
import spacy

from spacy_salience.models.network import live_of
from spacy_salience.models.served import served

from .test_network import network_pipeline


@pytest.fixture
def model(model_file):
    return network_pipeline(model_file, "file").get_pipe("salience").model


def said(model):
    """What the fast form says, which is what the layers say now."""
    docs = [spacy.blank("en")("the cat sat")]
    vectors, trained = model.predict(docs)[0], model.begin_update(docs)[0][0]
    np.testing.assert_allclose(vectors, trained, atol=1e-5)
    return vectors


def bias_of(model):
    """A layer, and its parameter."""
    node = model.layers[1].layers[1].layers[0]
    return node, node.get_param("b")


def test_asked_again_it_is_the_same_one(model):
    first = served(model)
    said(model)
    assert served(model) is first


def replaced(model):
    node, bias = bias_of(model)
    node.set_param("b", bias + 1)


def changed_in_place(model):
    bias_of(model)[1][...] += 1
    model.finish_update(lambda *given: given[1:])


def loaded(model):
    content = model.to_bytes()
    bias_of(model)[1][...] += 1
    model.from_bytes(content)


def with_another_table(model):
    words = live_of(model).layers(model).words
    words.set(words.table.table + 1, words.logits.table)


@pytest.mark.parametrize("change", [replaced, changed_in_place, loaded, with_another_table])
def test_a_change_of_what_is_behind_it_makes_another(model, change):
    first, before = served(model), said(model)
    change(model)
    after = said(model)
    assert served(model) is not first
    assert (np.abs(after - before).max() > 1e-3) == (change is not loaded)


@pytest.mark.parametrize("error", [False, True])
def test_averaged_parameters_are_used_inside_and_forgotten_outside(model, error):
    before = said(model)
    node, bias = bias_of(model)

    def inside():
        with model.use_params({(node.id, "b"): bias + 1}):
            assert np.abs(said(model) - before).max() > 1e-3
            if error:
                raise KeyError

    if error:
        with pytest.raises(KeyError):
            inside()
        node.set_param("b", bias)  # thinc itself leaves the averages there then
    else:
        inside()
    np.testing.assert_array_equal(said(model), before)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copy_is_empty_and_its_own(model, way):
    first = served(model)
    other = way(live_of(model))
    assert other._served is None
    assert other.settings == live_of(model).settings
    assert other.to_bytes() == b""
    assert served(model) is first
