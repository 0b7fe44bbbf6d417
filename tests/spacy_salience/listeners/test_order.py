"""A listener takes its own upstream's vectors, in whatever pipeline, or says whose it found."""

import pickle

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from salience.errors import PipelineError, ShapeError
from spacy_salience import reasons

from ..models.test_pooled import NETWORK

WIDTH = NETWORK["width"]
WRONG = (
    r"tagger: expected doc\.tensor as its upstream 'tok2vec' writes it, found that of '{0}', which "
    r"stands between the two; put '{0}' behind all components that listen to 'tok2vec': "
    r'nlp\.add_pipe\(\.\.\., name="{0}", after="tagger"\)'
)
NONE = r"^{}: expected doc\.tensor as its upstream 'salience' writes it, found none; "


def listener(upstream, width=WIDTH):
    return {"@architectures": "spacy.Tok2VecListener.v1", "width": width, "upstream": upstream}


def tagger(upstream, width=WIDTH):
    return {"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": listener(upstream, width)}}


def examples_for(nlp):
    cats = {"GOOD": 1.0, "BAD": 0.0}
    given = {"tags": ["A", "B", "A"], "cats": cats}
    return [Example.from_dict(nlp.make_doc(text), given) for text in ("a warm cat", "the cat sat")]


def spacys(width=WIDTH, upstream="tok2vec"):
    """A pipeline as spaCy's are, with a tagger that listens to tok2vec."""
    nlp = spacy.blank("en")
    tok2vec = {
        "@architectures": "spacy.HashEmbedCNN.v2", "width": width, "depth": 1, "embed_size": 50,
        "window_size": 1, "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None,
    }  # fmt: skip
    nlp.add_pipe("tok2vec", config={"model": tok2vec})
    nlp.add_pipe("tagger", config=tagger(upstream, width))
    nlp.initialize(lambda: examples_for(nlp))
    return nlp


def with_salience(nlp, name="salience", **place):
    component = nlp.add_pipe("salience", name=name, config={"model": NETWORK}, **place)
    component.initialize(lambda: examples_for(nlp))
    return nlp


@pytest.mark.parametrize("width", [WIDTH, 12])
@pytest.mark.parametrize("name", ["salience", "second"])
def test_between_tok2vec_and_what_listens_to_it_it_is_refused(width, name):
    nlp = with_salience(spacys(width), name, after="tok2vec")
    wrong = "^" + WRONG.format(name)
    with pytest.raises(PipelineError, match=wrong):
        nlp("a warm cat")
    with pytest.raises(PipelineError, match=wrong):
        list(nlp.pipe(["a warm cat"] * 3))
    with pytest.raises(PipelineError, match=wrong):
        nlp.initialize(lambda: examples_for(nlp))
    with pytest.raises(ValueError, match=rf"(?s)E871.*{WRONG.format(name)}"):
        list(nlp.pipe(["a warm cat"] * 3, n_process=2))
    with pytest.raises(PipelineError, match=wrong):
        nlp.get_pipe("tagger").predict([nlp.get_pipe(name)(nlp.make_doc("a cat"))])


@pytest.mark.parametrize("place", [{"last": True}, {"first": True}, {"after": "tagger"}])
def test_elsewhere_nothing_changes(place):
    nlp = spacys()
    examples = examples_for(nlp)
    for _ in range(20):
        nlp.update(examples, sgd=Adam(0.05))
    want = [token.tag_ for token in nlp("a warm cat")]
    assert set(want) == {"A", "B"}
    doc = with_salience(nlp, **place)("a warm cat")
    assert [token.tag_ for token in doc] == want
    assert np.isfinite(doc.similarity(nlp("the cat")))
    nlp.initialize(lambda: examples)


def test_the_order_is_looked_at_again_when_it_changes():
    nlp = with_salience(spacys())
    nlp("a cat")
    salience = nlp.remove_pipe("salience")[1]
    nlp.add_pipe("salience", source=pipeline_of(salience), after="tok2vec")
    with pytest.raises(PipelineError, match=WRONG.format("salience")):
        nlp("a cat")
    nlp.disable_pipe("salience")
    nlp("a cat")
    with nlp.select_pipes(disable=["tagger"]):
        nlp("a cat")
    nlp.enable_pipe("salience")
    nlp.rename_pipe("salience", "mine")
    with pytest.raises(PipelineError, match=WRONG.format("mine")):
        nlp("a cat")
    nlp.replace_listeners("tok2vec", "tagger", ["model.tok2vec"])
    nlp("a cat")


def pipeline_of(component):
    nlp = with_salience(spacy.blank("en"))
    nlp.get_pipe("salience").from_bytes(component.to_bytes())
    return nlp


@pytest.mark.parametrize("how", ["disable", "pickle"])
def test_what_was_disabled_when_it_was_loaded_is_looked_at(tmp_path, how):
    with_salience(spacys(), after="tok2vec").to_disk(tmp_path)
    if how == "pickle":
        nlp = pickle.loads(pickle.dumps(spacy.load(tmp_path)))
    else:
        nlp = spacy.load(tmp_path, disable=["salience"])
        nlp("a cat")
        nlp.enable_pipe("salience")
    with pytest.raises(PipelineError, match=WRONG.format("salience")):
        nlp("a cat")


@Language.component("merge_two")
def merge_two(doc):
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    return doc


def test_merged_tokens_between_are_no_other_component():
    nlp = with_salience(spacys(), first=True)
    nlp.add_pipe("merge_two", after="salience")
    assert len(nlp("a warm cat")) == 2
    nlp = with_salience(spacys(), after="tok2vec")
    nlp.add_pipe("merge_two", after="salience")
    with pytest.raises(PipelineError, match=WRONG.format("salience")):
        nlp("a warm cat")
    own = listens_to_salience()
    own.add_pipe("merge_two", after="salience")
    assert len(own("a warm cat")) == 2


