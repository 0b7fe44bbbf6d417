"""What each token added to a classifier's scores: it adds up to them."""

import numpy as np
import pytest
import spacy

from salience.errors import AnnotationError
from spacy_salience import reasons

from ..models.test_pooled import (
    BAD,
    GOOD,
    LISTENER,
    NETWORK,
    exclusive_or_not,
    sigmoid,
    softmax,
    trained,
)


@exclusive_or_not
@pytest.mark.parametrize("tok2vec", [NETWORK, LISTENER], ids=["own", "listener"])
def test_reasons_add_up_to_the_scores(exclusive, tok2vec):
    nlp, _ = trained(exclusive, tok2vec, steps=15)
    for text in [*GOOD, *BAD, "unheard of", "x"]:
        doc = nlp(text)
        found = reasons(nlp.get_pipe("textcat"), doc)
        assert found.labels == ("GOOD", "BAD")
        assert found.contributions.shape == (len(doc), 2)
        assert found.weights.shape == (len(doc),)
        assert (found.weights > 0).all()
        np.testing.assert_allclose(found.weights.sum(), 1, atol=1e-6)
        logits = found.contributions.sum(axis=0) + found.bias
        np.testing.assert_allclose(
            found.scores, softmax(logits) if exclusive else sigmoid(logits), atol=1e-5
        )
        np.testing.assert_allclose(found.scores, list(doc.cats.values()), atol=1e-6)


def test_reasons_name_the_words_that_decide():
    nlp, _ = trained(True)
    doc = nlp("the cat was warm and happy")
    found = reasons(nlp.get_pipe("textcat"), doc)
    towards_good = found.contributions[:, 0] - found.contributions[:, 1]
    assert doc[int(towards_good.argmax())].text in ("warm", "happy")


def test_reasons_of_another_text_classifier_are_refused():
    nlp = spacy.blank("en")
    text = r"^reasons: expected .* salience\.Pooled\.v1 model, got 'textcat'; set its model's"
    with pytest.raises(AnnotationError, match=text):
        reasons(nlp.add_pipe("textcat"), nlp.make_doc("a"))
    with pytest.raises(AnnotationError, match="got 'sentencizer'"):
        reasons(nlp.add_pipe("sentencizer"), nlp.make_doc("a"))
    with pytest.raises(AnnotationError, match="got 'NoneType'"):
        reasons(None, nlp.make_doc("a"))


@pytest.mark.parametrize("lost", ["tensor", "rows"])
def test_a_listener_s_reasons_need_the_tensor_that_it_listens_to(lost):
    nlp, _ = trained(True, LISTENER, steps=2)
    doc = nlp("it was a happy dog")
    if lost == "tensor":
        doc.tensor = np.zeros((0,), dtype=np.float32)
    else:
        with doc.retokenize() as retokenizer:
            retokenizer.split(doc[3], ["hap", "py"], heads=[doc[3], doc[4]])
    with pytest.raises(AnnotationError, match=r"expected one row (a|for each of the 6) token"):
        reasons(nlp.get_pipe("textcat"), doc)
