"""salience.Encoder.v2: it starts from a trained encoder, and what may learn of it learns."""

import copy
import pickle
from multiprocessing import get_context

import numpy as np
import pytest
import spacy
from thinc.api import SGD, Adam, fix_random_seed

from salience.errors import RangeError, WeightsError
from salience.model.weights import load, save
from salience.testing import random_encoder, random_weights
from spacy_salience.annotations import stamps
from spacy_salience.models.frozen import is_frozen
from spacy_salience.models.network import live_of
from spacy_salience.models.served import served, weights_of

from ...salience.encoder.test_forms import ENCODERS
from ..conftest import WORDS
from .test_network_training import LISTENER, examples_for, tagger

TEXTS = [
    "The cat sat on the mat.",
    "  The cat \n\n sat  --- --- --- on the mat!!! \t",
    "",
    " \n ",
    "\U0001f600\U0001f600 caf\u00e9 na\u00efve "
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 don\u00b4t",
    "cold " * 70,
    "Unheard-of zebras, the cat",
]
SMALL = {
    "@architectures": "salience.Encoder.v2", "attrs": ["NORM", "SHAPE"], "rows": [50, 20]
}  # fmt: skip
LEARNS = ("blocks", "all")


def v2(pretrained, learns="blocks", **named):
    nlp = spacy.blank("en")
    model = {**SMALL, "pretrained": str(pretrained), "learns": learns, **named}
    nlp.add_pipe("salience", config={"model": model})
    return nlp


def frozen(pretrained):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {"pretrained": str(pretrained)}})
    return nlp


def model_in(nlp):
    return nlp.get_pipe("salience").model


def tensors_of(nlp):
    return {name: array.copy() for name, array in weights_of(model_in(nlp)).tensors.items()}


def everything(nlp, texts=TEXTS):
    """All results of the texts, and the stamps of their model."""
    docs = list(nlp.pipe(texts))
    results = [(doc.tensor, doc._.salience, doc._.salience_vector, doc._.attention) for doc in docs]
    return results, [stamps.model_of(doc) for doc in docs]


def equal(nlp, other):
    (some, first), (others, second) = everything(nlp), everything(other)
    for one, two in zip(some, others, strict=True):
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(a, b)
    assert first == second


def trained(pretrained, learns="blocks", steps=6, optimizer=None, **named):
    """A pipeline with a tagger that has learnt for some steps, its examples and losses."""
    nlp = v2(pretrained, learns, **named)
    width = model_in(nlp).get_dim("nO")
    nlp.add_pipe("tagger", config=tagger({**LISTENER, "width": width}))
    examples = examples_for(nlp)
    fix_random_seed(0)
    nlp.initialize(lambda: examples)
    optimizer = optimizer or Adam(0.02)
    losses = [nlp.update(examples, sgd=optimizer)["tagger"] for _ in range(steps)]
    return nlp, examples, optimizer, losses


@pytest.mark.parametrize("learns", ["none", *LEARNS])
@pytest.mark.parametrize("attrs", [True, False])
@pytest.mark.parametrize("name", ["small", "en_small"])
def test_untrained_it_says_what_the_frozen_model_says(model_file, learns, attrs, name):
    file = model_file if name == "small" else name
    nlp = v2(file, learns, **({} if attrs else {"attrs": [], "rows": []}))
    nlp.initialize()
    for text, doc, want in zip(TEXTS, nlp.pipe(TEXTS), frozen(file).pipe(TEXTS), strict=True):
        for own in ("salience", "salience_vector", "attention"):
            np.testing.assert_allclose(doc._.get(own), want._.get(own), atol=2e-6, err_msg=text)
        np.testing.assert_allclose(doc.tensor, want.tensor, atol=2e-6, err_msg=text)
    trained_, _ = model_in(nlp).begin_update([nlp.make_doc(text) for text in TEXTS])
    for vectors, want in zip(trained_, frozen(file).pipe(TEXTS), strict=True):
        np.testing.assert_allclose(vectors, want.tensor.reshape(vectors.shape), atol=2e-6)


def test_without_attributes_it_is_the_frozen_model_bit_for_bit(model_file):
    some, _ = everything(v2(model_file, attrs=[], rows=[]))
    others, _ = everything(frozen(model_file))
    for one, two in zip(some, others, strict=True):
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(a, b)


def test_none_is_the_frozen_path(model_file):
    nlp = v2(model_file, "none")
    assert is_frozen(model_in(nlp))
    equal(nlp, frozen(model_file))


POOLING = {"pool_query", "word_weights"}
"""Which listeners do not teach: they learn from token vectors."""


