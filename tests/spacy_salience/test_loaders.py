"""Callbacks of [initialize]: vectors of a salience model, and an encoder that learnt before."""

import numpy as np
import pytest
import spacy
from spacy.util import registry
from thinc.api import Config

from salience.errors import LanguageWarning, RangeError, WeightsError
from salience.model.parameters import WordTable
from salience.model.weights import load, save
from salience.testing import random_weights

from .conftest import TEXTS, WORDS
from .models.test_network import SMALL, network_pipeline, stir

CONFIG = """
[nlp]
lang = "en"
pipeline = ["salience"]

[components]

[components.salience]
factory = "salience"

[components.salience.model]
@architectures = "salience.Encoder.v1"
width = 8
depth = 2
heads = 2
rank = 3
window = 4
words = {words}
attrs = ["NORM", "SHAPE"]
rows = [50, 20]

[initialize]

[initialize.{when}]
@callbacks = "{callback}"
{settings}
"""


def initialised(callback, words="null", **settings):
    when = "before_init" if "vectors" in callback else "after_init"
    lines = "\n".join(f'{name} = "{value}"' for name, value in settings.items())
    text = CONFIG.format(callback=callback, words=words, when=when, settings=lines)
    nlp = spacy.blank("en").from_config(Config().from_str(text))
    nlp.initialize()
    return nlp


def load_vectors(model_file, **named):
    return initialised("salience.load_vectors.v1", pretrained=model_file, **named)


def test_words_of_a_model_become_the_vocab_s_vectors(model_file):
    vectors, table = load_vectors(model_file).vocab.vectors, WordTable(load(model_file)).table()
    assert vectors.shape == (len(WORDS), table.shape[1])
    assert vectors.data.dtype == np.float32
    for row, word in enumerate(WORDS):
        np.testing.assert_array_equal(vectors[word], table[1 + row])


def test_tokens_have_these_vectors(model_file):
    nlp = load_vectors(model_file)
    doc = nlp.make_doc("the zebra")
    np.testing.assert_array_equal(doc[0].vector, nlp.vocab.vectors["the"])
    assert not doc[1].vector.any()
    assert (doc[0].has_vector, doc[1].has_vector) == (True, False)


def test_words_of_another_language_are_warned_of(tmp_path):
    path = tmp_path / "de.safetensors"
    save(random_weights(WORDS).made_for("de"), path)
    with pytest.warns(LanguageWarning, match="load_vectors: expected texts read as 'de'.*got 'en'"):
        load_vectors(path)


def test_a_capital_does_not_hide_a_word_s_vector(model_file):
    nlp = load_vectors(model_file)
    the, cat = nlp.make_doc("The CAT")
    np.testing.assert_array_equal(the.vector, nlp.vocab.vectors["the"])
    np.testing.assert_array_equal(cat.vector, nlp.vocab.vectors["cat"])


def test_the_strings_of_the_vectors_are_known(model_file):
    nlp = load_vectors(model_file)
    assert {nlp.vocab.strings[key] for key in nlp.vocab.vectors.keys()} == set(WORDS)  # noqa: SIM118
    keys, _, _ = nlp.vocab.vectors.most_similar(nlp.vocab.vectors["cat"][None], n=1)
    assert nlp.vocab.strings[keys[0][0]] == "cat"


def test_an_encoder_reads_them(model_file, tmp_path):
    nlp = load_vectors(model_file, words='"vectors"')
    model = nlp.get_pipe("salience").model
    assert model.layers[0].layers[-1].get_dim("nI") == nlp.vocab.vectors.shape[1]
    stir(model)
    want = nlp("the cat").tensor
    nlp.to_disk(tmp_path)
    np.testing.assert_array_equal(spacy.load(tmp_path)("the cat").tensor, want)


def test_another_component_reads_them(model_file):
    nlp = load_vectors(model_file)
    static = registry.architectures.get("spacy.MultiHashEmbed.v2")
    model = static(8, ["NORM"], [20], include_static_vectors=True)
    docs = [nlp.make_doc("the cat")]
    model.initialize(X=docs)
    assert model.predict(docs)[0].shape == (2, 8)


def test_the_embedded_model_s_vectors_are_there_by_name():
    nlp = initialised("salience.load_vectors.v1", pretrained="en_small")
    assert nlp.vocab.vectors.shape[1] == 256
    assert nlp.make_doc("harbour")[0].has_vector


def test_unknown_models_are_refused():
    with pytest.raises(RangeError, match="got 'no_such'"):
        initialised("salience.load_vectors.v1", pretrained="no_such")
    with pytest.raises(WeightsError, match=r"/no/such\.safetensors"):
        initialised("salience.load_vectors.v1", pretrained="/no/such.safetensors")


@pytest.fixture
def saved(model_file, tmp_path):
    nlp = network_pipeline(model_file, "plain")
    nlp.to_disk(tmp_path / "pipeline")
    return nlp, tmp_path / "pipeline"


def test_an_encoder_starts_as_it_was_saved(saved):
    before, folder = saved
    nlp = initialised("salience.load_encoder.v1", path=folder)
    for text in TEXTS[:2]:
        np.testing.assert_array_equal(nlp(text).tensor, before(text).tensor)


def test_a_component_of_another_name_starts_as_it_was_saved(tmp_path, model_file):
    before = spacy.blank("en")
    model = network_pipeline(model_file, "plain").get_pipe("salience").model
    before.add_pipe("salience", name="encoder", config={"model": SMALL}).model = model
    before.to_disk(tmp_path)
    config = Config().from_str(
        CONFIG.replace("components.salience", "components.encoder")
        .replace('["salience"]', '["encoder"]')
        .format(
            words="null", when="after_init", callback="salience.load_encoder.v1",
            settings=f'path = "{tmp_path}"\ncomponent = "encoder"',
        )
    )  # fmt: skip
    nlp = spacy.blank("en").from_config(config)
    nlp.initialize()
    np.testing.assert_array_equal(nlp("the cat").tensor, before("the cat").tensor)


def test_words_of_a_saved_encoder_come_along(tmp_path, model_file):
    before = network_pipeline(model_file, "file")
    before.to_disk(tmp_path)
    nlp = initialised("salience.load_encoder.v1", words=f'"{model_file}"', path=tmp_path)
    np.testing.assert_array_equal(nlp("The cat").tensor, before("The cat").tensor)


@pytest.mark.parametrize("folder", ["nowhere", ""])
def test_a_folder_without_the_component_is_refused(tmp_path, folder):
    text = r"^load_encoder: expected a saved component at .*salience, found none; give the folder"
    with pytest.raises(WeightsError, match=text):
        initialised("salience.load_encoder.v1", path=tmp_path / folder)


def test_an_encoder_that_is_built_otherwise_is_refused(saved):
    _, folder = saved
    config = CONFIG.replace("width = 8", "width = 12").format(
        words="null", when="after_init", callback="salience.load_encoder.v1",
        settings=f'path = "{folder}"',
    )  # fmt: skip
    nlp = spacy.blank("en").from_config(Config().from_str(config))
    with pytest.raises(WeightsError, match=r"^salience: cannot load .*: expected width = 12"):
        nlp.initialize()