def listens_to_salience(upstream="salience", **more):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": NETWORK})
    nlp.add_pipe("tagger", config=tagger(upstream))
    pooled = {
        "@architectures": "salience.Pooled.v1", "exclusive_classes": True,
        "tok2vec": listener(upstream),
    }  # fmt: skip
    nlp.add_pipe("textcat", config={"model": pooled})
    nlp.initialize(lambda: examples_for(nlp))
    return nlp


def test_another_writer_between_salience_and_what_listens_to_it_is_refused():
    nlp, other = listens_to_salience(), spacys()
    nlp.add_pipe("tok2vec", source=other, after="salience")
    text = (
        r"^tagger: expected doc\.tensor as its upstream 'salience' writes it, found that of "
        r"'tok2vec', which stands between the two; put 'tok2vec' behind all components that listen "
        r"to 'salience': nlp\.add_pipe\(\.\.\., name=\"tok2vec\", after=\"textcat\"\)"
    )
    with pytest.raises(PipelineError, match=text):
        nlp("a warm cat")
    with pytest.raises(PipelineError, match=text):
        nlp.initialize(lambda: examples_for(nlp))


@pytest.mark.parametrize("behind_the_reader", [False, True])
def test_of_several_writers_between_the_last_one_is_named(behind_the_reader):
    nlp, other = listens_to_salience(), spacys()
    nlp.add_pipe("tok2vec", source=other, after="salience")
    place = {"last": True} if behind_the_reader else {"after": "tok2vec"}
    nlp.add_pipe("tok2vec", source=other, name="second", **place)
    last = "tok2vec" if behind_the_reader else "second"
    with pytest.raises(PipelineError, match=f"^tagger: .* that of '{last}', which stands between"):
        nlp("a warm cat")


def test_two_of_salience_are_told_apart():
    nlp = with_salience(listens_to_salience(), "second", after="salience")
    with pytest.raises(PipelineError, match="'salience' writes it, found that of 'second', which"):
        nlp("a warm cat")
    nlp.remove_pipe("second")
    doc = with_salience(nlp, "second", last=True)("a warm cat")
    assert doc.cats


def test_a_listener_before_its_upstream_is_refused_in_training():
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger", config=tagger("salience"))
    nlp.add_pipe("salience", config={"model": NETWORK})
    with pytest.raises((PipelineError, ShapeError), match=r"^tagger: .* before it, whose vectors"):
        nlp.initialize(lambda: examples_for(nlp))


def test_a_listener_to_any_upstream_takes_the_last_one_of_its_width(model_file):
    assert listens_to_salience("*")("a cat").cats
    nlp = spacys(12, "*")
    nlp.add_pipe("salience", config={"model": {"pretrained": str(model_file)}}, after="tok2vec")
    text = r"^tagger: expected vectors of width 12 of its upstream '\*', found .* width 16, "
    with pytest.raises(PipelineError, match=text + "written by 'salience'"):
        nlp("a cat")


def test_a_renamed_component_is_still_the_upstream():
    nlp = listens_to_salience()
    want = nlp("a warm cat").cats
    nlp.rename_pipe("salience", "vectors")
    assert nlp("a warm cat").cats == want


@pytest.mark.parametrize("how", ["exclude", "disable", "select_pipes", "remove_pipe"])
def test_a_classifier_whose_upstream_is_missing_says_so(tmp_path, how):
    nlp = listens_to_salience()
    nlp.remove_pipe("tagger")
    nlp.to_disk(tmp_path)
    assert nlp("").cats
    if how in ("exclude", "disable"):
        nlp = spacy.load(tmp_path, **{how: ["salience"]})
    elif how == "remove_pipe":
        nlp.remove_pipe("salience")
    else:
        nlp.select_pipes(disable=["salience"])
    with pytest.raises(PipelineError, match=NONE.format("(textcat|a listener)") + "'salience' is"):
        nlp("a warm cat")
    assert nlp("").cats


def test_any_listener_says_so_once_it_has_been_linked():
    nlp = listens_to_salience()
    nlp.select_pipes(enable=["tagger"])
    with pytest.raises(PipelineError, match=NONE.format("tagger") + ".*replace_listeners"):
        nlp("a warm cat")


def test_starting_and_training_need_no_vectors_before(tmp_path):
    nlp = listens_to_salience()
    optimizer = nlp.initialize(lambda: examples_for(nlp))
    nlp.update(examples_for(nlp), sgd=optimizer)
    with nlp.select_pipes(disable=["textcat"]):
        nlp.update(examples_for(nlp), sgd=Adam(0.01), exclude=["salience"], annotates=["salience"])
    nlp.get_pipe("textcat").initialize(lambda: examples_for(nlp), nlp=nlp)
    assert len(reasons(nlp.get_pipe("textcat"), nlp("a cat")).weights) == 2


def test_frozen_and_annotating_in_a_wrong_order_is_refused():
    nlp = with_salience(spacys(), after="tok2vec")
    with pytest.raises(PipelineError, match=WRONG.format("salience")):
        nlp.update(examples_for(nlp), exclude=["tok2vec", "salience"],
                   annotates=["tok2vec", "salience"])  # fmt: skip


@pytest.mark.parametrize(
    "way", [Doc.copy, lambda doc: doc[:].as_doc(), lambda doc: doc[1:].as_doc()]
)
def test_copies_and_parts_go_on_to_listeners(way):
    nlp = listens_to_salience()
    doc = nlp("a warm cat")
    assert nlp.get_pipe("tagger")(way(doc)).text.endswith("warm cat")