@pytest.mark.parametrize("learns", ["none", *LEARNS])
@pytest.mark.parametrize("name", ["small", "en_small"])
def test_what_may_learn_learns_and_all_else_stays(model_file, learns, name):
    nlp = v2(model_file if name == "small" else name, learns)
    before = tensors_of(nlp)
    nlp, _, _, losses = trained(model_file if name == "small" else name, learns)
    assert losses[-1] < losses[0]
    after = tensors_of(nlp)
    assert set(after) == set(before)
    changed = {name for name in after if not np.array_equal(after[name], before[name])}
    if learns == "none":
        assert changed == set()
        return
    stay = {"words", "table_scale", *POOLING}
    if name == "small":
        assert changed == set(after) - stay - ({"table"} if learns == "blocks" else set())
    else:  # the table is stored in fewer bits, and as float32 where it learns
        assert changed & {"table", *stay} <= ({"table"} if learns == "all" else set())
        assert {"attribute_rows", "blocks.0.input_weight", "blocks.0.query"} <= changed


def test_only_the_rows_that_were_seen_learn(model_file):
    before = tensors_of(v2(model_file, "all"))["table"]
    nlp, examples, _, _ = trained(model_file, "all")
    vocabulary = served(model_in(nlp)).encoder.vocabulary
    seen = {row for each in examples for token in each.x for row in vocabulary.bag(token.norm_)}
    changed = np.flatnonzero((tensors_of(nlp)["table"] != before).any(axis=1))
    assert set(changed.tolist()) == seen


@pytest.mark.parametrize("learns", LEARNS)
def test_predictions_follow_every_update(model_file, learns):
    nlp, examples, optimizer, _ = trained(model_file, learns, steps=2)
    before, model = everything(nlp), model_in(nlp)
    nlp.update(examples, sgd=optimizer)
    after = everything(nlp)
    assert np.abs(after[0][0][0] - before[0][0][0]).max() > 1e-4
    assert not set(after[1]) & set(before[1])
    docs = [nlp.make_doc(text) for text in TEXTS]
    for a, b in zip(model.predict(docs), model.begin_update(docs)[0], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("learns", LEARNS)
def test_initialised_again_it_starts_from_the_pretrained_weights_again(model_file, learns):
    # Adam would count a gradient of zeros, where there was none at first.
    nlp, examples, sgd, losses = trained(model_file, learns, optimizer=SGD(0.1))
    assert losses[-1] < losses[2]
    fresh = v2(model_file, learns)
    fix_random_seed(0)
    nlp.initialize(lambda: examples)
    equal(nlp, fresh)
    again = [nlp.update(examples, sgd=sgd)["tagger"] for _ in range(len(losses))]
    np.testing.assert_allclose(again, losses, rtol=1e-6)


@pytest.mark.parametrize("learns", ["none", *LEARNS])
def test_every_copy_says_the_same_with_the_same_stamp_and_learns_on(model_file, tmp_path, learns):
    nlp, *_ = trained(model_file, learns)
    nlp.to_disk(tmp_path)
    copies = [
        spacy.load(tmp_path),
        spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes()),
        pickle.loads(pickle.dumps(spacy.load(tmp_path))),
    ]
    for other in copies:
        equal(nlp, other)
    for other in copies:  # of the first, listeners have sent gradients since its last update
        optimizer = Adam(0.02)
        for _ in range(3):
            other.update(examples_for(other), sgd=optimizer)
    for other in copies[1:]:
        equal(copies[0], other)
    copies[0].to_disk(tmp_path)
    equal(copies[0], spacy.load(tmp_path))
    equal(copies[0], nlp.from_bytes(copies[0].to_bytes()))


def test_en_small_that_has_learnt_is_saved(tmp_path):
    nlp, *_ = trained("en_small", "all", steps=3)
    nlp.to_disk(tmp_path)
    other = spacy.load(tmp_path)
    equal(nlp, other)
    assert len(set(everything(other, ["the cat"])[1]) | set(everything(nlp, ["a"])[1])) == 1


