"""salience.Encoder.v1 learns: its gradients, and predictions that follow every update."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from spacy_salience.models.network import live_of

from ...salience.layers.formulas import encoder, gradients_of, parameters_of
from ...salience.ops.gradients import assert_gradients
from .test_network import SMALL, VARIANTS, docs_of, network_pipeline, vectors_of

SENTENCES = [
    ("the cat sat in Paris".split(), ["DET", "NOUN", "VERB", "ADP", "PROPN"], "U-GPE", "PLACE"),
    ("a dog was warm".split(), ["DET", "NOUN", "VERB", "ADJ"], "O", "BEAST"),
    ("the house was in Rome".split(), ["DET", "NOUN", "VERB", "ADP", "PROPN"], "U-GPE", "PLACE"),
    ("cats slept".split(), ["NOUN", "VERB"], "O", "BEAST"),
]
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 8, "upstream": "*"}


def examples_for(nlp):
    return [
        Example.from_dict(
            Doc(nlp.vocab, words=words),
            {
                "words": words, "tags": tags, "entities": ["O"] * (len(words) - 1) + [last],
                "cats": {label: float(label == cat) for label in ("PLACE", "BEAST")},
            },
        )
        for words, tags, last, cat in SENTENCES
    ]  # fmt: skip


def tagger(tok2vec):
    return {"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}}


def numbers_of(model):
    return parameters_of(model, np.float32)


def formula(model, p, batch):
    """Embedding and blocks in float64."""
    layers = live_of(model).layers(model)
    words = layers.words
    if words:
        p = {**p, "table": words.table.table.astype(np.float64)}
    return encoder(layers, p, batch, words.factor if words else 1)[0]


@pytest.mark.parametrize("variant", VARIANTS)
def test_outputs_and_gradients_are_those_of_the_formula(model_file, variant):
    nlp = network_pipeline(model_file, variant)
    model = nlp.get_pipe("salience").model
    docs = docs_of(nlp, ["The cat sat, warm", "", "dog", "the dog was not cold at all"])
    batch, units = live_of(model).reader(model).lookup(docs)
    assert units is None

    def outputs(p):
        return formula(model, p, batch)

    vectors, backprop = model.begin_update(docs)
    want = outputs(parameters_of(model))
    np.testing.assert_allclose(np.concatenate(vectors), want, atol=1e-5 * np.abs(want).max())
    d_vectors = [np.cos(np.arange(part.size)).reshape(part.shape) for part in vectors]
    backprop([part.astype(np.float32) for part in d_vectors])
    weights = np.concatenate(d_vectors)
    assert_gradients(
        lambda **p: (outputs(p) * weights).sum(), parameters_of(model), gradients_of(model), 5e-4
    )


def agree(nlp, docs):
    """Predictions are those of the parameters that the model has now."""
    model = nlp.get_pipe("salience").model
    predicted, (trained, _) = model.predict(docs), model.begin_update(docs)
    for a, b in zip(predicted, trained, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    return np.concatenate(predicted)


@pytest.fixture
def learning(model_file):
    nlp = network_pipeline(model_file, "file")
    nlp.add_pipe("tagger", config=tagger(LISTENER))
    examples = examples_for(nlp)
    fix_random_seed(0)
    optimizer = nlp.initialize(lambda: examples)
    # The tagger starts at 0, and spaCy updates an encoder before its listeners send gradients.
    for _ in range(3):
        nlp.update(examples, sgd=optimizer)
    return nlp, examples


def test_a_prediction_after_an_update_uses_the_new_weights(learning):
    nlp, examples = learning
    docs, optimizer = [each.x for each in examples], Adam(0.01)
    before = agree(nlp, docs)
    for _ in range(3):
        nlp.update(examples, sgd=optimizer)
        after = agree(nlp, docs)
        assert np.abs(after - before).max() > 1e-3
        before = after


def test_averages_are_used_inside_the_context_alone(learning):
    nlp, examples = learning
    docs, optimizer = [each.x for each in examples], Adam(0.01, use_averages=True)
    for _ in range(4):
        nlp.update(examples, sgd=optimizer)
    outside = agree(nlp, docs)
    with nlp.use_params(optimizer.averages):
        inside = agree(nlp, docs)
        assert np.abs(inside - outside).max() > 1e-3
    np.testing.assert_array_equal(agree(nlp, docs), outside)


def test_dropout_is_that_of_the_update_and_changes_training_only(learning):
    nlp, examples = learning
    docs = [each.x for each in examples]
    nlp.update(examples, sgd=Adam(0.0), drop=0.5)
    model = nlp.get_pipe("salience").model
    (trained, _), predicted = model.begin_update(docs), vectors_of(nlp, docs)
    assert np.abs(np.concatenate(trained) - np.concatenate(predicted)).max() > 0.1
    nlp.update(examples, sgd=Adam(0.0), drop=0.0)
    agree(nlp, docs)


@pytest.mark.parametrize("cell", ["linear", "tanh", "gated"])
@pytest.mark.parametrize("fusion", ["gate", "concat"])
def test_listeners_learn_and_every_part_of_the_encoder_with_them(model_file, cell, fusion):
    nlp = spacy.blank("en")
    model = {**SMALL, "cell": cell, "fusion": fusion, "words": str(model_file)}
    component = nlp.add_pipe("salience", config={"model": model})
    nlp.add_pipe("tagger", config=tagger(LISTENER))
    nlp.add_pipe("ner", config={"model": {**nlp.get_factory_meta("ner").default_config["model"],
                                          "tok2vec": LISTENER}})  # fmt: skip
    pooled = {"@architectures": "salience.Pooled.v1", "exclusive_classes": True}
    nlp.add_pipe("textcat", config={"model": {**pooled, "tok2vec": LISTENER}})
    examples = examples_for(nlp)
    fix_random_seed(0)
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.02
    before = numbers_of(component.model)
    history = [nlp.update(examples, sgd=optimizer, drop=0.1) for _ in range(50)]
    for name in ("tagger", "ner", "textcat"):
        assert history[-1][name] < history[0][name] / 2, name
    after = numbers_of(component.model)
    assert [name for name in before if np.abs(after[name] - before[name]).max() < 1e-3] == []
    assert all(np.isfinite(array).all() for array in after.values())


def test_it_is_the_model_of_a_tok2vec_component(model_file):
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": {**SMALL, "words": str(model_file)}})
    nlp.add_pipe("tagger", config=tagger(LISTENER))
    learns_tags(nlp)
    assert nlp("the dog was cold").tensor.shape == (4, 8)


def test_it_is_a_tagger_s_own_tok2vec(model_file):
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger", config=tagger({**SMALL, "words": str(model_file)}))
    learns_tags(nlp)


def learns_tags(nlp):
    examples = examples_for(nlp)
    fix_random_seed(0)
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.02
    for _ in range(30):
        losses = nlp.update(examples, sgd=optimizer)
    assert losses["tagger"] < 1
    for words, tags, *_ in SENTENCES:
        assert [token.tag_ for token in nlp(Doc(nlp.vocab, words=words))] == tags


def test_a_frozen_encoder_annotates_while_its_listeners_learn(learning):
    nlp, examples = learning
    component, before = nlp.get_pipe("salience"), numbers_of(nlp.get_pipe("salience").model)
    losses = [
        nlp.update(examples, sgd=Adam(0.02), exclude=["salience"], annotates=["salience"])["tagger"]
        for _ in range(20)
    ]
    assert losses[-1] < losses[0]
    for name, array in numbers_of(component.model).items():
        np.testing.assert_array_equal(array, before[name])
