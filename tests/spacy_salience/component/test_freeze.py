"""A pipeline that has learnt is frozen, and serves the same vectors."""

import numpy as np
import pytest
import spacy
from spacy.training import Example

from spacy_salience import freeze

from ..conftest import TEXTS

SHAPES = {
    "blocks": {"learns": "blocks"},
    "all": {"learns": "all"},
    "fresh": {"pretrained": None, "words": None, "width": 16},
    "deep": {"pretrained": None, "words": None, "width": 16, "depth": 2, "cell": "tanh"},
}


def trained(model_file, options):
    nlp = spacy.blank("en")
    model = {"@architectures": "salience.Encoder.v2", "pretrained": str(model_file), **options}
    nlp.add_pipe("salience", config={"model": model})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "salience"}
    nlp.add_pipe("tagger", config={"model": {"@architectures": "spacy.Tagger.v2",
                                             "tok2vec": listener}})  # fmt: skip
    words, tags = "the cat sat on a mat".split(), "D N V P D N".split()
    doc = nlp.make_doc(" ".join(words))
    examples = [Example.from_dict(doc, {"words": words, "tags": tags})]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(3):
        nlp.update(examples, sgd=optimizer)
    return nlp, examples


@pytest.mark.parametrize("shape", SHAPES)
def test_vectors_tags_and_stamps_stay_and_nothing_learns(model_file, tmp_path, shape):
    nlp, examples = trained(model_file, SHAPES[shape])
    before = list(nlp.pipe(TEXTS))
    assert freeze(nlp) is nlp
    assert not nlp.get_pipe("salience").learns
    nlp.to_disk(tmp_path)
    for other in (nlp, spacy.load(tmp_path)):
        for doc, want in zip(other.pipe(TEXTS), before, strict=True):
            np.testing.assert_allclose(doc.tensor, want.tensor, rtol=1e-6, atol=1e-6)
            np.testing.assert_allclose(doc._.salience, want._.salience, rtol=1e-6, atol=1e-6)
            assert [token.tag_ for token in doc] == [token.tag_ for token in want]
            assert doc._.salience_stamp == want._.salience_stamp
    frozen = nlp(TEXTS[0]).tensor
    nlp.update(examples, sgd=nlp.resume_training())
    np.testing.assert_array_equal(nlp(TEXTS[0]).tensor, frozen)


def test_a_frozen_pipeline_stays_as_it_is(nlp):
    model = nlp.get_pipe("salience").model
    config = nlp.config.to_str()
    assert freeze(nlp).get_pipe("salience").model is model
    assert nlp.config.to_str() == config
