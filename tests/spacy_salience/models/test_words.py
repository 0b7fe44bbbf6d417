"""Word vectors that do not learn: of a salience model, and of nlp.vocab."""

import copy
import pickle
from itertools import product

import numpy as np
import pytest
import spacy
from spacy.attrs import LOWER, ORTH
from spacy.vectors import Vectors
from thinc.api import NumpyOps

from salience.errors import WeightsError
from salience.model.parameters import WordTable
from salience.model.weights import load
from salience.testing import random_floats
from salience.types import Ragged, starts_of
from spacy_salience.models.network import live_of
from spacy_salience.models.reader import _keys_of_bags, _mixed
from spacy_salience.models.words import ModelWords, VocabWords

from ..conftest import WORDS
from .test_network import network_pipeline, vectors_of

OPS = NumpyOps()


def named(name):
    return ModelWords.named(str(name), even=True)


def vectors_in(words, texts):
    """The vectors of these words, as an encoder looks them up."""
    bags = [words.vocabulary.bag(text) for text in texts]
    ragged = Ragged(np.concatenate(bags), starts_of([len(bag) for bag in bags]))
    return words.factor * words.look_up(OPS, ragged)


def keys_in(nlp, words):
    return np.array([nlp.vocab.strings.add(word) for word in words], dtype=np.uint64)


@pytest.fixture
def nlp():
    return spacy.blank("en")


def test_known_words_have_their_rows_scaled_to_about_1(model_file):
    table, words = WordTable(load(model_file)).table(), named(model_file)
    got = vectors_in(words, WORDS)
    np.testing.assert_allclose(got, table[1 : 1 + len(WORDS)] / table.std(), rtol=1e-6)
    assert got.dtype == np.float32
    assert words.table.table.shape == table.shape


def test_unknown_words_have_the_mean_of_their_n_grams_rows(model_file):
    parameters = WordTable(load(model_file))
    table, bag = parameters.table(), parameters.vocabulary.bag("zebras")
    got = vectors_in(named(model_file), ["the", "zebras"])
    np.testing.assert_allclose(got[1], table[bag].mean(axis=0) / table.std(), rtol=1e-5, atol=1e-6)


def test_a_model_s_words_by_name_and_in_bytes():
    words, other = named("en_small"), named("/no/such.safetensors")
    texts = ["harbour", "the", "qwxzyk"]
    want = vectors_in(words, texts)
    assert 0.3 < want.std() < 3
    other.from_bytes(words.to_bytes())
    np.testing.assert_array_equal(vectors_in(other, texts), want)
    for copied in (copy.deepcopy(words), pickle.loads(pickle.dumps(words))):
        np.testing.assert_array_equal(vectors_in(copied, texts), want)


def test_bytes_hold_the_words_alone(model_file, tmp_path):
    whole, words = load(model_file), named(model_file)
    path = tmp_path / "words.safetensors"
    path.write_bytes(words.to_bytes())
    kept = load(path)
    assert set(kept.tensors) == {"table", "words", "word_weights"}
    assert set(kept.settings) == {"buckets", "shortest", "longest"}
    for name in kept.tensors:
        np.testing.assert_array_equal(kept.tensors[name], whole.tensors[name])


def test_words_that_were_never_found_are_named_whatever_is_asked():
    words = named("/no/such.safetensors")
    assert not words.is_known
    for ask in (lambda: vectors_in(words, ["the"]), lambda: words.featurizer, words.to_bytes):
        with pytest.raises(WeightsError, match=r"^/no/such\.safetensors: expected a file"):
            ask()


@pytest.mark.parametrize("content", [b"", b"junk"])
def test_damaged_bytes_are_refused_and_change_nothing(model_file, content):
    words = named(model_file)
    before = vectors_in(words, WORDS)
    with pytest.raises(WeightsError):
        words.from_bytes(content)
    np.testing.assert_array_equal(vectors_in(words, WORDS), before)


def test_words_do_not_learn(model_file):
    nlp = network_pipeline(model_file, "file")
    model = nlp.get_pipe("salience").model
    words = live_of(model).layers(model).words
    before = words.to_bytes()
    vectors, backprop = model.begin_update([nlp.make_doc("the cat")])
    backprop([np.ones_like(part) for part in vectors])
    model.finish_update(lambda key, parameter, gradient: (parameter - gradient, 0 * gradient))
    assert words.to_bytes() == before


def test_words_that_learn_are_copied_and_saved_as_they_are_now(model_file):
    words = ModelWords(learns=True)
    words.take(load(model_file))
    copied, texts = copy.deepcopy(words), ["the", "zebras"]
    before = vectors_in(words, texts)
    words.table.table[...] += 1
    words.logits.table[...] += 2
    np.testing.assert_array_equal(vectors_in(copied, texts), before)
    other = ModelWords().from_bytes(words.to_bytes())
    np.testing.assert_array_equal(vectors_in(other, texts), vectors_in(words, texts))
    np.testing.assert_array_equal(other.logits.table, words.logits.table)
    assert np.abs(vectors_in(other, texts) - before).min() > 0.5


def given(nlp, **named):
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, **named)
    return VocabWords()


def test_vectors_of_the_vocab_are_zeros_where_it_has_none(nlp):
    data = random_floats(2, 5)
    words = given(nlp, data=data, keys=["cat", "dog"])
    got = words.vectors(keys_in(nlp, ["dog", "Cat", "cat", "", "dog"]), nlp.vocab)
    np.testing.assert_array_equal(got, [data[1], 0 * data[0], data[0], 0 * data[0], data[1]])
    np.testing.assert_array_equal(data, random_floats(2, 5))
    assert (words.attr(nlp.vocab), words.width(nlp.vocab)) == (ORTH, 5)
    assert words.vectors(keys_in(nlp, []), nlp.vocab).shape == (0, 5)