@pytest.mark.parametrize("learns", LEARNS)
@pytest.mark.parametrize("way", [copy.deepcopy, lambda model: model.copy()])
def test_a_copied_model_learns_alone(model_file, learns, way):
    nlp, *_ = trained(model_file, learns)
    model, docs = model_in(nlp), [nlp.make_doc(text) for text in TEXTS]
    want, other = model.predict(docs), way(model)
    vectors, backprop = other.begin_update(docs)
    backprop([np.ones_like(part) for part in vectors])
    other.finish_update(Adam(0.1))
    assert np.abs(other.predict(docs)[0] - want[0]).max() > 1e-3
    for a, b in zip(model.predict(docs), want, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("learns", ["none", *LEARNS])
@pytest.mark.parametrize("damage", ["gone", "damaged", "another"])
def test_a_saved_pipeline_needs_its_file_no_more(tmp_path, learns, damage):
    file = tmp_path / "own.safetensors"
    save(random_weights(WORDS), file)
    nlp, *_ = trained(file, learns, steps=2)
    nlp.to_disk(tmp_path / "pipeline")
    if damage == "gone":
        file.unlink()
    elif damage == "damaged":
        file.write_bytes(file.read_bytes()[:-9])
    else:
        save(random_weights(WORDS[::-1], seed=9), file)
    other = spacy.load(tmp_path / "pipeline")
    equal(nlp, other)
    optimizer = Adam(0.02)
    before = tensors_of(other)
    for _ in range(3):
        other.update(examples_for(other), sgd=optimizer)
    after = tensors_of(other)
    assert any((after[name] != before[name]).any() for name in after) == (learns != "none")
    other.to_disk(tmp_path / "again")
    equal(other, spacy.load(tmp_path / "again"))


@pytest.mark.parametrize("learns", ["none", *LEARNS])
def test_a_missing_file_is_named_when_it_is_used(tmp_path, learns):
    nlp = v2("/no/such.safetensors", learns)
    uses = [lambda: nlp("a cat"), lambda: nlp.to_disk(tmp_path / "p")]
    for use in [*uses, *([] if learns == "none" else [nlp.initialize])]:
        with pytest.raises(WeightsError, match=r"/no/such\.safetensors: expected a file of sali"):
            use()


def test_it_does_not_start_afresh_where_the_file_is_gone(tmp_path):
    file = tmp_path / "own.safetensors"
    save(random_weights(WORDS), file)
    nlp, examples, _, _ = trained(file)
    nlp.to_disk(tmp_path / "pipeline")
    file.unlink()
    other = spacy.load(tmp_path / "pipeline")
    with pytest.raises(WeightsError, match=r"own\.safetensors: expected a file of salience"):
        other.initialize(lambda: examples)


REFUSED = {
    "cell": ({"cell": "linear"}, "expected no cell where pretrained is a model.*got 'linear'"),
    "words": ({"words": None}, "expected no words where pretrained is a model"),
    "depth": ({"depth": 2}, "expected no depth where pretrained is a model"),
    "window": ({"window": None}, "expected no window where pretrained is a model"),
    "width": ({"width": 128}, "expected width = 16, that of .*, got 128; leave it out"),
    "rows": ({"rows": [5]}, "attrs and rows must be as many, got 2 and 1"),
    "no rows": ({"rows": []}, "attrs and rows must be as many, got 2 and 0"),
    "an attribute": ({"attrs": ["NROM", "SHAPE"]}, "attrs must be names of spaCy's attributes"),
    "rows of 0": ({"rows": [5, 0]}, "rows must be a whole number >= 1"),
    "nothing": (
        {"pretrained": None, "attrs": [], "rows": [], "words": None}, "nothing to embed; give at"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("learns", LEARNS)
def test_options_that_do_not_fit_are_refused_by_name(model_file, name, learns):
    changes, text = REFUSED[name]
    nlp = spacy.blank("en")
    model = {**SMALL, "pretrained": str(model_file), "learns": learns, **changes}
    with pytest.raises(RangeError, match="^Encoder\\.v2: .*" + text):
        nlp.add_pipe("salience", config={"model": model})


def test_a_frozen_one_of_no_model_is_to_be_loaded():
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {**SMALL, "pretrained": None, "learns": "none"}})
    with pytest.raises(WeightsError, match="expected a frozen encoder to be loaded from a saved"):
        nlp("the cat")


@pytest.mark.parametrize("changes", [{"learns": "some"}, {"cell": "lstm"}, {"fusion": "sum"}])
def test_other_kinds_are_refused_by_the_config(changes):
    with pytest.raises(ValueError, match=r"Config error for 'salience\.Encoder\.v2'"):
        spacy.blank("en").add_pipe("salience", config={"model": {**SMALL, **changes}})


def test_an_unknown_model():
    with pytest.raises(RangeError, match=r"^pretrained: expected one of .*, got 'no_such_model'$"):
        v2("no_such_model")


@pytest.mark.filterwarnings("ignore:.*W109.*")
@pytest.mark.parametrize("learns", LEARNS)
def test_worker_processes_say_the_same(model_file, learns, monkeypatch):
    first, *_ = trained(model_file, learns)
    # What listeners keep of an update cannot be pickled, so that it is another pipeline.
    nlp = spacy.blank("en").from_config(first.config).from_bytes(first.to_bytes())
    here = [doc.tensor for doc in first.pipe(TEXTS * 2)]
    for method in ("fork", "spawn"):
        monkeypatch.setattr("spacy.language.mp", get_context(method))
        there = nlp.pipe(TEXTS * 2, n_process=2, batch_size=4)
        for doc, want in zip(there, here, strict=True):
            np.testing.assert_array_equal(doc.tensor, want)


@pytest.mark.parametrize("learns", ["none", *LEARNS])
def test_replaced_listeners_predict_the_same(model_file, tmp_path, learns):
    nlp, examples, optimizer, _ = trained(model_file, learns)
    docs = [example.x for example in examples]
    nlp.get_pipe("salience").set_annotations(docs, nlp.get_pipe("salience").predict(docs))
    want = nlp.get_pipe("tagger").model.predict(docs)
    nlp.replace_listeners("salience", "tagger", ["model.tok2vec"])
    nlp.remove_pipe("salience")
    nlp.to_disk(tmp_path)
    for each in (nlp, spacy.load(tmp_path)):
        for a, b in zip(each.get_pipe("tagger").model.predict(docs), want, strict=True):
            np.testing.assert_array_equal(a, b)
    assert nlp.update(examples, sgd=optimizer)["tagger"] >= 0


@pytest.mark.parametrize("learns", ["none", *LEARNS])
def test_it_is_one_file_with_a_digest(model_file, tmp_path, learns):
    nlp, *_ = trained(model_file, learns)
    folder = tmp_path / "salience"
    nlp.get_pipe("salience").to_disk(folder)
    assert sorted(each.name for each in folder.iterdir()) == ["cfg", "model.safetensors", "vocab"]
    content = (folder / "model.safetensors").read_bytes()
    before = everything(nlp)
    for place in range(5, len(content), len(content) // 40):
        changed = bytearray(content)
        changed[place] ^= 4
        (folder / "model.safetensors").write_bytes(bytes(changed))
        with pytest.raises(WeightsError, match=r"salience: cannot load .*model\.safetensors: "):
            nlp.get_pipe("salience").from_disk(folder)
    for a, b in zip(everything(nlp)[0], before[0], strict=True):
        np.testing.assert_array_equal(a[0], b[0])


@pytest.mark.parametrize("learns", LEARNS)
def test_what_has_learnt_is_served_as_a_pretrained_model(model_file, tmp_path, learns):
    nlp, *_ = trained(model_file, learns)
    nlp.to_disk(tmp_path)
    equal(nlp, v2(tmp_path / "salience" / "model.safetensors", "none"))
    again = v2(tmp_path / "salience" / "model.safetensors", learns)
    again.initialize()
    equal(nlp, again)


@pytest.mark.parametrize("name", ["two", "three", "projected documents", "received"])
def test_a_model_of_any_settings_goes_on_learning(tmp_path, name):
    file = tmp_path / "own.safetensors"
    save(random_encoder(ENCODERS[name], WORDS), file)
    for some, others in zip(everything(v2(file))[0], everything(frozen(file))[0], strict=True):
        for a, b in zip(some, others, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5 * max(1, np.abs(b).max(initial=0)))
    nlp, _, _, losses = trained(file, "all", steps=12)
    assert losses[-1] < losses[0]
    nlp.to_disk(tmp_path / "pipeline")
    equal(nlp, spacy.load(tmp_path / "pipeline"))


def test_a_fresh_start_has_a_pooling_that_is_even_but_for_its_words(model_file):
    nlp = spacy.blank("en")
    model = {**SMALL, "pretrained": None, "width": 8, "words": str(model_file)}
    nlp.add_pipe("salience", config={"model": model})
    nlp.initialize()
    layers = live_of(model_in(nlp)).layers(model_in(nlp))
    assert not layers.pooling.get_param("u").any()
    weights = load(model_file).tensors["word_weights"]
    np.testing.assert_array_equal(layers.words.logits.table[:, 0], weights)
    doc = nlp("the cat sat")
    vocabulary = layers.words.vocabulary
    own = np.exp([weights[vocabulary.bag(token.norm_)].mean() for token in doc])
    np.testing.assert_allclose(doc._.salience, own / own.sum(), rtol=1e-5)
    np.testing.assert_allclose(doc._.salience_vector, doc._.salience @ doc.tensor, rtol=1e-5)
    model["words"] = None
    other = spacy.blank("en")
    other.add_pipe("salience", config={"model": model})
    other.initialize()
    np.testing.assert_allclose(other("the cat sat")._.salience, 1 / 3, rtol=1e-6)
