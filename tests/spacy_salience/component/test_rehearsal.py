"""nlp.rehearse, where spaCy has it: components with an encoder of ours of their own."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

from ..models.test_network import SMALL
from ..models.test_network_training import LISTENER, examples_for, tagger
from ..models.test_pooled import NETWORK

POOLED = {"@architectures": "salience.Pooled.v1", "exclusive_classes": True, "tok2vec": NETWORK}


def parameters(model):
    return [np.array(node.get_param(name)) for node in model.walk() for name in node.param_names]


def trained(name, config, steps=20):
    nlp = spacy.blank("en")
    nlp.add_pipe(name, config=config)
    examples = examples_for(nlp)
    fix_random_seed(0)
    nlp.initialize(lambda: examples)
    for _ in range(steps):
        nlp.update(examples, sgd=Adam(0.02))
    return nlp, examples


@pytest.mark.parametrize(
    ("name", "config"), [("tagger", tagger(SMALL)), ("textcat", {"model": POOLED})]
)
def test_rehearsing_pulls_weights_back_to_what_was_learnt(name, config):
    nlp, examples = trained(name, config)
    model = nlp.get_pipe(name).model
    docs = [example.reference for example in examples]
    learnt = np.concatenate([np.atleast_2d(y) for y in model.predict(docs)])
    nlp.resume_training(sgd=Adam(0.01))
    assert nlp.rehearse(examples)[name] == pytest.approx(0, abs=1e-5)

    gold = Doc(nlp.vocab, words=["a", "mat"], tags=["VERB", "VERB"])
    gold.cats = {label: float(not place) for place, label in enumerate(nlp.get_pipe(name).labels)}
    wrong = [Example(nlp.make_doc("a mat"), gold)]
    for _ in range(5):
        nlp.update(wrong, sgd=Adam(0.02))
    forgot = distance(model, docs, learnt)
    before = parameters(model)
    for _ in range(30):
        losses = nlp.rehearse(examples)
    after = parameters(model)
    assert losses[name] > 0
    assert all(np.isfinite(array).all() for array in after)
    moved = [np.abs(a - b).max() > 0 for a, b in zip(after, before, strict=True)]
    assert all(moved)
    assert distance(model, docs, learnt) < forgot / 2


def distance(model, docs, learnt):
    return np.abs(np.concatenate([np.atleast_2d(y) for y in model.predict(docs)]) - learnt).max()


CNN = {"@architectures": "spacy.HashEmbedCNN.v2", "width": 8, "depth": 1, "embed_size": 50,
       "window_size": 1, "maxout_pieces": 2, "subword_features": True,
       "pretrained_vectors": None}  # fmt: skip


@pytest.mark.parametrize(("factory", "model"), [("salience", SMALL), ("tok2vec", CNN)])
def test_on_a_shared_encoder_it_is_spacy_that_cannot_rehearse(factory, model):
    """spaCy's own tok2vec is refused alike: rehearse() leaves the listened-to component out."""
    nlp = spacy.blank("en")
    nlp.add_pipe(factory, config={"model": model})
    nlp.add_pipe("tagger", config=tagger({**LISTENER, "upstream": factory}))
    examples = examples_for(nlp)
    nlp.initialize(lambda: examples)
    nlp.resume_training()
    with pytest.raises(ValueError, match="E203"):
        nlp.rehearse(examples)
    nlp.update(examples[:1])
    with pytest.raises(ValueError, match="E953"):
        nlp.rehearse(examples)