def test_vectors_of_the_vocab_may_be_of_another_number_type_or_attribute(nlp):
    data = random_floats(2, 5).astype(np.float64)
    words = given(nlp, data=data, keys=["cat", "dog"], attr="LOWER")
    assert words.attr(nlp.vocab) == LOWER
    assert words.vectors(keys_in(nlp, ["cat"]), nlp.vocab).dtype == np.float32


def test_several_words_may_share_a_vector(nlp):
    data = random_floats(1, 5)
    words = given(nlp, data=data, keys=["cat"])
    nlp.vocab.vectors.add("cats", row=0)
    got = words.vectors(keys_in(nlp, ["cats", "cat"]), nlp.vocab)
    np.testing.assert_array_equal(got, [data[0], data[0]])


def test_floret_vectors_are_those_of_spacy_for_unheard_words_too(nlp):
    words = given(nlp, data=random_floats(40, 6), mode="floret", minn=2, maxn=3, hash_count=2)
    doc = nlp("the unheard catz")
    got = words.vectors(keys_in(nlp, [token.text for token in doc]), nlp.vocab)
    np.testing.assert_allclose(got, [token.vector for token in doc], atol=1e-7)
    assert np.abs(got).min() > 0


@pytest.mark.parametrize("shape", [(0, 0), (0, 5)])
def test_a_vocab_without_vectors_is_refused(nlp, shape):
    words = given(nlp, shape=shape)
    with pytest.raises(WeightsError, match=r"expected vectors in nlp\.vocab, found none"):
        words.width(nlp.vocab)


@pytest.mark.parametrize("word", ["newcomer", "cat"], ids=["a new word", "a known one, in place"])
def test_vectors_that_are_set_later_count(model_file, word):
    nlp = network_pipeline(model_file, "vectors")
    doc = nlp.make_doc(f"a {word}")
    before = vectors_of(nlp, [doc])[0]
    nlp.vocab.set_vector(word, random_floats(5, seed=5))
    after = vectors_of(nlp, [doc])[0]
    trained = nlp.get_pipe("salience").model.begin_update([doc])[0][0]
    np.testing.assert_allclose(after, trained, atol=1e-5)
    assert np.abs(after - before).max() > 1e-3


def test_other_vectors_of_the_vocab_count_from_then_on(model_file):
    nlp = network_pipeline(model_file, "vectors")
    doc = nlp.make_doc("the cat")
    before = vectors_of(nlp, [doc])[0]
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings, data=random_floats(1, 5, seed=9), keys=["cat"]
    )
    after = vectors_of(nlp, [doc])[0]
    trained = nlp.get_pipe("salience").model.begin_update([doc])[0][0]
    np.testing.assert_allclose(after, trained, atol=1e-5)
    assert np.abs(after - before).max() > 1e-3


def test_keys_differ_wherever_attributes_differ():
    rng = np.random.default_rng(0)
    some = rng.integers(0, 2**63, 40, dtype=np.uint64)
    values = np.array([[a, b] for a in some for b in some])
    assert len(np.unique(_mixed(values))) == len(values)
    small = np.array([[a, b, c] for a in range(20) for b in range(20) for c in range(20)])
    assert len(np.unique(_mixed(small.astype(np.uint64)))) == 8000
    np.testing.assert_array_equal(_mixed(values)[7:9], _mixed(values[7:9]))


def bags_of(bags):
    return Ragged(np.concatenate(bags).astype(np.int64), starts_of([len(bag) for bag in bags]))


def test_keys_differ_wherever_bags_differ_in_rows_or_their_order():
    bags = [list(bag) for size in (1, 2, 3, 4) for bag in product(range(9), repeat=size)]
    keys = _keys_of_bags(bags_of(bags))
    assert len(np.unique(keys)) == len(bags)
    np.testing.assert_array_equal(_keys_of_bags(bags_of(bags[::-1])), keys[::-1])


def reader_of(nlp):
    model = nlp.get_pipe("salience").model
    return live_of(model).reader(model)


def test_equal_tokens_of_a_batch_are_one_and_others_are_not(model_file):
    nlp = network_pipeline(model_file, "file")
    docs = [nlp.make_doc(text) for text in ("The cat", "", "Dog the cat cat zebras zebra")]
    (tokens, places, starts), _ = reader_of(nlp).lookup(docs)
    assert starts.tolist() == [0, 2, 2, 8]
    kinds = [(token.norm, token.shape) for doc in docs for token in doc]
    same = np.array([[a == b for a in kinds] for b in kinds])
    np.testing.assert_array_equal(np.equal.outer(places, places), same)
    assert len(tokens.words.starts) - 1 == len(tokens.attributes.starts) - 1 == len(set(kinds))


def test_an_attribute_has_two_rows_in_its_own_range(model_file):
    reader = reader_of(network_pipeline(model_file))
    values = np.random.default_rng(0).integers(0, 2**63, (200, 2), dtype=np.uint64)
    values[:100, 1] = values[:100, 0]
    bags = reader._rows(values)
    np.testing.assert_array_equal(bags.starts, np.arange(201) * 4)
    ids = bags.data.reshape(200, 2, 2)
    assert set(ids[:, 0].ravel()) == set(range(50))
    assert set(ids[:, 1].ravel()) == set(range(50, 70))
    assert np.mean(ids[:, 0, 0] == ids[:, 0, 1]) < 0.1
    assert np.mean(ids[:100, 0] % 20 == ids[:100, 1] - 50) < 0.3  # another hash for each attribute
