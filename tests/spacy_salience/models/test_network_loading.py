"""Saved parameters of an encoder that was built otherwise are refused, and change nothing."""

import numpy as np
import pytest
import spacy

from salience.errors import AnnotationError, RangeError, ShapeError, WeightsError

from .test_network import SMALL, docs_of, give_vectors, network_pipeline, vectors_of
from .test_network_training import LISTENER, examples_for, tagger

OTHERWISE = {
    "cell": {"cell": "tanh"},
    "fusion": {"fusion": "gate"},
    "window": {"window": 5},
    "rank": {"rank": 2},
    "heads": {"heads": 1},
    "no heads": {"heads": 0},
    "attrs": {"attrs": ["ORTH", "SHAPE"]},
    "rows": {"rows": [51, 20]},
    "rows of the same sum": {"rows": [49, 21]},
    "width": {"width": 12},
    "depth": {"depth": 1},
    "words": {"words": "file"},
}


@pytest.mark.parametrize("name", OTHERWISE)
@pytest.mark.parametrize("way", ["bytes", "disk"])
def test_another_encoder_is_refused_and_nothing_changes(model_file, tmp_path, name, way):
    saved = network_pipeline(model_file).get_pipe("salience")
    nlp = network_pipeline(model_file, **OTHERWISE[name])
    component, before = nlp.get_pipe("salience"), nlp("the cat").tensor.copy()
    saved.to_disk(tmp_path)
    load, given = component.from_disk, tmp_path
    if way == "bytes":
        load, given = component.from_bytes, saved.to_bytes()
    with pytest.raises(
        WeightsError, match=r"^salience: cannot load (these bytes|.*model.safetensors): "
    ):
        load(given)
    np.testing.assert_array_equal(nlp("the cat").tensor, before)


def test_the_message_names_the_part_that_differs(model_file):
    saved = network_pipeline(model_file).get_pipe("salience").to_bytes()
    for name, text in {
        "cell": r"expected blocks\.0\.cell = 'tanh', as the config has it, found 'gated'; give",
        "fusion": r"expected blocks\.0\.fusion = 'gate', as .*, found 'concat'",
        "window": r"expected blocks\.0\.window = 5, as .*, found 4",
        "attrs": r"expected attributes = \[\['ORTH', 50\].*\], as .*, found \[\['NORM', 50\]",
        "depth": "expected depth = 1, as .*, found 2",
        "words": "expected words = 'table', as .*, found None",
    }.items():
        nlp = network_pipeline(model_file, **OTHERWISE[name])
        with pytest.raises(WeightsError, match=text):
            nlp.get_pipe("salience").from_bytes(saved)


def test_dropout_is_no_difference(model_file):
    nlp, other = network_pipeline(model_file), network_pipeline(model_file, dropout=0.5)
    other.get_pipe("salience").from_bytes(nlp.get_pipe("salience").to_bytes())
    np.testing.assert_array_equal(other("the cat").tensor, nlp("the cat").tensor)


def test_another_kind_of_model_is_refused():
    nlp = spacy.blank("en")
    model = {
        "@architectures": "spacy.HashEmbedCNN.v2", "width": 8, "depth": 1, "embed_size": 20,
        "window_size": 1, "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None,
    }  # fmt: skip
    with pytest.raises(RangeError, match=r"^salience: expected a model of .* component tok2vec$"):
        nlp.add_pipe("salience", config={"model": model})


@pytest.mark.parametrize("frozen", [True, False])
def test_a_listener_of_another_width_is_named_before_training(model_file, frozen):
    nlp = spacy.blank("en")
    model = {"pretrained": str(model_file)} if frozen else SMALL
    nlp.add_pipe("salience", config={"model": model})
    nlp.add_pipe("tagger", config=tagger({**LISTENER, "width": 7}))
    text = r"^salience: expected listeners of width (8|16), got one of width 7 in tagger; set the"
    with pytest.raises(ShapeError, match=text):
        nlp.initialize(lambda: examples_for(nlp))


def docs_of_two_vocabs(nlp):
    other = spacy.blank("en")
    give_vectors(other)
    return [nlp.make_doc("the cat"), other.make_doc("a dog unheard of")]


def test_documents_of_two_vocabs_are_refused_where_their_vectors_are_read(model_file):
    nlp = network_pipeline(model_file, "vectors")
    docs, model = docs_of_two_vocabs(nlp), nlp.get_pipe("salience").model
    for run in (model.predict, model.begin_update):
        with pytest.raises(AnnotationError, match=r"to share one vocab, got several; make them w"):
            run(docs)
    alone = [model.predict([doc])[0] for doc in docs]
    for doc, vectors in zip(nlp.get_pipe("salience").pipe(docs), alone, strict=True):
        np.testing.assert_array_equal(doc.tensor, vectors)


@pytest.mark.parametrize("variant", ["plain", "file"])
def test_documents_of_two_vocabs_are_read_where_nothing_is_of_the_vocab(model_file, variant):
    nlp = network_pipeline(model_file, variant)
    docs, model = docs_of_two_vocabs(nlp), nlp.get_pipe("salience").model
    trained, _ = model.begin_update(docs)
    for doc, vectors, others in zip(docs, model.predict(docs), trained, strict=True):
        np.testing.assert_array_equal(vectors, model.predict([doc])[0])
        np.testing.assert_array_equal(vectors, vectors_of(nlp, [nlp.make_doc(doc.text)])[0])
        np.testing.assert_allclose(others, vectors, atol=1e-5)


@pytest.mark.parametrize("width", [0, 7])
def test_vectors_that_are_gone_or_of_another_width_after_training_are_named(model_file, width):
    nlp = network_pipeline(model_file, "vectors")
    nlp.vocab.reset_vectors(width=width) if not width else give_vectors(nlp, width=width)
    text = r"expected vectors in nlp\.vocab, found none|expected word vectors of width 5.* found 7"
    with pytest.raises(WeightsError, match=text):
        nlp.get_pipe("salience").model.predict(docs_of(nlp))
