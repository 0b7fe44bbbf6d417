"""spaCy's stock components learn from the component's vectors."""

import pytest
import spacy
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.training import Example

from spacy_salience.listeners.listen import listen, watch

from ..conftest import pipeline

TAGGER = {
    "model": {
        "@architectures": "spacy.Tagger.v2",
        "tok2vec": {
            "@architectures": "spacy.Tok2VecListener.v1",
            "width": 16,
            "upstream": "salience",
        },
    }
}
SENTENCES = [
    (["the", "cat", "sat"], ["DET", "NOUN", "VERB"]),
    (["a", "dog", "was", "warm"], ["DET", "NOUN", "VERB", "ADJ"]),
    (["the", "house", "was", "cold"], ["DET", "NOUN", "VERB", "ADJ"]),
]


@pytest.fixture
def trained(model_file):
    nlp = pipeline(model_file)
    nlp.add_pipe("tagger", config=TAGGER)
    examples = [
        Example.from_dict(spacy.tokens.Doc(nlp.vocab, words=words), {"words": words, "tags": tags})
        for words, tags in SENTENCES
    ]
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.05
    before = nlp.get_pipe("salience").to_bytes(exclude=["vocab"])
    for _ in range(60):
        losses = nlp.update(examples, sgd=optimizer)
    return nlp, losses, before


def test_a_tagger_learns_on_top(trained):
    nlp, losses, _ = trained
    assert losses["tagger"] < 0.5
    assert [token.tag_ for token in nlp("the dog was cold")] == ["DET", "NOUN", "VERB", "ADJ"]


def test_the_weights_stay_frozen(trained):
    nlp, _, before = trained
    assert nlp.get_pipe("salience").to_bytes(exclude=["vocab"]) == before


def test_the_trained_pipeline_is_saved_whole(trained, tmp_path):
    nlp, _, _ = trained
    nlp.to_disk(tmp_path)
    other = spacy.load(tmp_path)
    assert [t.tag_ for t in other("a cat sat")] == [t.tag_ for t in nlp("a cat sat")]


def test_listeners_can_be_replaced(trained):
    nlp, _, _ = trained
    before = [token.tag_ for token in nlp("the dog was cold")]
    nlp.replace_listeners("salience", "tagger", ["model.tok2vec"])
    nlp.remove_pipe("salience")
    assert [token.tag_ for token in nlp("the dog was cold")] == before


def test_a_listener_of_another_class_keeps_its_own_way():
    def of_their_own(model, docs, is_train):
        return [], lambda d_vectors: []

    own, theirs = (Tok2VecListener("salience", 16) for _ in range(2))
    theirs._func = of_their_own
    for each in (own, theirs):
        watch(each, "tagger")
    assert (own._func, theirs._func) == (listen, of_their_own)
    assert own.read_in == theirs.read_in == "tagger"
